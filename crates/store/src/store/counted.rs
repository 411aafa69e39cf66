//! How often the backend is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::backend::testing::{Note, block_on, key, note, on_disk, open};
use crate::backend::{Batch, BoxFuture, Range, Row};

/// A backend, and how often it was asked for rows.
struct Counted {
    backend: Box<dyn Backend>,
    asked: Arc<AtomicUsize>,
}

impl Counted {
    fn ask(&self) -> &dyn Backend {
        self.asked.fetch_add(1, Ordering::Relaxed);
        &*self.backend
    }
}

impl Backend for Counted {
    fn get(&self, index: &[u8]) -> BoxFuture<'_, Result<Option<Row>, StoreError>> {
        self.ask().get(index)
    }

    fn get_all(
        &self,
        indexes: Vec<Vec<u8>>,
    ) -> BoxFuture<'_, Result<Vec<Option<Row>>, StoreError>> {
        self.ask().get_all(indexes)
    }

    fn scan(&self, range: Range, limit: usize) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        self.ask().scan(range, limit)
    }

    fn count(&self, range: Range) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.ask().count(range)
    }

    fn commit(&self, batch: Batch) -> BoxFuture<'_, Result<(), CommitError>> {
        self.backend.commit(batch)
    }

    fn verify(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.backend.verify()
    }

    fn checkpoint(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.backend.checkpoint()
    }

    fn erase(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.backend.erase()
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.backend.close()
    }

    fn reset(&self) -> bool {
        self.backend.reset()
    }
}

/// What a store holds, that nobody else has a handle to.
fn alone(store: Store) -> Inner {
    let Handles { inner, own } = Arc::into_inner(store.0).unwrap();
    drop(own);
    Arc::into_inner(inner).unwrap()
}

#[test]
fn a_page_is_one_question() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let asked = Arc::new(AtomicUsize::new(0));
        let opened = open(on_disk(dir.path())).await;
        let Inner {
            backend,
            parts,
            disk,
            ..
        } = alone(opened);
        let counted = Counted {
            backend,
            asked: Arc::clone(&asked),
        };
        let store = Inner::start(Box::new(counted), parts, disk);
        let names: Vec<String> = (0..100).map(|n| n.to_string()).collect();
        let mut txn = store.begin();
        for name in &names {
            txn.put(key(name), note(name));
        }
        store.commit(txn, None).await.unwrap();
        let keys: Vec<Key> = names.iter().map(|name| key(name)).collect();
        for _ in 0..2 {
            let found = store.begin().get_all::<Note>(&keys).await.unwrap();
            assert_eq!(found.iter().flatten().count(), 100);
            // The second time all of them are at hand.
            assert_eq!(asked.load(Ordering::Relaxed), 1);
        }
        let absent = [key("1"), key("absent")];
        store.begin().get_all::<Note>(&absent).await.unwrap();
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    });
}
