//! Records as they were once written. They decode for ever: a sample is added with every format,
//! and none is ever changed.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::change::ChangeRecord;
use crate::tags::TagRecord;

const CHANGE_1: &[u8] = b"\x02id\x03kms\x03L-1\0\0\0\0\0\0\x14\x40\xd8\x04\x02{}";
const TAGS_1: &[u8] = b"\x01\x01k\x01v";

#[test]
fn records_of_format_1_decode() {
    check(&ChangeRecord::sample(), CHANGE_1);
    let tags = vec![("k".to_owned(), "v".to_owned())];
    check(&TagRecord { tags }, TAGS_1);
}

fn check<R: Serialize + DeserializeOwned>(record: &R, sample: &[u8]) {
    assert_eq!(postcard::to_stdvec(record).expect("bytes"), sample);
    let decoded: R = postcard::from_bytes(sample).expect("a sample");
    assert_eq!(postcard::to_stdvec(&decoded).expect("bytes"), sample);
}
