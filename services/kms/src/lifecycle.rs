//! What KMS tells EventBridge of by itself ("Monitor KMS keys with Amazon EventBridge", KMS
//! developer guide).

use platform::BusEvent;
use wire::Timestamp;
use wire::json::Writer;

use crate::key::KeyRecord;

/// A turn in a key's life that no call caused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Its material rotated.
    Rotation,
    /// It was deleted when its waiting period was over.
    Deletion,
    /// Material that was imported expired and was deleted.
    Expiration,
}

/// The event of a turn, for the default bus of the key's account and Region.
pub(crate) fn event(key: &KeyRecord, turn: Turn, now: Timestamp) -> BusEvent {
    let detail_type = match turn {
        Turn::Rotation => "KMS CMK Rotation",
        Turn::Deletion => "KMS CMK Deletion",
        Turn::Expiration => "KMS Imported Key Material Expiration",
    };
    let mut detail = Writer::with_capacity(64);
    detail.begin_object();
    detail.key("key-id");
    detail.string(&key.id);
    detail.end_object();
    let detail = String::from_utf8_lossy(&detail.finish()).into_owned();
    BusEvent::about(&key.arn, ("aws.kms", detail_type), detail, now)
}
