//! What trails log, for EventBridge, which learns of calls only where a trail logs.

use platform::{LoggedCalls, PortFuture, Result, Trails};
use store::{Key, Txn};

use crate::trail::{PendingTrail, TrailRecord};

/// All trails.
pub struct LoggingTrails;

impl Trails for LoggingTrails {
    fn logging<'a>(&'a self, txn: &'a mut Txn) -> PortFuture<'a, Vec<LoggedCalls>> {
        Box::pin(logging(txn))
    }
}

async fn logging(txn: &mut Txn) -> Result<Vec<LoggedCalls>> {
    let all = Key::new("", "", [] as [&str; 0]);
    let (mut after, mut found) = (None, Vec::new());
    loop {
        let page = txn.scan::<PendingTrail>(&all, after.as_ref(), 1000).await?;
        for (_, pending) in &page.rows {
            let place = TrailRecord::place(&pending.account, &pending.region, &pending.name);
            let trail = txn.get::<TrailRecord>(&place).await?;
            found.extend(
                trail
                    .filter(|trail| trail.is_logging())
                    .map(|trail| logged(&trail)),
            );
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(found),
        }
    }
}

fn logged(trail: &TrailRecord) -> LoggedCalls {
    LoggedCalls {
        account: trail.account.clone(),
        region: (!trail.is_multi_region).then(|| trail.region.clone()),
        has_global_services: trail.has_global_events,
        reads: true,
        writes: true,
        excluded_sources: Vec::new(),
    }
}
