//! Whether there is room for one thing more, where a quota says how many there may be.
//!
//! A count that is kept beside the things would be written by every call that makes one, and such
//! calls would get in each other's way. So the things themselves are counted, and seldom: after a
//! count, as many calls as half the room that is left pass without another.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use store::{Key, Record};

use crate::ctx::Ctx;
use crate::fault::Result;

/// How many counts are remembered. Forgetting them costs a count each.
const MANY: usize = 10_000;

/// What is left of the room that was found when things were last counted.
#[derive(Default)]
pub(crate) struct Rooms(Mutex<HashMap<(&'static str, Key), Room>>);

struct Room {
    quota: u64,
    left: u64,
}

impl Rooms {
    /// Forgets all counts.
    pub(crate) fn forget(&self) {
        self.rooms().clear();
    }

    /// Takes one from the room that is left, if it is known that there is some.
    fn take(&self, place: &(&'static str, Key), quota: u64) -> bool {
        let mut rooms = self.rooms();
        let known = rooms.get_mut(place).filter(|room| room.quota == quota);
        let Some(room) = known.filter(|room| room.left > 0) else {
            return false;
        };
        room.left -= 1;
        true
    }

    /// Remembers a count. Whether there is room for one.
    fn note(&self, place: (&'static str, Key), quota: u64, count: u64) -> bool {
        let room = quota.saturating_sub(count);
        let mut rooms = self.rooms();
        if rooms.len() >= MANY {
            rooms.clear();
        }
        let left = room / 2;
        rooms.insert(place, Room { quota, left });
        room > 0
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<(&'static str, Key), Room>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ctx {
    /// Whether fewer than `quota` records of a table stand under `prefix`. Calls at the same moment
    /// may be told of the same room.
    pub async fn has_room<R: Record>(&self, prefix: Key, quota: u64) -> Result<bool> {
        let (rooms, place) = (&self.house.rooms, (R::TABLE, prefix));
        if rooms.take(&place, quota) {
            return Ok(true);
        }
        let count = self.house.upkeep.store.count::<R>(&place.1).await?;
        Ok(rooms.note(place, quota, count))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Things are made while there is room, and taken away.
        #[test]
        fn there_are_never_more_than_the_quota(
            quota in 0..40_u64, makes in prop::collection::vec(prop::bool::weighted(0.8), 0..200)
        ) {
            let rooms = Rooms::default();
            let place = || ("t", Key::new("1", "r", [""; 0]));
            let mut count = 0;
            for makes in makes {
                if !makes {
                    count -= u64::from(count > 0);
                    continue;
                }
                let has_room = rooms.take(&place(), quota) || rooms.note(place(), quota, count);
                prop_assert_eq!(has_room, count < quota, "{} of {}", count, quota);
                count += u64::from(has_room);
            }
        }
    }

    #[test]
    fn another_quota_is_another_count() {
        let rooms = Rooms::default();
        let place = || ("t", Key::new("1", "r", [""; 0]));
        assert!(rooms.note(place(), 10, 2));
        assert!(rooms.take(&place(), 10));
        assert!(!rooms.take(&place(), 11));
        assert!(!rooms.note(place(), 2, 2));
        assert!(!rooms.take(&place(), 2));
        rooms.forget();
        assert!(!rooms.take(&place(), 10));
    }
}
