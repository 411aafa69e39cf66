//! Formats of buses that are read and no longer written.

use platform::Derived;
use serde::Deserialize;
use store::{Migrate, OldFormat};

use crate::bus::BusRecord;

/// Before buses had dead-letter queues.
#[derive(Deserialize)]
pub(crate) struct BusRecord1 {
    name: String,
    description: Option<String>,
    policy: Option<String>,
    tags: Vec<(String, String)>,
    created_millis: i64,
    modified_millis: i64,
}

impl OldFormat for BusRecord1 {
    const FORMAT: u8 = 1;
}

impl Migrate for BusRecord {
    type Previous = BusRecord1;

    fn migrate(previous: BusRecord1) -> Self {
        Self {
            name: previous.name,
            description: previous.description,
            policy: previous.policy,
            tags: previous.tags,
            created_millis: previous.created_millis,
            modified_millis: previous.modified_millis,
            dead_letters: None,
            parsed: Derived::default(),
        }
    }
}
