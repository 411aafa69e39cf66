//! Waiting for commits below a key.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch::{Receiver, Sender};

use crate::key::{Key, RowId};

/// A table, and the bytes of a prefix of its keys.
type Place = (&'static str, Vec<u8>);

/// Who waits for which records.
#[derive(Default)]
pub(crate) struct Watches {
    waited: Mutex<HashMap<Place, Sender<()>>>,
    /// How many prefixes are waited for: a commit that nobody waits for looks no further.
    count: AtomicUsize,
}

/// Tells of commits that wrote records below a key, from the moment on when it was made.
pub struct Watch {
    watches: Arc<Watches>,
    place: Place,
    receiver: Option<Receiver<()>>,
}

impl Watches {
    /// Watches the records of `table` below `prefix`.
    pub(crate) fn watch(self: &Arc<Self>, table: &'static str, prefix: &Key) -> Watch {
        let place = (table, prefix.as_bytes().to_vec());
        let mut waited = self.waited();
        let sender = waited.entry(place.clone());
        let receiver = sender.or_insert_with(|| Sender::new(())).subscribe();
        self.count.store(waited.len(), Ordering::SeqCst);
        Watch {
            watches: Arc::clone(self),
            place,
            receiver: Some(receiver),
        }
    }

    /// Tells that a record was written or deleted.
    pub(crate) fn tell(&self, row: &RowId) {
        if self.count.load(Ordering::SeqCst) == 0 {
            return;
        }
        let waited = self.waited();
        for prefix in row.key.prefixes() {
            if let Some(sender) = waited.get(&(row.table, prefix.to_vec())) {
                sender.send_replace(());
            }
        }
    }

    fn waited(&self) -> MutexGuard<'_, HashMap<Place, Sender<()>>> {
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
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.receiver = None;
        let mut waited = self.watches.waited();
        let sender = waited.get(&self.place);
        if sender.is_some_and(|sender| sender.receiver_count() == 0) {
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
}
