//! Records as they were once written. They decode for ever: a sample is added with every format,
//! and none is ever changed.

use platform::Derived;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::lifetime::{Action, Clause};
use crate::parameter::{Kind, ParameterRecord, Sharing, Tier, Version, VersionRecord};
use crate::schedule::ScheduleRecord;
use crate::secret::Content;
use crate::setting::SettingRecord;
use crate::tier::TierRecord;

const PARAMETER_1: &[u8] =
    b"\x01n\x01i\x04\x02\x01\x00\x01v\x01\x01k\x04text\x01\x01d\x01\x01p\x02\x01m\x02\x01\x01l\x04\
    \x01\x01k\x01v\x03\x02{}\x00\x06\x01\x02{}\x01\x04\x01\x02{}\x02\x02\x01\x01\x01i\x01h\x01d";
const VERSION_1: &[u8] = b"\x04\x02\x01\x01\x01\x07\x01\x01k\x04text\x01\x01d\x01\x01p\x02\x01m";
const SEALED_1: &[u8] =
    b"\x04\x02\x01\x02\x01\x08\x01\x09\x01\x01k\x04text\x01\x01d\x01\x01p\x02\x01m";
const SCHEDULE_1: &[u8] = b"\x01a\x01r\x01n\x08";
const SETTING_1: &[u8] = b"\x01v\x0a\x01m";

#[test]
fn records_of_format_1_decode() {
    let text = |text: &str| text.to_owned();
    let clause = |action| Clause {
        text: text("{}"),
        action,
        is_done: true,
    };
    let parameter = ParameterRecord {
        name: text("n"),
        id: text("i"),
        current: version(Content::Plain(text("v"))),
        oldest: 1,
        labels: vec![(text("l"), 2)],
        tags: vec![(text("k"), text("v"))],
        clauses: vec![
            clause(Action::Expire { at_millis: 3 }),
            clause(Action::Warn { at_millis: 2 }),
            clause(Action::Remind { after_millis: 1 }),
        ],
        sharing: Some(Sharing {
            id: text("i"),
            hash: text("h"),
            document: text("d"),
        }),
        parsed: Derived::default(),
    };
    check(&parameter, PARAMETER_1);
    let former = VersionRecord(version(Content::Encrypted(vec![7])));
    check(&former, VERSION_1);
    let sealed = VersionRecord(version(Content::Sealed {
        data_key: vec![8],
        sealed: vec![9],
    }));
    check(&sealed, SEALED_1);
    check(&TierRecord, b"");
    let entry = ScheduleRecord {
        account: text("a"),
        region: text("r"),
        name: text("n"),
        due_millis: 4,
    };
    check(&entry, SCHEDULE_1);
    let setting = SettingRecord {
        value: text("v"),
        modified_millis: 5,
        modified_by: text("m"),
    };
    check(&setting, SETTING_1);
}

fn version(content: Content) -> Version {
    Version {
        number: 2,
        kind: Kind::SecureString,
        tier: Tier::Advanced,
        content,
        key_id: Some("k".to_owned()),
        data_type: "text".to_owned(),
        description: Some("d".to_owned()),
        allowed_pattern: Some("p".to_owned()),
        modified_millis: 1,
        modified_by: "m".to_owned(),
    }
}

fn check<R: Serialize + DeserializeOwned>(record: &R, sample: &[u8]) {
    let written = postcard::to_stdvec(record).expect("bytes");
    assert_eq!(written, sample, "{}", written.escape_ascii());
    let decoded: R = postcard::from_bytes(sample).expect("a sample");
    assert_eq!(postcard::to_stdvec(&decoded).expect("bytes"), sample);
}
