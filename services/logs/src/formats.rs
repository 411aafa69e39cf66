//! Records as they were once written. They decode for ever: a sample is added with every format,
//! and none is ever changed.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::batch::{BatchRecord, Bytes, Entry, Event, EventsRecord, IndexRecord};
use crate::counting::MetricRecord;
use crate::destination::DestinationRecord;
use crate::group::{Class, GroupRecord, WrappedDataKey};
use crate::metric_filter::MetricFilterRecord;
use crate::query::{Layer, Progress, QueryRecord, RowsRecord, Searched, Status};
use crate::query_definition::{Parameter, QueryDefinitionRecord};
use crate::query_key::QueryKeyRecord;
use crate::resource_policy::{ResourcePolicyRecord, Revision};
use crate::retention::{Discarded, Expiring};
use crate::stream::StreamRecord;
use crate::subscription_filter::SubscriptionFilterRecord;

const GROUP_1: &[u8] =
    b"\x02id\x01a\x01r\x01n\x03arn\x02\x01\x01\x0e\x01\x01\x01k\x01v\x01\x03key\x02\x01\x02\x01";
const STREAM_1: &[u8] = b"\x01s\x07\x02\x01\x04\x01\x06\0\x05\x03\x01";
const BATCH_1: &[u8] = b"\x02\x01\x01\x03\x01\x02\x03";
const INDEX_1: &[u8] = b"\x01\x01\x04\x06\x02\x09";
const EVENTS_1: &[u8] = b"\x01\x02\x02hi";
const FILTER_1: &[u8] =
    b"\x01f\x01g\x01p\x02\x01m\x01n\x01v\x01\0\0\0\0\0\0\xf0\x3f\x01\x01d\x02$d\x01\x05Count";
const POLICY_1: &[u8] = b"\x01p\x02{}\x02\x01\x03arn\x01r";
const SUBSCRIPTION_1: &[u8] = b"\x01f\x01g\x01p\x01d\x01\x01r\x06Random\x02";
const DESTINATION_1: &[u8] = b"\x01d\x01a\x01r\x01t\x04role\x01\x02{}\x02\x01\x01k\x01v";
const METRIC_1: &[u8] = b"\x01a\x01r\x01n\x01m\x02\0\0\0\0\0\0\x08\x40";
const EXPIRING_1: &[u8] = b"\x01a\x01r\x01n";
const DISCARDED_1: &[u8] = b"\x01a\x01r\x01\x07";

const QUERY_1: &[u8] = b"\x01i\x01a\x01r\x01t\x01\x01a\x01n\x01g\x02\x04\x03\x08\x01u\x05\
    \x01\x02\x03\x04\x0a\x01\x03arn\x03key\x02\x01\x02";
const QUERY_KEY_1: &[u8] = b"\x03key\x02\x01\x02";
const QUERY_ROWS_1: &[u8] = b"\x02\x01\x02";
const QUERY_DEFINITION_1: &[u8] = b"\x01i\x01n\x01t\x01\x01g\x02\x01\x01c\x01\x01p\x01\x01d\0";

#[test]
fn records_of_format_1_decode() {
    let group = GroupRecord {
        id: "id".to_owned(),
        account: "a".to_owned(),
        region: "r".to_owned(),
        name: "n".to_owned(),
        arn: "arn".to_owned(),
        created_millis: 1,
        class: Class::InfrequentAccess,
        retention_in_days: Some(14),
        is_protected: true,
        tags: vec![("k".to_owned(), "v".to_owned())],
        data_keys: vec![WrappedDataKey {
            kms_key: "key".to_owned(),
            blob: vec![1, 2],
        }],
        is_encrypted: true,
    };
    check(&group, GROUP_1);
    let stream = StreamRecord {
        name: "s".to_owned(),
        serial: 7,
        created_millis: 1,
        first_event_millis: Some(2),
        last_event_millis: Some(3),
        last_ingestion_millis: None,
        bytes: 5,
        batches: 3,
        gone: 1,
    };
    check(&stream, STREAM_1);
    check(&BatchRecord::sample(), BATCH_1);
    let entry = Entry {
        batch: 1,
        first_millis: 2,
        last_millis: 3,
        events: 2,
        bytes: 9,
    };
    check(
        &IndexRecord {
            entries: vec![entry],
        },
        INDEX_1,
    );
    let message = "hi".to_owned();
    let events = vec![Event { millis: 1, message }];
    check(&EventsRecord { events }, EVENTS_1);
    check(&Expiring::sample(), EXPIRING_1);
    check(&Discarded::sample(), DISCARDED_1);
}

#[test]
fn records_of_filters_and_policies_of_format_1_decode() {
    let filter = MetricFilterRecord {
        name: "f".to_owned(),
        group: "g".to_owned(),
        pattern: "p".to_owned(),
        created_millis: 1,
        metric_name: "m".to_owned(),
        metric_namespace: "n".to_owned(),
        metric_value: "v".to_owned(),
        default_value: Some(1.0),
        dimensions: vec![("d".to_owned(), "$d".to_owned())],
        unit: Some("Count".to_owned()),
    };
    check(&filter, FILTER_1);
    let policy = ResourcePolicyRecord {
        name: "p".to_owned(),
        document: "{}".to_owned(),
        updated_millis: 1,
        group: Some(Revision {
            group_arn: "arn".to_owned(),
            id: "r".to_owned(),
        }),
    };
    check(&policy, POLICY_1);
}

#[test]
fn records_of_subscriptions_of_format_1_decode() {
    let filter = SubscriptionFilterRecord {
        name: "f".to_owned(),
        group: "g".to_owned(),
        pattern: "p".to_owned(),
        destination_arn: "d".to_owned(),
        role_arn: Some("r".to_owned()),
        distribution: "Random".to_owned(),
        created_millis: 1,
    };
    check(&filter, SUBSCRIPTION_1);
    let destination = DestinationRecord {
        name: "d".to_owned(),
        account: "a".to_owned(),
        region: "r".to_owned(),
        target_arn: "t".to_owned(),
        role_arn: "role".to_owned(),
        access_policy: Some("{}".to_owned()),
        created_millis: 1,
        tags: vec![("k".to_owned(), "v".to_owned())],
    };
    check(&destination, DESTINATION_1);
    let metric = MetricRecord {
        account: "a".to_owned(),
        region: "r".to_owned(),
        namespace: "n".to_owned(),
        name: "m".to_owned(),
        samples: 2,
        sum: 3.0,
    };
    check(&metric, METRIC_1);
}

#[test]
fn records_of_queries_of_format_1_decode() {
    let key = WrappedDataKey {
        kms_key: "key".to_owned(),
        blob: vec![1, 2],
    };
    let query = QueryRecord {
        id: "i".to_owned(),
        account: "a".to_owned(),
        region: "r".to_owned(),
        text: "t".to_owned(),
        groups: vec![Searched {
            account: "a".to_owned(),
            name: "n".to_owned(),
            id: "g".to_owned(),
        }],
        start_millis: 1,
        end_millis: 2,
        limit: 3,
        created_millis: 4,
        user: "u".to_owned(),
        status: Status::Timeout,
        progress: Progress {
            matched: 1,
            scanned: 2,
            bytes: 3,
            rows: 4,
            duration_millis: 5,
        },
        layers: vec![Layer {
            arn: "arn".to_owned(),
            data_key: key.clone(),
        }],
    };
    check(&query, QUERY_1);
    check(&QueryKeyRecord { data_key: key }, QUERY_KEY_1);
    let rows = RowsRecord {
        rows: Bytes(vec![1, 2]),
    };
    check(&rows, QUERY_ROWS_1);
    let definition = QueryDefinitionRecord {
        id: "i".to_owned(),
        name: "n".to_owned(),
        text: "t".to_owned(),
        groups: vec!["g".to_owned()],
        modified_millis: 1,
        client_token: Some("c".to_owned()),
        parameters: vec![Parameter {
            name: "p".to_owned(),
            default_value: Some("d".to_owned()),
            description: None,
        }],
    };
    check(&definition, QUERY_DEFINITION_1);
}

fn check<R: Serialize + DeserializeOwned>(record: &R, sample: &[u8]) {
    assert_eq!(postcard::to_stdvec(record).expect("bytes"), sample);
    let decoded: R = postcard::from_bytes(sample).expect("a sample");
    assert_eq!(postcard::to_stdvec(&decoded).expect("bytes"), sample);
}
