//! AWS JSON 1.0 and 1.1: requests and answers as one JSON object.
//!
//! Requests are read in one pass, straight into values; unknown members are skipped, `null` is
//! an absent member, and what a reader could take in two ways (a key twice, a surrogate alone,
//! text after the object) is refused.

mod decode;
mod members;
mod plain;
mod writer;

pub use decode::decode;
pub(crate) use decode::decode_document;
pub use members::{Members, text};
pub use writer::Writer;

use zeroize::Zeroizing;

use crate::fault::{Common, Fault};
use crate::shape::{Kind, Protocol, Shape, Structure, TimestampFormat};
use crate::value::Value;

/// The JSON text of `value`, which is a value of `shape`.
pub fn encode(shape: &Shape, value: &Value) -> Zeroizing<Vec<u8>> {
    let mut writer = Writer::new();
    write(&mut writer, shape, value);
    writer.finish()
}

/// Writes `value`, which is a value of `shape`. Where it is not, `null` is written.
pub fn write(writer: &mut Writer, shape: &Shape, value: &Value) {
    write_as(writer, shape, TimestampFormat::Default, value);
}

/// The JSON text of `fault`: its type, its text and its members.
pub fn encode_fault(protocol: Protocol, fault: &Fault) -> Zeroizing<Vec<u8>> {
    let mut writer = Writer::new();
    writer.begin_object();
    writer.name("__type");
    writer.string(fault.shape_name(protocol));
    for (member, value) in fault.members() {
        writer.name(member.wire_name);
        write_as(&mut writer, member.shape, member.timestamp, value);
    }
    if let Some(message) = fault.message() {
        writer.name(message_key(fault));
        writer.string(message);
    }
    writer.end_object();
    writer.finish()
}

/// The key of an error's text. The model decides for modeled errors. Of the others, AWS's front
/// door writes `Message` where authorization or parsing failed and `message` elsewhere; its SDKs
/// read both.
pub(crate) fn message_key(fault: &Fault) -> &'static str {
    if let Some((error, _)) = fault.modeled_parts() {
        return error
            .shape
            .members()
            .iter()
            .find(|member| member.is_message())
            .map_or("message", |member| member.wire_name);
    }
    match fault.as_common() {
        Some(Common::AccessDenied | Common::HeadersNotSigned | Common::Serialization) => "Message",
        _ => "message",
    }
}

/// Writes `value` with its times in `format`, where that is not left to the shape.
pub(crate) fn write_as(writer: &mut Writer, shape: &Shape, format: TimestampFormat, value: &Value) {
    match (&shape.kind, value) {
        (_, Value::Boolean(value)) => writer.boolean(*value),
        (_, Value::Integer(value)) => writer.integer(*value),
        (Kind::Float(_), Value::Double(value)) => writer.float(*value),
        (_, Value::Double(value)) => writer.double(*value),
        (_, Value::String(text)) => writer.string(text),
        (_, Value::Blob(bytes)) => writer.base64(bytes),
        (Kind::Timestamp(own), Value::Timestamp(time)) => match format.or(*own) {
            TimestampFormat::Default | TimestampFormat::UnixTimestamp => writer.timestamp(*time),
            other => writer.string(&time.format(other)),
        },
        (Kind::List(list), Value::List(items)) => {
            writer.begin_array();
            for item in items {
                write(writer, list.member, item);
            }
            writer.end_array();
        }
        (Kind::Map(map), Value::Map(entries)) => {
            writer.begin_object();
            for (key, value) in entries {
                writer.key(key);
                write(writer, map.value, value);
            }
            writer.end_object();
        }
        (Kind::Structure(structure), Value::Structure(values)) => {
            write_structure(writer, structure, values);
        }
        (Kind::Document, Value::Document(text)) => writer.raw(text),
        _ => writer.null(),
    }
}

fn write_structure(writer: &mut Writer, structure: &Structure, values: &[Option<Value>]) {
    writer.begin_object();
    for (member, value) in structure.members.iter().zip(values) {
        if let Some(value) = value {
            writer.name(member.wire_name);
            write_as(writer, member.shape, member.timestamp, value);
        }
    }
    writer.end_object();
}
