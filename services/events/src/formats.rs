//! Records as they were once written. They decode for ever: a sample is added with every format,
//! and none is ever changed.

use std::collections::BTreeMap;

use platform::Derived;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::Record as _;

use crate::archives::{ArchiveRecord, ArchivedEvent, ArchivesRecord};
use crate::bus::BusRecord;
use crate::expiry::Expiring;
use crate::listening::Listening;
use crate::replays::{PendingReplay, ReplayRecord};
use crate::rules::{RuleRecord, RulesRecord};
use crate::scheduled::DueRule;
use crate::targets::TargetRecord;
use crate::trail_events::JournalPlace;

const BUS_2: &[u8] = b"\x01b\x01\x01d\x01\x02{}\x01\x01k\x01v\x02\x04\x01\x01q";
const BUS_1: &[u8] = b"\x01b\x01\x01d\x01\x02{}\x01\x01k\x01v\x02\x04";
const RULES_1: &[u8] =
    b"\x01\x01r\x01\x02{}\0\x07ENABLED\x01\x01d\x011\x01\x01k\x01v\x01\x01t\x01a";
const RULES_2: &[u8] =
    b"\x01\x01r\x01\x02{}\0\x07ENABLED\x01\x01d\x011\x01\x01k\x01v\x01\x01t\x01a\0\0\0\0\0";
const RULES_3: &[u8] =
    b"\x01\x01r\x01\x02{}\0\x07ENABLED\x01\x01d\x011\x01\x01k\x01v\x01\x01t\x01a\0\0\0\0\x01\x01g\x01\x01q\0";
const ARCHIVES_1: &[u8] = b"\x01b\x01\x01a\x01i\x01\x01d\x01\x02{}\x02";
const ARCHIVES_2: &[u8] = b"\x01b\x01\x01a\x01i\x01\x01d\x01\x02{}\x02\x0e";
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
        dead_letters: Some(text("q")),
        parsed: Derived::default(),
    };
    check(&bus, BUS_2);
    let old = BusRecord::decode_older(1, BUS_1).expect("a sample");
    let bus = BusRecord {
        dead_letters: None,
        ..bus
    };
    let bytes = |bus: &BusRecord| postcard::to_stdvec(bus).expect("bytes");
    assert_eq!(bytes(&old), bytes(&bus));
    let target = TargetRecord {
        id: text("t"),
        arn: text("a"),
        group: Some(text("g")),
        dead_letters: Some(text("q")),
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
    check(&rules, RULES_3);
    for target in rules.rules.values_mut().flat_map(|rule| &mut rule.targets) {
        (target.group, target.dead_letters) = (None, None);
    }
    for (format, sample) in [(1, RULES_1), (2, RULES_2)] {
        let old = RulesRecord::decode_older(format, sample).expect("a sample");
        let bytes = |rules: &RulesRecord| postcard::to_stdvec(rules).expect("bytes");
        assert_eq!(bytes(&old), bytes(&rules));
    }
    let archive = ArchiveRecord {
        id: text("i"),
        description: Some(text("d")),
        pattern: Some(text("{}")),
        created_millis: 1,
        retention_days: 7,
        compiled: Derived::default(),
    };
    let mut archives = ArchivesRecord {
        bus: text("b"),
        archives: BTreeMap::from([(text("a"), archive)]),
    };
    check(&archives, ARCHIVES_2);
    let older = ArchivesRecord::decode_older(1, ARCHIVES_1).expect("a sample");
    let same = |record: &ArchivesRecord| postcard::to_stdvec(record).expect("bytes");
    for archive in archives.archives.values_mut() {
        archive.retention_days = 0;
    }
    assert_eq!(same(&older), same(&archives));
    let archived = ArchivedEvent {
        at_millis: 1,
        event: text("{}"),
    };
    check(&archived, ARCHIVED_1);
}

#[test]
fn records_of_what_nobody_puts_decode() {
    let text = |text: &str| text.to_owned();
    let (account, region) = (text("1"), text("r"));
    let due = DueRule {
        account: account.clone(),
        region: region.clone(),
        rule: text("n"),
        expression: text("e"),
        since_secs: 1,
        next_secs: 2,
    };
    check(&due, b"\x011\x01r\x01n\x01e\x02\x04");
    let listening = Listening {
        account: account.clone(),
        region: region.clone(),
        reads: true,
    };
    check(&listening, b"\x011\x01r\x01");
    let expiring = Expiring {
        account: account.clone(),
        region: region.clone(),
        bus: text("b"),
    };
    check(&expiring, b"\x011\x01r\x01b");
    check(&JournalPlace { next: 200 }, b"\xc8\x01");
    let name = text("n");
    let pending = PendingReplay {
        account,
        region,
        name,
    };
    check(&pending, b"\x011\x01r\x01n");
    let replay = ReplayRecord {
        name: text("n"),
        description: Some(text("d")),
        archive: text("a"),
        archive_id: text("i"),
        bus: text("b"),
        filter_arns: vec![text("f")],
        range_millis: (1, 2),
        state: text("s"),
        reason: Some(text("w")),
        last: Some((3, text("l"))),
        started_millis: 4,
        ended_millis: 5,
    };
    let sample =
        b"\x01n\x01\x01d\x01a\x01i\x01b\x01\x01f\x02\x04\x01s\x01\x01w\x01\x06\x01l\x08\x0a";
    check(&replay, sample);
}

fn check<R: Serialize + DeserializeOwned>(record: &R, sample: &[u8]) {
    assert_eq!(postcard::to_stdvec(record).expect("bytes"), sample);
    let decoded: R = postcard::from_bytes(sample).expect("a sample");
    assert_eq!(postcard::to_stdvec(&decoded).expect("bytes"), sample);
}
