//! Records as they were once written. They decode for ever: a sample is added with every format,
//! and none is ever changed.

use serde::Serialize;
use serde::de::DeserializeOwned;
use store::Record as _;

use crate::digest::{DigestState, LogFile, Previous};
use crate::digest_key::{DigestKeys, samples};
use crate::insights;
use crate::selectors::{Advanced, Basic, DataResources, Field, ReadWrite, Selectors};
use crate::trail::{LogGroup, PendingTrail, TrailRecord};

const TRAIL_1: &str = "0c3131313132323232333333330965752d776573742d3205747261696c046c6f67730101700101010102\
    0104020301040500010c010e010165010975732d656173742d311001016b0168121401016c01690173";
const TRAIL_2: &str = "0c3131313132323232333333330965752d776573742d3205747261696c046c6f67730101700101010102\
    0104020301040500010c010e010165010c3131313132323232333333330975732d656173742d31100104\
    6c6f6773016b0168121401046c6f6773016c01690173000102010101740101760101780101000101016b\
    0176010361726e010167017201017401036f2d3100";
const ADVANCED_1: &str = "010101016e010166010131010132010133010134010135010136";
const PENDING_1: &str = "0c3131313132323232333333330965752d776573742d3205747261696c";
const DIGEST_KEYS_1: &str = "010166020102020304";

pub(crate) fn trail() -> TrailRecord {
    TrailRecord {
        account: "111122223333".to_owned(),
        region: "eu-west-2".to_owned(),
        name: "trail".to_owned(),
        bucket: "logs".to_owned(),
        prefix: Some("p".to_owned()),
        is_multi_region: true,
        has_global_events: true,
        is_validated: true,
        start_millis: Some(1),
        stop_millis: Some(2),
        ranges: vec![(3, Some(4)), (5, None)],
        delivered_millis: Some(6),
        digest_millis: Some(7),
        error: Some("e".to_owned()),
        digests: vec![DigestState {
            account: "111122223333".to_owned(),
            region: "us-east-1".to_owned(),
            since_millis: 8,
            files: vec![LogFile {
                bucket: "logs".to_owned(),
                key: "k".to_owned(),
                hash: "h".to_owned(),
                oldest_millis: 9,
                newest_millis: 10,
            }],
            previous: Some(Previous {
                bucket: "logs".to_owned(),
                key: "l".to_owned(),
                hash: "i".to_owned(),
                signature: "s".to_owned(),
            }),
        }],
        selectors: Selectors::default(),
        insights: Vec::new(),
        tags: Vec::new(),
        kms_key: None,
        log_group: None,
        topic: None,
        organization: None,
        is_recursive: true,
        logged_millis: None,
        log_error: None,
        notified_millis: None,
        notify_error: None,
        logging_from: 0,
        earlier: Vec::new(),
    }
}

fn trail_3() -> String {
    format!("{TRAIL_2}011601016c011801016e")
}

/// One with everything that format 3 added.
fn reported() -> TrailRecord {
    TrailRecord {
        logged_millis: Some(11),
        log_error: Some("l".to_owned()),
        notified_millis: Some(12),
        notify_error: Some("n".to_owned()),
        ..whole()
    }
}

/// One with everything that format 2 added.
fn whole() -> TrailRecord {
    TrailRecord {
        selectors: Selectors::Basic(vec![Basic {
            access: ReadWrite::WriteOnly,
            has_management: true,
            data: vec![DataResources {
                kind: "t".to_owned(),
                values: vec!["v".to_owned()],
            }],
            excluded_sources: vec!["x".to_owned()],
        }]),
        insights: vec![insights::sample()],
        tags: vec![("k".to_owned(), "v".to_owned())],
        kms_key: Some("arn".to_owned()),
        log_group: Some(LogGroup {
            arn: "g".to_owned(),
            role: "r".to_owned(),
        }),
        topic: Some("t".to_owned()),
        organization: Some("o-1".to_owned()),
        is_recursive: false,
        ..trail()
    }
}

fn advanced() -> Selectors {
    let some = |text: &str| vec![text.to_owned()];
    Selectors::Advanced(vec![Advanced {
        name: Some("n".to_owned()),
        fields: vec![Field {
            name: "f".to_owned(),
            equals: some("1"),
            starts_with: some("2"),
            ends_with: some("3"),
            not_equals: some("4"),
            not_starts_with: some("5"),
            not_ends_with: some("6"),
        }],
    }])
}

/// Checks that `record` is written as the sample says, and that the sample reads as `record`.
fn check<R: Serialize + DeserializeOwned>(record: &R, sample: &str) {
    assert_eq!(hex(record), sample);
    let decoded: R = postcard::from_bytes(&bytes(sample)).expect("a sample");
    assert_eq!(hex(&decoded), sample);
}

fn hex<R: Serialize>(record: &R) -> String {
    crate::hex::hex(&postcard::to_allocvec(record).expect("a record"))
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    let digits = digits.map(|pair| str::from_utf8(pair).expect("ASCII"));
    digits
        .map(|pair| u8::from_str_radix(pair, 16).expect("hex digits"))
        .collect()
}

#[test]
fn trails_of_older_formats_decode() {
    let decoded = TrailRecord::decode_older(1, &bytes(TRAIL_1)).expect("a sample");
    assert_eq!(hex(&decoded), hex(&trail()));
    let decoded = TrailRecord::decode_older(2, &bytes(TRAIL_2)).expect("a sample");
    assert_eq!(hex(&decoded), hex(&whole()));
    let decoded = TrailRecord::decode_older(3, &bytes(&trail_3())).expect("a sample");
    assert_eq!(hex(&decoded), hex(&reported()));
    assert!(TrailRecord::decode_older(5, &bytes(TRAIL_1)).is_err());
}

#[test]
fn records_of_these_formats_decode() {
    let trail = TrailRecord {
        logging_from: 5,
        earlier: vec![(6, advanced())],
        ..reported()
    };
    check(&trail, &format!("{}050106{ADVANCED_1}", trail_3()));
    check(&advanced(), ADVANCED_1);
    let pending = PendingTrail {
        account: "111122223333".to_owned(),
        region: "eu-west-2".to_owned(),
        name: "trail".to_owned(),
    };
    check(&pending, PENDING_1);
    let keys = DigestKeys {
        keys: vec![samples::kept_key()],
    };
    check(&keys, DIGEST_KEYS_1);
}
