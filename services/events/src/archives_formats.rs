//! Archives as earlier versions wrote them.

use std::collections::BTreeMap;

use platform::Derived;
use serde::Deserialize;
use store::{Migrate, OldFormat};

use crate::archives::{ArchiveRecord, ArchivesRecord};

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

impl Migrate for ArchivesRecord {
    type Previous = ArchivesV1;

    fn migrate(previous: ArchivesV1) -> Self {
        let archive = |old: ArchiveV1| ArchiveRecord {
            id: old.id,
            description: old.description,
            pattern: old.pattern,
            created_millis: old.created_millis,
            retention_days: 0,
            compiled: Derived::default(),
        };
        let archives = previous.archives.into_iter();
        Self {
            bus: previous.bus,
            archives: archives.map(|(name, old)| (name, archive(old))).collect(),
        }
    }
}
