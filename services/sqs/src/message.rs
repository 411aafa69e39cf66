//! Messages: where each stands in its queue, and apart from that what it says.

use serde::{Deserialize, Serialize};
use store::{Key, Record};

use crate::names::QueuePlace;
use crate::queue::QueueRecord;

/// Where a message stands. It is small: readers look through many of these.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MessageRecord {
    /// The message's id.
    pub(crate) id: String,
    /// Its place in the order of its queue.
    pub(crate) serial: u64,
    /// The unique id of who sent it.
    pub(crate) sender: String,
    pub(crate) sent_millis: i64,
    /// Nobody receives it before.
    pub(crate) visible_millis: i64,
    /// How often it was received.
    pub(crate) receives: u32,
    /// When it was received first, and last.
    pub(crate) received_millis: Option<(i64, i64)>,
    /// What the handle of the last receipt carries; none if it was not received from this queue.
    pub(crate) receipt: Option<[u8; 16]>,
    pub(crate) group: Option<String>,
    pub(crate) deduplication: Option<String>,
    /// The ARN of the queue that gave it up.
    pub(crate) source: Option<String>,
}

impl Record for MessageRecord {
    const TABLE: &'static str = "sqs.messages";
    const SERVICE: &'static str = "sqs";
}

/// What a message says, sealed under a data key of the queue's KMS key where it has one.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ContentRecord {
    pub(crate) data_key: Option<WrappedDataKey>,
    pub(crate) content: Vec<u8>,
}

impl Record for ContentRecord {
    const TABLE: &'static str = "sqs.contents";
    const SERVICE: &'static str = "sqs";
    const CACHED: bool = false;
}

/// A data key, encrypted by KMS.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct WrappedDataKey {
    /// The ARN of the KMS key.
    pub(crate) kms_key: String,
    /// The ARN of the queue, which KMS needs to hear again: the encryption context.
    pub(crate) queue_arn: String,
    pub(crate) blob: Vec<u8>,
}

/// What a message says in clear, which is never a row of its own.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Content {
    pub(crate) body: String,
    /// In the order of their names.
    pub(crate) attributes: Vec<Attribute>,
    /// `AWSTraceHeader`
    pub(crate) trace: Option<String>,
}

impl Record for Content {
    const TABLE: &'static str = "sqs.content";
    const SERVICE: &'static str = "sqs";
    const CACHED: bool = false;
}

/// A message attribute.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Attribute {
    pub(crate) name: String,
    /// `String`, `Number` or `Binary`, with what the sender put behind it.
    pub(crate) data_type: String,
    pub(crate) value: AttributeValue,
}

/// The value of a message attribute.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum AttributeValue {
    Text(String),
    Binary(Vec<u8>),
}

/// How a message stands at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Available,
    InFlight,
    Delayed,
}

impl MessageRecord {
    /// Where the message's records are.
    pub(crate) fn place(queue: &QueueRecord, place: &QueuePlace, id: &str) -> Key {
        queue.messages(place).with(id)
    }

    /// How it stands.
    pub(crate) fn standing(&self, now_millis: i64) -> Standing {
        match (self.visible_millis <= now_millis, self.receipt) {
            (true, _) => Standing::Available,
            (false, Some(_)) => Standing::InFlight,
            (false, None) => Standing::Delayed,
        }
    }
}
