//! Records as they were once written. They decode for ever: a sample is added with every format,
//! and none is ever changed.

use std::collections::BTreeMap;

use platform::{Delivery, Derived};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::Record as _;
use zeroize::Zeroizing;

use crate::api_destination::ApiDestinationRecord;
use crate::archives::{ArchiveRecord, ArchivedEvent, ArchivesRecord, WeightRecord};
use crate::bus::BusRecord;
use crate::connection::{Auth, ConnectionRecord, Hidden, Parameter, Parameters};
use crate::dispatch::Payload;
use crate::encryption::{NamedKey, Sealed, Text};
use crate::expiry::Expiring;
use crate::listening::Listening;
use crate::replays::{PendingReplay, ReplayRecord};
use crate::rules::{RuleRecord, RulesRecord};
use crate::scheduled::DueRule;
use crate::targets::TargetRecord;
use crate::trail_events::JournalPlace;

const BUS_3: &[u8] = b"\x01b\x01\x01d\x01\x02{}\x01\x01k\x01v\x02\x04\x01\x01q\x01\x01n\x01a";
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
const ARCHIVES_3: &[u8] = b"\x01b\x01\x01a\x01i\x01\x01d\x01\x02{}\x02\x0e\x01\x01n\x01a";
const ARCHIVED_2_PLAIN: &[u8] = b"\x02\x04\x01i\0\x02{}";
const ARCHIVED_2_SEALED: &[u8] = b"\x02\x04\x01i\x01\x01b\x01k\x02\x01m";
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
        kms_key: Some(named_key()),
        parsed: Derived::default(),
    };
    check(&bus, BUS_3);
    let bytes = |bus: &BusRecord| postcard::to_stdvec(bus).expect("bytes");
    let old = BusRecord::decode_older(2, BUS_2).expect("a sample");
    let bus = BusRecord {
        kms_key: None,
        ..bus
    };
    assert_eq!(bytes(&old), bytes(&bus));
    let old = BusRecord::decode_older(1, BUS_1).expect("a sample");
    let bus = BusRecord {
        dead_letters: None,
        ..bus
    };
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
}

#[test]
fn records_of_archives_decode() {
    let text = |text: &str| text.to_owned();
    let archive = ArchiveRecord {
        id: text("i"),
        description: Some(text("d")),
        pattern: Some(text("{}")),
        created_millis: 1,
        retention_days: 7,
        kms_key: Some(named_key()),
        compiled: Derived::default(),
    };
    let mut archives = ArchivesRecord {
        bus: text("b"),
        archives: BTreeMap::from([(text("a"), archive)]),
    };
    check(&archives, ARCHIVES_3);
    let same = |record: &ArchivesRecord| postcard::to_stdvec(record).expect("bytes");
    for archive in archives.archives.values_mut() {
        archive.kms_key = None;
    }
    let older = ArchivesRecord::decode_older(2, ARCHIVES_2).expect("a sample");
    assert_eq!(same(&older), same(&archives));
    let older = ArchivesRecord::decode_older(1, ARCHIVES_1).expect("a sample");
    for archive in archives.archives.values_mut() {
        archive.retention_days = 0;
    }
    assert_eq!(same(&older), same(&archives));
    let mut archived = ArchivedEvent {
        at_millis: 1,
        happened_millis: 2,
        id: text("i"),
        event: Text::Plain(text("{}")),
    };
    check(&archived, ARCHIVED_2_PLAIN);
    archived.event = Text::Sealed(Sealed::sample());
    check(&archived, ARCHIVED_2_SEALED);
    let older = ArchivedEvent::decode_older(1, ARCHIVED_1).expect("a sample");
    assert_eq!((older.at_millis, older.event.len()), (1, 2));
    let weight = WeightRecord {
        count: 1,
        bytes: 100,
        at_millis: 2,
    };
    check(&weight, b"\x02\xc8\x01\x04");
}

fn named_key() -> NamedKey {
    NamedKey {
        named: "n".to_owned(),
        arn: "a".to_owned(),
    }
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
        since: 3,
        reads_since: 4,
    };
    check(&listening, b"\x011\x01r\x01\x03\x04");
    let older = Listening::decode_older(1, b"\x011\x01r\x01").expect("a sample");
    assert_eq!((older.reads, older.since, older.reads_since), (true, 0, 0));
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

#[test]
fn connections_and_api_destinations_decode() {
    let text = |text: &str| text.to_owned();
    let hidden = |text: &str| Hidden::from(Zeroizing::new(text.to_owned()));
    let parameter = Parameter {
        key: text("k"),
        value: hidden("v"),
        is_secret: false,
    };
    let http = Parameters {
        headers: vec![parameter.clone()],
        query: Vec::new(),
        body: Vec::new(),
    };
    let mut connection = ConnectionRecord {
        name: text("n"),
        id: text("i"),
        description: Some(text("d")),
        auth: Auth::Basic {
            username: text("u"),
        },
        http: http.clone(),
        secret_arn: Some(text("a")),
        kms_key: Some(text("k")),
        state: text("s"),
        reason: Some(text("r")),
        revision: 1,
        created_millis: 1,
        modified_millis: 2,
        authorized_millis: 3,
    };
    let rest = b"\x01\x01k\x01v\0\0\0\x01\x01a\x01\x01k\x01s\x01\x01r\x01\x02\x04\x06";
    let sample = |auth: &[u8]| [b"\x01n\x01i\x01\x01d", auth, rest].concat();
    check(&connection, &sample(b"\0\x01u"));
    connection.auth = Auth::ApiKey { name: text("a") };
    check(&connection, &sample(b"\x01\x01a"));
    connection.auth = Auth::ClientCredentials {
        client_id: text("c"),
        endpoint: text("e"),
        method: text("m"),
        http,
    };
    let auth = b"\x02\x01c\x01e\x01m\x01\x01k\x01v\0\0\0";
    check(&connection, &sample(auth));
    let destination = ApiDestinationRecord {
        name: text("n"),
        id: text("i"),
        description: None,
        connection_arn: text("a"),
        endpoint: text("e"),
        method: text("m"),
        rate: 1,
        created_millis: 1,
        modified_millis: 2,
    };
    check(&destination, b"\x01n\x01i\0\x01a\x01e\x01m\x02\x02\x04");
}

/// What waits to be delivered when a program ends is delivered by the next one, of a later version.
#[test]
fn deliveries_of_older_formats_are_read() {
    // Rule, bus, event; its text; audience, time, target.
    let head = b"\0\x01r\x01n\x011\x01r\x01b\x01i\x01s\x01d".as_slice();
    let rest = b"\0\x02\x01t\x01a\0\0\0\0".as_slice();
    let read = |payload: Vec<u8>| {
        let delivery = Delivery {
            id: String::new(),
            account: String::new(),
            queue: String::new(),
            attempts: 0,
            staged: wire::Timestamp { millis: 0 },
            payload,
        };
        Payload::read(&delivery)
    };
    let check = |old: &[&[u8]], new: &[&[u8]]| {
        let payload = read(old.concat()).ok().expect("a sample");
        assert_eq!(payload.encode().ok().expect("bytes"), new.concat());
    };
    let (plain, sealed): (&[u8], &[u8]) = (b"\0\x02{}", b"\x01\x01b\x01k\x02\x01m");
    let extra = b"\x01\x01g\x01\x01q".as_slice();
    for text in [plain, sealed] {
        let new = [b"\x03", head, text, rest, extra];
        check(&new, &new);
    }
    let new = [b"\x03".as_slice(), head, plain, rest, extra];
    check(&[b"\x02", head, &plain[1..], rest, extra], &new);
    let bare = [b"\x03".as_slice(), head, plain, rest, b"\0\0"];
    check(&[b"\x01", head, &plain[1..], rest], &bare);
    let authorization = b"\x01\x01n\x01i\x07".as_slice();
    for format in [b"\x01", b"\x02", b"\x03"] {
        check(&[format, authorization], &[b"\x03", authorization]);
    }
    // For the targets of further rules: bus, event, audience, time, whether another bus sent it, rules.
    let (head, rest) = (
        b"\x02\x011\x01r\x01b\x01i\x01s\x01d".as_slice(),
        b"\0\x02\0\x01\x01r",
    );
    let new = [b"\x03".as_slice(), head, plain, rest];
    check(&[b"\x02", head, &plain[1..], rest], &new);
    check(&new, &new);
    let lost = b"\x03\x03\x011\x01r\x01b\x02{}\x01q\x01c\x01m".as_slice();
    check(&[lost], &[lost]);
    assert!(read(b"\x04".to_vec()).is_err());
    assert!(read(Vec::new()).is_err());
}

fn check<R: Serialize + DeserializeOwned>(record: &R, sample: &[u8]) {
    assert_eq!(postcard::to_stdvec(record).expect("bytes"), sample);
    let decoded: R = postcard::from_bytes(sample).expect("a sample");
    assert_eq!(postcard::to_stdvec(&decoded).expect("bytes"), sample);
}
