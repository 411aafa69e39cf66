//! Waiting for commits below a key.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch::{Receiver, Sender};
use tokio::sync::{Mutex as TurnMutex, OwnedMutexGuard};

use crate::key::{Key, RowId};

/// A table, and the bytes of a prefix of its keys.
type Place = (&'static str, Vec<u8>);

/// Who waits for which records.
#[derive(Default)]
pub(crate) struct Watches {
    waited: Mutex<HashMap<Place, Waited>>,
    /// How many prefixes are waited for: a commit that nobody waits for looks no further.
    count: AtomicUsize,
}

/// What is waited for below a key.
struct Waited {
    /// How many commits wrote there since somebody waits.
    commits: Sender<u64>,
    turn: Arc<TurnMutex<Option<Nothing>>>,
}

/// What somebody found who looked and found nothing.
#[derive(Clone, Copy)]
struct Nothing {
    /// How many commits there were before the look.
    commits: u64,
    /// When there may be something without another commit, if that is known.
    until_millis: Option<i64>,
}

/// The turn of one of those who wait for the same: the others wait until it is over. What it finds
/// out they need not find out again.
pub struct Turn {
    commits: u64,
    nothing: OwnedMutexGuard<Option<Nothing>>,
}

/// Tells of commits that wrote records below a key, from the moment on when it was made.
pub struct Watch {
    watches: Arc<Watches>,
    place: Place,
    receiver: Option<Receiver<u64>>,
    turn: Arc<TurnMutex<Option<Nothing>>>,
}

impl Watches {
    /// Watches the records of `table` below `prefix`.
    pub(crate) fn watch(self: &Arc<Self>, table: &'static str, prefix: &Key) -> Watch {
        let place = (table, prefix.as_bytes().to_vec());
        let mut waited = self.waited();
        let known = waited.entry(place.clone()).or_insert_with(|| Waited {
            commits: Sender::new(0),
            turn: Arc::default(),
        });
        let (receiver, turn) = (known.commits.subscribe(), Arc::clone(&known.turn));
        self.count.store(waited.len(), Ordering::SeqCst);
        Watch {
            watches: Arc::clone(self),
            place,
            receiver: Some(receiver),
            turn,
        }
    }

    /// Tells that a record was written or deleted.
    pub(crate) fn tell(&self, row: &RowId) {
        if self.count.load(Ordering::SeqCst) == 0 {
            return;
        }
        let waited = self.waited();
        for prefix in row.key.prefixes() {
            if let Some(known) = waited.get(&(row.table, prefix.to_vec())) {
                known.commits.send_modify(|commits| *commits += 1);
            }
        }
    }

    fn waited(&self) -> MutexGuard<'_, HashMap<Place, Waited>> {
        self.waited.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch {
    /// Waits for the next commit that was not told of yet.
    pub async fn changed(&mut self) {
        if let Some(receiver) = &mut self.receiver {
            // The sender stays as long as anybody listens.
            let _ = receiver.changed().await;
        }
    }

    /// Waits for the turn among those who wait for the same. Commits before it count as told of.
    pub async fn turn(&mut self) -> Turn {
        let nothing = Arc::clone(&self.turn).lock_owned().await;
        let commits = self.receiver.as_mut();
        let commits = commits.map_or(0, |receiver| *receiver.borrow_and_update());
        Turn { commits, nothing }
    }
}

impl Turn {
    /// When there may be something without another commit, as far as that is known, where somebody
    /// looked since the last commit and found nothing; none where it is to be looked.
    pub fn nothing_until(&self) -> Option<Option<i64>> {
        let known = self.nothing.filter(|known| known.commits == self.commits);
        known.map(|known| known.until_millis)
    }

    /// Notes that a look in this turn found nothing, and when there may be something.
    pub fn found_nothing(&mut self, until_millis: Option<i64>) {
        *self.nothing = Some(Nothing {
            commits: self.commits,
            until_millis,
        });
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.receiver = None;
        let mut waited = self.watches.waited();
        let known = waited.get(&self.place);
        if known.is_some_and(|known| known.commits.receiver_count() == 0) {
            waited.remove(&self.place);
        }
        self.watches.count.store(waited.len(), Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn row(table: &'static str, key: Key) -> RowId {
        RowId {
            table,
            service: "s",
            key,
            index: Vec::new(),
        }
    }

    fn has_changed(watch: &mut Watch) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        pin!(watch.changed()).poll(&mut context) == Poll::Ready(())
    }

    #[test]
    fn tells_of_what_is_below_the_key_and_of_nothing_else() {
        let watches = Arc::new(Watches::default());
        let queue = Key::new("1", "r", ["a"]);
        let mut watch = watches.watch("t", &queue);
        let others = [
            ("t", Key::new("1", "r", ["b", "x"])),
            ("u", Key::new("1", "r", ["a", "x"])),
            ("t", Key::new("1", "r", [""; 0])),
        ];
        for (table, key) in others {
            watches.tell(&row(table, key));
            assert!(!has_changed(&mut watch));
        }
        watches.tell(&row("t", queue.clone().with("x")));
        assert!(has_changed(&mut watch));
        assert!(!has_changed(&mut watch), "once for each time");
        watches.tell(&row("t", queue.clone()));
        assert!(has_changed(&mut watch));
        let second = watches.watch("t", &queue);
        drop(watch);
        assert_eq!(watches.count.load(Ordering::SeqCst), 1);
        drop(second);
        assert_eq!(watches.count.load(Ordering::SeqCst), 0);
        assert!(watches.waited().is_empty());
    }

    /// A thousand that wait for the same would all look for it after each commit.
    #[tokio::test]
    async fn sec_w2_who_waits_does_not_look_for_what_another_did_not_find() {
        let watches = Arc::new(Watches::default());
        let place = || Key::new("1", "r", ["a"]);
        let mut waiting: Vec<Watch> = (0..10).map(|_| watches.watch("t", &place())).collect();
        let mut looks = 0;
        for commit in 1..=3 {
            watches.tell(&row("t", place().with("x")));
            for watch in &mut waiting {
                assert!(has_changed(watch));
                let mut turn = watch.turn().await;
                if turn.nothing_until().is_none() {
                    looks += 1;
                    turn.found_nothing(Some(7));
                }
                assert_eq!(turn.nothing_until(), Some(Some(7)));
            }
            assert_eq!(looks, commit);
        }
        // A commit during a turn is for the next one.
        let mut turn = waiting[0].turn().await;
        watches.tell(&row("t", place().with("y")));
        turn.found_nothing(None);
        drop(turn);
        assert!(has_changed(&mut waiting[0]));
        assert_eq!(waiting[0].turn().await.nothing_until(), None);
    }
}
