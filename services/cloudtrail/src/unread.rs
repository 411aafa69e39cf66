//! How far back in the journal trails still have to read.

use platform::{Result, Upkeep};
use store::Key;

use crate::trail::{PendingTrail, TrailRecord};

/// The first event that a trail of any account has not delivered yet; `None` if none waits for one.
pub async fn first_undelivered(upkeep: &Upkeep) -> Result<Option<u64>> {
    let all = Key::new("", "", [] as [&str; 0]);
    let mut txn = upkeep.begin();
    let (mut after, mut first) = (None, None);
    loop {
        let page = txn.scan::<PendingTrail>(&all, after.as_ref(), 1000).await?;
        for (_, pending) in &page.rows {
            let place = TrailRecord::place(&pending.account, &pending.region, &pending.name);
            let trail = txn.get::<TrailRecord>(&place).await?;
            let ranges = trail.iter().flat_map(|trail| &trail.ranges);
            first = ranges.map(|(first, _)| *first).chain(first).min();
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(first),
        }
    }
}
