//! Smithy RPC v2 CBOR: requests and answers as one CBOR map (RFC 8949).
//!
//! Nothing is allocated because a length announces it, and nothing nests deeper than the JSON
//! codec allows.

mod decode;

pub use decode::decode;

use std::convert::Infallible;

use minicbor::Encoder;
use minicbor::data::IanaTag;
use minicbor::encode::Error;
use zeroize::Zeroizing;

use crate::buffer::Buffer;
use crate::fault::Fault;
use crate::json;
use crate::shape::{Kind, Protocol, Shape, Structure};
use crate::value::{Timestamp, Value};

type Written = Result<(), Error<Infallible>>;

/// The CBOR of `value`, which is a value of `shape`.
pub fn encode(shape: &Shape, value: &Value) -> Zeroizing<Vec<u8>> {
    let mut encoder = Encoder::new(Buffer::with_capacity(512));
    // Writing to memory has no way to fail.
    let _ = write(&mut encoder, shape, value);
    encoder.into_writer().into_bytes()
}

/// The CBOR of `fault`: its type, its text and its members.
pub fn encode_fault(fault: &Fault) -> Zeroizing<Vec<u8>> {
    let mut encoder = Encoder::new(Buffer::with_capacity(512));
    let _ = write_fault(&mut encoder, fault);
    encoder.into_writer().into_bytes()
}

fn write_fault(encoder: &mut Encoder<Buffer>, fault: &Fault) -> Written {
    encoder.begin_map()?;
    encoder
        .str("__type")?
        .str(fault.shape_name(Protocol::RpcV2Cbor))?;
    for (member, value) in fault.members() {
        encoder.str(member.name)?;
        write(encoder, member.shape, value)?;
    }
    if let Some(message) = fault.message() {
        encoder.str(json::message_key(fault))?.str(message)?;
    }
    encoder.end()?.ok()
}

fn write(encoder: &mut Encoder<Buffer>, shape: &Shape, value: &Value) -> Written {
    match (&shape.kind, value) {
        (_, Value::Boolean(value)) => encoder.bool(*value)?.ok(),
        (_, Value::Integer(value)) => encoder.i64(*value)?.ok(),
        (Kind::Float(_), Value::Double(value)) => {
            #[expect(clippy::cast_possible_truncation, reason = "the shape has 32 bits")]
            let short = *value as f32;
            encoder.f32(short)?.ok()
        }
        (_, Value::Double(value)) => encoder.f64(*value)?.ok(),
        (_, Value::String(text)) => encoder.str(text)?.ok(),
        (_, Value::Blob(bytes)) => encoder.bytes(bytes)?.ok(),
        (_, Value::Timestamp(time)) => write_timestamp(encoder, *time),
        (Kind::List(list), Value::List(items)) => {
            encoder.array(items.len() as u64)?;
            items
                .iter()
                .try_for_each(|item| write(encoder, list.member, item))
        }
        (Kind::Map(map), Value::Map(entries)) => {
            encoder.map(entries.len() as u64)?;
            entries.iter().try_for_each(|(key, value)| {
                encoder.str(key)?;
                write(encoder, map.value, value)
            })
        }
        (Kind::Structure(structure), Value::Structure(values)) => {
            write_structure(encoder, structure, values)
        }
        // The protocol has no documents.
        _ => encoder.null()?.ok(),
    }
}

fn write_structure(
    encoder: &mut Encoder<Buffer>,
    structure: &Structure,
    values: &[Option<Value>],
) -> Written {
    encoder.begin_map()?;
    for (member, value) in structure.members.iter().zip(values) {
        if let Some(value) = value {
            // This protocol knows no `locationName`.
            encoder.str(member.name)?;
            write(encoder, member.shape, value)?;
        }
    }
    encoder.end()?.ok()
}

/// As a double, which is what Smithy's own servers send.
fn write_timestamp(encoder: &mut Encoder<Buffer>, time: Timestamp) -> Written {
    let seconds = time.millis as f64 / 1000.0;
    encoder.tag(IanaTag::Timestamp)?.f64(seconds)?.ok()
}
