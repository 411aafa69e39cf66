//! What the tests of this crate share.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest::{SHA256, digest};
use crypto::{Keyring, Random, RandomFailure};
use serde::{Deserialize, Serialize};

use crate::{Config, Event, Key, Place, Record, Store};

/// A repeatable source of randomness.
pub(crate) struct Seeded(AtomicU64);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed << 32))
    }
}

impl Random for Seeded {
    fn fill(&self, dest: &mut [u8]) -> Result<(), RandomFailure> {
        for chunk in dest.chunks_mut(32) {
            let counter = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            chunk.copy_from_slice(&digest(&SHA256, &counter).as_ref()[..chunk.len()]);
        }
        Ok(())
    }
}

pub(crate) fn keyring() -> Arc<Keyring> {
    Arc::new(Keyring::generate(&Seeded::new(1)).unwrap())
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    pub(crate) text: String,
}

impl Record for Note {
    const TABLE: &'static str = "test.notes";
    const SERVICE: &'static str = "test";
}

pub(crate) fn note(text: impl Into<String>) -> Note {
    Note { text: text.into() }
}

pub(crate) fn key(part: &str) -> Key {
    Key::new("111122223333", "eu-central-1", [part])
}

pub(crate) fn event(text: &str) -> Event {
    Event {
        now_millis: 1_700_000_000_000,
        payload: text.as_bytes().to_vec(),
        is_marked: false,
    }
}

pub(crate) fn on_disk(path: &Path) -> Config {
    Config::new(Place::Directory(path.to_owned()))
}

/// Opens with a source of randomness that no other opening in the process shares.
pub(crate) async fn open(config: Config) -> Store {
    try_open(config).await.unwrap()
}

pub(crate) async fn try_open(config: Config) -> Result<Store, crate::OpenError> {
    static SEED: AtomicU64 = AtomicU64::new(100);
    let random = Arc::new(Seeded::new(SEED.fetch_add(1, Ordering::Relaxed)));
    Store::open(config, keyring(), random).await
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap()
        .block_on(future)
}
