//! Records as they were once written. They decode for ever: a sample is added with every format,
//! and none is ever changed.

use platform::Derived;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::attempt::{AttemptRecord, Shown};
use crate::encryption::DataKeyRecord;
use crate::heap::HeapRecord;
use crate::lanes::{LaneRecord, LanedRecord, PageRecord};
use crate::message::{
    Attribute, AttributeValue, Content, ContentRecord, MessageRecord, WrappedDataKey,
};
use crate::queue::{DeletedRecord, QueueRecord};
use crate::settings::Settings;

const QUEUE_1: &[u8] = b"\x01n\x01i\x01h\x01\x0cDelaySeconds\x015\x01\x01k\x01v\x02\x04\x06";
const DELETED_1: &[u8] = b"\x02";
const HEAP_1: &[u8] = b"\x01a\x01r\x01n\x01q\x01";
const MESSAGE_1: &[u8] = b"\x01i\x05\x01s\x02\x04\x03\x01\x02\x06\x01\x07\x07\x07\x07\x07\x07\x07\
    \x07\x07\x07\x07\x07\x07\x07\x07\x07\x01\x01g\x01\x01d\x01\x01a";
const CONTENT_1: &[u8] = b"\x01b\x02\x01t\x06String\x00\x01v\x01b\x06Binary\x01\x01\x09\x01\x01x";
const ATTEMPT_1: &[u8] =
    b"\x02\x01\x01i\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x04";
const SEALED_1: &[u8] = b"\x01\x01k\x01q\x01\x08\x02\x01\x02";
const DATA_KEY_1: &[u8] = b"\x01n\x02\x01k\x01q\x01\x08";

#[test]
fn records_of_format_1_decode() {
    let text = |text: &str| text.to_owned();
    let settings = Settings::new(&[(text("DelaySeconds"), text("5"))]);
    let queue = QueueRecord {
        name: text("n"),
        id: text("i"),
        heap: text("h"),
        settings: settings.ok().expect("settings"),
        tags: vec![(text("k"), text("v"))],
        created_millis: 1,
        modified_millis: 2,
        purged_millis: 3,
        parsed: Derived::default(),
    };
    check(&queue, QUEUE_1);
    check(&DeletedRecord { at_millis: 1 }, DELETED_1);
    let heap = HeapRecord {
        account: text("a"),
        region: text("r"),
        name: text("n"),
        queue: text("q"),
        is_left: true,
    };
    check(&heap, HEAP_1);
    let message = MessageRecord {
        id: text("i"),
        serial: 5,
        sender: text("s"),
        sent_millis: 1,
        visible_millis: 2,
        receives: 3,
        received_millis: Some((1, 3)),
        receipt: Some([7; 16]),
        group: Some(text("g")),
        deduplication: Some(text("d")),
        source: Some(text("a")),
    };
    check(&message, MESSAGE_1);
    let shown = Shown {
        message_id: text("i"),
        receipt: [7; 16],
        visible_millis: 2,
    };
    let attempt = AttemptRecord {
        at_millis: 1,
        shown: vec![shown],
    };
    check(&attempt, ATTEMPT_1);
}

#[test]
fn contents_of_format_1_decode() {
    let text = |text: &str| text.to_owned();
    let attribute = |name: &str, data_type: &str, value| Attribute {
        name: text(name),
        data_type: text(data_type),
        value,
    };
    let content = Content {
        body: text("b"),
        attributes: vec![
            attribute("t", "String", AttributeValue::Text(text("v"))),
            attribute("b", "Binary", AttributeValue::Binary(vec![9])),
        ],
        trace: Some(text("x")),
    };
    check(&content, CONTENT_1);
    let wrapped = WrappedDataKey {
        kms_key: text("k"),
        queue_arn: text("q"),
        blob: vec![8],
    };
    let sealed = ContentRecord {
        data_key: Some(wrapped.clone()),
        content: vec![1, 2],
    };
    check(&sealed, SEALED_1);
    let data_key = DataKeyRecord {
        named: text("n"),
        made_millis: 1,
        wrapped,
    };
    check(&data_key, DATA_KEY_1);
}

#[test]
fn lanes_of_format_1_decode() {
    let lane = LaneRecord {
        group: "g".to_owned(),
        serial: 5,
        sent_millis: 1,
        visible_millis: 2,
        first: 3,
        last: 4,
    };
    check(&lane, b"\x01g\x05\x02\x04\x03\x04");
    let ids = vec!["i".to_owned()];
    check(&PageRecord { ids }, b"\x01\x01i");
    check(&LanedRecord {}, b"");
}

fn check<R: Serialize + DeserializeOwned>(record: &R, sample: &[u8]) {
    assert_eq!(postcard::to_stdvec(record).expect("bytes"), sample);
    let decoded: R = postcard::from_bytes(sample).expect("a sample");
    assert_eq!(postcard::to_stdvec(&decoded).expect("bytes"), sample);
}
