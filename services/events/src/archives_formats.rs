//! Archives as earlier versions wrote them.

use std::collections::BTreeMap;

use platform::Derived;
use serde::Deserialize;
use store::{DecodeError, Migrate, OldFormat};

use crate::archives::{ArchiveRecord, ArchivedEvent, ArchivesRecord, moment};
use crate::encryption::Text;

/// Before archives had keys.
#[derive(Deserialize)]
pub(crate) struct ArchivesV2 {
    bus: String,
    archives: BTreeMap<String, ArchiveV2>,
}

#[derive(Deserialize)]
struct ArchiveV2 {
    id: String,
    description: Option<String>,
    pattern: Option<String>,
    created_millis: i64,
    retention_days: i32,
}

/// Before archives had a retention.
#[derive(Deserialize)]
pub(crate) struct ArchivesV1 {
    bus: String,
    archives: BTreeMap<String, ArchiveV1>,
}

#[derive(Deserialize)]
struct ArchiveV1 {
    id: String,
    description: Option<String>,
    pattern: Option<String>,
    created_millis: i64,
}

impl OldFormat for ArchivesV1 {
    const FORMAT: u8 = 1;
}

impl OldFormat for ArchivesV2 {
    const FORMAT: u8 = 2;

    fn decode_older(format: u8, bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::decode_previous(format, bytes)
    }
}

impl Migrate for ArchivesV2 {
    type Previous = ArchivesV1;

    fn migrate(previous: ArchivesV1) -> Self {
        let archive = |old: ArchiveV1| ArchiveV2 {
            id: old.id,
            description: old.description,
            pattern: old.pattern,
            created_millis: old.created_millis,
            retention_days: 0,
        };
        let archives = previous.archives.into_iter();
        Self {
            bus: previous.bus,
            archives: archives.map(|(name, old)| (name, archive(old))).collect(),
        }
    }
}

impl Migrate for ArchivesRecord {
    type Previous = ArchivesV2;

    fn migrate(previous: ArchivesV2) -> Self {
        let archive = |old: ArchiveV2| ArchiveRecord {
            id: old.id,
            description: old.description,
            pattern: old.pattern,
            created_millis: old.created_millis,
            retention_days: old.retention_days,
            kms_key: None,
            compiled: Derived::default(),
        };
        let archives = previous.archives.into_iter();
        Self {
            bus: previous.bus,
            archives: archives.map(|(name, old)| (name, archive(old))).collect(),
        }
    }
}

/// Before events in archives were under keys.
#[derive(Deserialize)]
pub(crate) struct ArchivedV1 {
    at_millis: i64,
    event: String,
}

impl OldFormat for ArchivedV1 {
    const FORMAT: u8 = 1;
}

impl Migrate for ArchivedEvent {
    type Previous = ArchivedV1;

    fn migrate(previous: ArchivedV1) -> Self {
        let (happened_millis, id) = moment(&previous.event).unwrap_or_default();
        Self {
            at_millis: previous.at_millis,
            happened_millis,
            id,
            event: Text::Plain(previous.event),
        }
    }
}
