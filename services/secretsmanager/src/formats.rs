//! Records as they were once written. They decode for ever: a sample is added with every format,
//! and none is ever changed.

use platform::Derived;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::deletion::ScheduleRecord;
use crate::links::{LinkRecord, Side, Status};
use crate::order::{CountRecord, LeafRecord};
use crate::rotation::{CursorRecord, DueRecord, Grant, Managed, Progress, Rotation, Step, Window};
use crate::secret::{Content, Deletion, Replica, SecretRecord, Version, VersionRecord};

const SECRET_1: &[u8] = b"\x01s\x01\x01\x01d\x01\x01k\x01\x01i\x02\x01\x01k\x02\x01w\x01\x01l\
    \x01i\x01\x01k\x01v\x01\x01p\x04\x06\x01\x08\n\x01\x01\x01\x01f\x01\x01\x01s\x01\x01s\x01k\x01g\x01\x0c\x01\x01c\x01\x01h\x0e\
    \x01\x10\x01\x12\x14\x01\x01t\x01r\x01\x02\x01\x01\x01o\x01\x01t\x01\x01r\x01\x01r\x01\x01k\
    \x06InSync\x01\x01m";
const VERSION_1: &[u8] = b"\x01\x08\x01\x09\x01";
const COUNT_1: &[u8] = b"\x02\x01";
const LEAF_1: &[u8] = b"\x01\x05\x01n";
const LINK_1: &[u8] = b"\x01\x01a\x01\x01r\x02\x01\x01m";
const SCHEDULE_1: &[u8] = b"\x01a\x01r\x01n\x08";
const DUE_1: &[u8] = b"\x01a\x01r\x01n\x01s";
const CURSOR_1: &[u8] = b"\x0a";

#[test]
fn records_of_format_1_decode() {
    let text = |text: &str| text.to_owned();
    check(&secret(), SECRET_1);
    let version = VersionRecord {
        data_key: vec![8],
        sealed: vec![9],
        is_binary: true,
    };
    check(&version, VERSION_1);
    let count = CountRecord {
        next: 2,
        present: 1,
    };
    check(&count, COUNT_1);
    let leaf = LeafRecord {
        entries: vec![(5, text("n"))],
    };
    check(&leaf, LEAF_1);
    let link = LinkRecord {
        side: Side::Replica,
        other: text("a"),
        role: Some(text("r")),
        status: Status::Failed,
        message: Some(text("m")),
    };
    check(&link, LINK_1);
    let entry = ScheduleRecord {
        account: text("a"),
        region: text("r"),
        name: text("n"),
        due_millis: 4,
    };
    check(&entry, SCHEDULE_1);
    let due = DueRecord {
        account: text("a"),
        region: text("r"),
        name: text("n"),
        suffix: text("s"),
    };
    check(&due, DUE_1);
    check(&CursorRecord { hour: 5 }, CURSOR_1);
}

fn secret() -> SecretRecord {
    let text = |text: &str| text.to_owned();
    SecretRecord {
        suffix: text("s"),
        number: 1,
        description: Some(text("d")),
        key_id: Some(text("k")),
        versions: vec![Version {
            id: text("i"),
            created_millis: 1,
            key_id: Some(text("k")),
            content: Content::Of(text("w")),
        }],
        labels: vec![(text("l"), text("i"))],
        tags: vec![(text("k"), text("v"))],
        policy: Some(text("p")),
        created_millis: 2,
        changed_millis: 3,
        deletion: Some(Deletion {
            asked_millis: 4,
            due_millis: 5,
        }),
        rotation: Some(Rotation {
            enabled: true,
            function: Some(text("f")),
            managed: Some(Managed {
                superuser: Some(text("s")),
                grants: vec![Grant {
                    secret: text("s"),
                    key: text("k"),
                    id: text("g"),
                }],
            }),
            after_days: Some(6),
            schedule: Some(text("c")),
            duration: Some(text("h")),
            set_millis: 7,
            last_millis: Some(8),
            next: Some(Window {
                opens: 9,
                closes: 10,
            }),
            progress: Some(Progress {
                token: text("t"),
                rotation_token: text("r"),
                is_test: true,
                step: Step::Test,
                is_started: true,
            }),
        }),
        owning_service: Some(text("o")),
        kind: Some(text("t")),
        primary_region: Some(text("r")),
        replicas: vec![Replica {
            region: text("r"),
            key_id: Some(text("k")),
            status: text("InSync"),
            message: Some(text("m")),
        }],
        parsed: Derived::default(),
    }
}

fn check<R: Serialize + DeserializeOwned>(record: &R, sample: &[u8]) {
    let written = postcard::to_stdvec(record).expect("bytes");
    assert_eq!(written, sample, "{}", written.escape_ascii());
    let decoded: R = postcard::from_bytes(sample).expect("a sample");
    assert_eq!(postcard::to_stdvec(&decoded).expect("bytes"), sample);
}
