//! What trails log, for EventBridge, which learns of calls only where a trail logs.

use std::sync::Arc;

use platform::{LoggedCalls, PortFuture, Result, Trails, Whose};
use store::{Key, Txn};

use crate::collection;
use crate::event::Event;
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

fn logged(trail: &Arc<TrailRecord>) -> LoggedCalls {
    let account = || Whose::Account(trail.account.clone());
    let organization = trail.organization.clone().map(Whose::Organization);
    let known = Arc::clone(trail);
    LoggedCalls {
        whose: organization.unwrap_or_else(account),
        region: (!trail.is_multi_region).then(|| trail.region.clone()),
        selects: Arc::new(move |number, event| {
            let event = Event::read(event).filter(|_| number >= known.logging_from);
            event.is_some_and(|event| collection::is_wanted(&known, number, &event))
        }),
    }
}
