//! Calls that wait for something to be committed, and calls that would get in each other's way.
//!
//! A queue is read by many at once, and each wants the same first message. So whoever takes one says
//! so to the others in this process until its commit is over ([`Ctx::claim`]); that is for speed
//! alone, since the store refuses whoever comes second.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use store::{Key, Record, Watch};
use wire::Timestamp;

use crate::ctx::Ctx;

/// What calls have claimed that are not over yet.
#[derive(Default)]
pub(crate) struct Claims(Mutex<HashSet<(&'static str, Key)>>);

/// A record that a call has claimed. It ends with the call.
pub(crate) struct Claim {
    claims: Arc<Claims>,
    place: (&'static str, Key),
}

impl Claims {
    fn claim(self: &Arc<Self>, place: (&'static str, Key)) -> Option<Claim> {
        let mut claimed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        claimed.insert(place.clone()).then(|| Claim {
            claims: Arc::clone(self),
            place,
        })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let claims = &self.claims.0;
        let mut claimed = claims.lock().unwrap_or_else(PoisonError::into_inner);
        claimed.remove(&self.place);
    }
}

/// Numbers that only grow, from one start of the program to the next too, as long as its clock is
/// not set back.
#[derive(Default)]
pub(crate) struct Serials(AtomicU64);

/// How many numbers there are to a millisecond.
const TO_A_MILLISECOND: u64 = 1 << 20;

impl Serials {
    fn next(&self, now: Timestamp) -> u64 {
        let millis = u64::try_from(now.millis).unwrap_or_default();
        let least = millis.saturating_mul(TO_A_MILLISECOND);
        let after = |last: u64| Some(last.saturating_add(1).max(least));
        let last = self
            .0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, after);
        last.ok().and_then(after).unwrap_or(least)
    }
}

impl Ctx {
    /// A number greater than all that were given out before, without gaps that mean anything.
    pub fn next_serial(&self) -> u64 {
        self.house.serials.next(self.now)
    }

    /// Tells of commits that write or delete records of a table under `prefix`, from now on.
    pub fn watch<R: Record>(&self, prefix: &Key) -> Watch {
        self.house.upkeep.store.watch::<R>(prefix)
    }

    /// Waits for a commit that `watch` tells of, or for `until`. Returns the time then. Nobody waits
    /// in line meanwhile for what this call had its turn for.
    pub async fn wait(&self, watch: &mut Watch, until: Timestamp) -> Timestamp {
        self.rest();
        let now = self.house.clock.now();
        let left = u64::try_from(until.millis - now.millis).unwrap_or_default();
        let sleep = tokio::time::sleep(Duration::from_millis(left));
        let is_over = tokio::select! {
            () = watch.changed() => false,
            () = sleep => true,
        };
        let now = self.house.clock.now();
        match is_over && now.millis < until.millis {
            true => until,
            false => now,
        }
    }

    /// Says that this call is going to change the record at `key`, until its commit is over. False
    /// where another call of this process has said so.
    pub fn claim<R: Record>(&self, key: &Key) -> bool {
        let claim = self.house.claims.claim((R::TABLE, key.clone()));
        let mut own = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        let is_claimed = claim.is_some();
        own.extend(claim);
        is_claimed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_ends_when_it_is_dropped() {
        let claims = Arc::new(Claims::default());
        let place = || ("t", Key::new("1", "r", ["a"]));
        let claim = claims.claim(place());
        assert!(claim.is_some());
        assert!(claims.claim(place()).is_none());
        assert!(claims.claim(("u", place().1)).is_some());
        drop(claim);
        assert!(claims.claim(place()).is_some());
    }

    #[test]
    fn serials_grow_though_the_clock_does_not() {
        let serials = Serials::default();
        let at = |millis| serials.next(Timestamp { millis });
        let numbers = [at(5), at(5), at(4), at(6), at(0)];
        assert!(
            numbers.is_sorted_by(|one, other| one < other),
            "{numbers:?}"
        );
        assert_eq!(numbers[0], 5 * TO_A_MILLISECOND);
        assert_eq!(numbers[3], 6 * TO_A_MILLISECOND);
    }
}
