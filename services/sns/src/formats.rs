//! Records as they were once written. They decode for ever: a sample is added with every format,
//! and none is ever changed.

use std::collections::BTreeMap;

use platform::Derived;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::Record as _;

use crate::deduplication::{PublishedRecord, SpansRecord};
use crate::emptying::EmptyingRecord;
use crate::fan_out::FanningRecord;
use crate::signing_key::{CertificateRecord, SigningKeyRecord};
use crate::subscription::{Offer, OwnedRecord, Standing, SubscriptionRecord};
use crate::subscription_formats::{SubscriptionRecord1, SubscriptionRecord2};
use crate::topic::TopicRecord;

const TOPIC_1: &[u8] = b"\x01n\x01\x0bDisplayName\x01d\x01\x01k\x01v";
const SUBSCRIPTION_1: &[u8] =
    b"\x01i\x01o\x01p\x03sqs\x01e\x01\x01\x07\x07\x07\x07\x07\x07\x07\x07\
    \x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\
    \x07\x02\x01\x00\x01b\x01\x12RawMessageDelivery\x04true";
const SUBSCRIPTION_2: &[u8] =
    b"\x01i\x01o\x01p\x03sqs\x01e\x00\x00\x01\x00\x01\x12RawMessageDelivery\x04true";
const SUBSCRIPTION_3: &[u8] =
    b"\x01i\x01o\x01p\x03sqs\x01e\x00\x04\x00\x01\x00\x01\x12RawMessageDelivery\x04true";
const FANNING_1: &[u8] = b"\x02";
const EMPTYING_1: &[u8] = b"\x04";
const OWNED_1: &[u8] = b"\x01a";
const SIGNING_KEY_1: &[u8] = b"\x01i\x02\x01\x08";
const CERTIFICATE_1: &[u8] = b"\x01\x09";
const PUBLISHED_1: &[u8] = b"\x01m\x05\x02";
const SPANS_1: &[u8] = b"\x02\x02\x04";

#[test]
fn records_of_format_1_decode() {
    let text = |text: &str| text.to_owned();
    let topic = TopicRecord {
        name: text("n"),
        settings: BTreeMap::from([(text("DisplayName"), text("d"))]),
        tags: vec![(text("k"), text("v"))],
        parsed: Derived::default(),
    };
    check(&topic, TOPIC_1);
    let subscription = SubscriptionRecord1 {
        id: text("i"),
        owner: text("o"),
        principal: text("p"),
        protocol: text("sqs"),
        endpoint: text("e"),
        standing: Standing::Pending,
        offer: Some(Offer {
            token: [7; 32],
            until_millis: 1,
        }),
        is_authenticated: true,
        is_guarded: false,
        base: text("b"),
        settings: BTreeMap::from([(text("RawMessageDelivery"), text("true"))]),
    };
    check(&subscription, SUBSCRIPTION_1);
    let now = SubscriptionRecord::decode_older(1, SUBSCRIPTION_1).expect("format 1");
    assert_eq!((&*now.id, &*now.endpoint, now.is_raw()), ("i", "e", true));
    check(&OwnedRecord { arn: text("a") }, OWNED_1);
}

#[test]
fn records_of_format_2_decode() {
    let text = |text: &str| text.to_owned();
    let subscription = SubscriptionRecord2 {
        id: text("i"),
        owner: text("o"),
        principal: text("p"),
        protocol: text("sqs"),
        endpoint: text("e"),
        standing: Standing::Confirmed,
        offer: None,
        is_authenticated: true,
        is_guarded: false,
        settings: BTreeMap::from([(text("RawMessageDelivery"), text("true"))]),
    };
    check(&subscription, SUBSCRIPTION_2);
    let now = SubscriptionRecord::decode_older(2, SUBSCRIPTION_2).expect("format 2");
    assert_eq!(
        (&*now.endpoint, now.since_millis, now.is_raw()),
        ("e", 0, true)
    );
}

#[test]
fn records_of_format_3_decode() {
    let text = |text: &str| text.to_owned();
    let subscription = SubscriptionRecord {
        id: text("i"),
        owner: text("o"),
        principal: text("p"),
        protocol: text("sqs"),
        endpoint: text("e"),
        standing: Standing::Confirmed,
        since_millis: 2,
        offer: None,
        is_authenticated: true,
        is_guarded: false,
        settings: BTreeMap::from([(text("RawMessageDelivery"), text("true"))]),
        compiled: Derived::default(),
    };
    check(&subscription, SUBSCRIPTION_3);
    check(&FanningRecord { messages: 2 }, FANNING_1);
    check(&EmptyingRecord { at_millis: 2 }, EMPTYING_1);
}

#[test]
fn records_of_messages_of_format_1_decode() {
    let text = |text: &str| text.to_owned();
    let key = SigningKeyRecord {
        id: text("i"),
        made_millis: 1,
        sealed: vec![8],
        opened: Derived::default(),
    };
    check(&key, SIGNING_KEY_1);
    let certificate = CertificateRecord {
        certificate: vec![9],
    };
    check(&certificate, CERTIFICATE_1);
    let published = PublishedRecord {
        message_id: text("m"),
        serial: 5,
        at_millis: 1,
    };
    check(&published, PUBLISHED_1);
    check(&SpansRecord { spans: vec![1, 2] }, SPANS_1);
}

fn check<R: Serialize + DeserializeOwned>(record: &R, sample: &[u8]) {
    assert_eq!(postcard::to_stdvec(record).expect("bytes"), sample);
    let decoded: R = postcard::from_bytes(sample).expect("a sample");
    assert_eq!(postcard::to_stdvec(&decoded).expect("bytes"), sample);
}
