//! Records as they were once written. They decode for ever: a sample is added with every format,
//! and none is ever changed.

use std::collections::BTreeMap;

use platform::Derived;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::Record as _;

use crate::archives::{ArchiveRecord, ArchivedEvent, ArchivesRecord};
use crate::bus::BusRecord;
use crate::rules::{RuleRecord, RulesRecord};
use crate::targets::TargetRecord;

const BUS_1: &[u8] = b"\x01b\x01\x01d\x01\x02{}\x01\x01k\x01v\x02\x04";
const RULES_1: &[u8] =
    b"\x01\x01r\x01\x02{}\0\x07ENABLED\x01\x01d\x011\x01\x01k\x01v\x01\x01t\x01a";
const RULES_2: &[u8] =
    b"\x01\x01r\x01\x02{}\0\x07ENABLED\x01\x01d\x011\x01\x01k\x01v\x01\x01t\x01a\0\0\0\0\0";
const ARCHIVES_1: &[u8] = b"\x01b\x01\x01a\x01i\x01\x01d\x01\x02{}\x02";
const ARCHIVED_1: &[u8] = b"\x02\x02{}";

#[test]
fn records_of_format_1_decode() {
    let text = |text: &str| text.to_owned();
    let tags = vec![(text("k"), text("v"))];
    let bus = BusRecord {
        name: text("b"),
        description: Some(text("d")),
        policy: Some(text("{}")),
        tags: tags.clone(),
        created_millis: 1,
        modified_millis: 2,
        parsed: Derived::default(),
    };
    check(&bus, BUS_1);
    let target = TargetRecord {
        id: text("t"),
        arn: text("a"),
        ..TargetRecord::default()
    };
    let rule = RuleRecord {
        pattern: Some(text("{}")),
        schedule: None,
        state: text("ENABLED"),
        description: Some(text("d")),
        creator: text("1"),
        tags,
        targets: vec![target],
        role: None,
    };
    let mut rules = RulesRecord::default();
    rules.rules.insert(text("r"), rule);
    check(&rules, RULES_2);
    let old = RulesRecord::decode_older(1, RULES_1);
    let old = postcard::to_stdvec(&old.expect("a sample")).expect("bytes");
    assert_eq!(old, RULES_2);
    let archive = ArchiveRecord {
        id: text("i"),
        description: Some(text("d")),
        pattern: Some(text("{}")),
        created_millis: 1,
        compiled: Derived::default(),
    };
    let archives = ArchivesRecord {
        bus: text("b"),
        archives: BTreeMap::from([(text("a"), archive)]),
    };
    check(&archives, ARCHIVES_1);
    let archived = ArchivedEvent {
        at_millis: 1,
        event: text("{}"),
    };
    check(&archived, ARCHIVED_1);
}

fn check<R: Serialize + DeserializeOwned>(record: &R, sample: &[u8]) {
    assert_eq!(postcard::to_stdvec(record).expect("bytes"), sample);
    let decoded: R = postcard::from_bytes(sample).expect("a sample");
    assert_eq!(postcard::to_stdvec(&decoded).expect("bytes"), sample);
}
