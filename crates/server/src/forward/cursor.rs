//! How far a destination is, on disk.

use platform::Upkeep;
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use super::destination::Refusal;
use crate::cli::ForwardFrom;

/// The record: one for each kind of destination, so that a log server may move without anything
/// being sent twice or never.
#[derive(Serialize, Deserialize)]
struct ForwardCursor {
    /// The number of the event that is sent next.
    next: u64,
}

impl Record for ForwardCursor {
    const TABLE: &'static str = "audit.forward_cursors";
    const SERVICE: &'static str = "audit";
}

/// The event that a destination gets next.
pub(super) struct Cursor {
    place: Key,
    next: u64,
}

impl Cursor {
    /// The cursor of `destination`; a new one begins where `from` says.
    pub(super) async fn read(
        upkeep: &Upkeep,
        destination: &str,
        from: ForwardFrom,
    ) -> Result<Self, Refusal> {
        let place = Key::new("", "", [destination]);
        let mut txn = upkeep.begin();
        let known = txn.get::<ForwardCursor>(&place).await;
        let known = known.map_err(Refusal::because)?;
        if let Some(known) = known {
            let next = known.next;
            return Ok(Self { place, next });
        }
        let next = match from {
            ForwardFrom::Start => 1,
            ForwardFrom::Now => upkeep.journal_head() + 1,
        };
        let mut cursor = Self { place, next };
        cursor.move_to(upkeep, next).await?;
        Ok(cursor)
    }

    /// The event that `destination` gets next, if it ever got one.
    pub(super) async fn known(upkeep: &Upkeep, destination: &str) -> platform::Result<Option<u64>> {
        let place = Key::new("", "", [destination]);
        let known = upkeep.begin().get::<ForwardCursor>(&place).await?;
        Ok(known.map(|known| known.next))
    }

    /// The number of the event that is sent next.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Moves on, durably.
    pub(super) async fn move_to(&mut self, upkeep: &Upkeep, next: u64) -> Result<(), Refusal> {
        let mut txn = upkeep.begin();
        txn.put(self.place.clone(), ForwardCursor { next });
        let committed = upkeep.commit_part(txn).await;
        if !committed.map_err(Refusal::inside)? {
            return Err(Refusal::because("somebody else moved the cursor"));
        }
        self.next = next;
        Ok(())
    }
}
