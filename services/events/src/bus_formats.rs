//! Formats of buses that are read and no longer written.

use platform::Derived;
use serde::Deserialize;
use store::{DecodeError, Migrate, OldFormat};

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

/// Before buses had keys.
#[derive(Deserialize)]
pub(crate) struct BusRecord2 {
    name: String,
    description: Option<String>,
    policy: Option<String>,
    tags: Vec<(String, String)>,
    created_millis: i64,
    modified_millis: i64,
    dead_letters: Option<String>,
}

impl OldFormat for BusRecord1 {
    const FORMAT: u8 = 1;
}

impl OldFormat for BusRecord2 {
    const FORMAT: u8 = 2;

    fn decode_older(format: u8, bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::decode_previous(format, bytes)
    }
}

impl Migrate for BusRecord2 {
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
        }
    }
}

impl Migrate for BusRecord {
    type Previous = BusRecord2;

    fn migrate(previous: BusRecord2) -> Self {
        Self {
            name: previous.name,
            description: previous.description,
            policy: previous.policy,
            tags: previous.tags,
            created_millis: previous.created_millis,
            modified_millis: previous.modified_millis,
            dead_letters: previous.dead_letters,
            kms_key: None,
            parsed: Derived::default(),
        }
    }
}
