//! AWS `restJson1`: what stands in paths, parameters and headers is `rest`'s; the rest is a JSON
//! document, or one member that is the body.

use std::borrow::Cow;

use zeroize::Zeroizing;

use crate::codec::{Reply, Request};
use crate::coercion;
use crate::fault::{Common, Fault};
use crate::json::{self, Writer};
use crate::rest;
use crate::shape::{Kind, Location, Member, OperationTable, Protocol, Shape};
use crate::value::Value;

/// Reads a request.
pub fn decode(operation: &OperationTable, request: &Request<'_>) -> Result<Value, Fault> {
    let shape = operation.input;
    let mut values = vec![None; shape.members().len()];
    if let Some((place, member)) = payload(shape) {
        if let Some(value) = values.get_mut(place) {
            *value = read_payload(member, request)?;
        }
    } else if shape.members().iter().any(is_in_document) {
        check_media_type(request)?;
        if let Value::Structure(found) = json::decode_document(shape, request.body)? {
            values = found;
        }
    }
    rest::decode(operation, request, &mut values)?;
    Ok(Value::Structure(values))
}

/// The answer to a call that succeeded.
pub(crate) fn encode(operation: &OperationTable, output: &Value, request_id: &str) -> Reply {
    let shape = operation.output;
    let values = match output {
        Value::Structure(values) => values.as_slice(),
        _ => &[],
    };
    let mut headers = rest::headers(shape, values);
    let (body, media_type) = match payload(shape) {
        Some((place, member)) => {
            let value = values.get(place).and_then(Option::as_ref);
            write_payload(member, value, operation)
        }
        None => document(shape, values),
    };
    let is_typed = headers.iter().any(|(name, _)| name == "content-type");
    if let (Some(media_type), false) = (media_type, is_typed) {
        headers.push(("content-type".into(), media_type.to_owned()));
    }
    headers.push(request_header(request_id));
    Reply {
        status: status(operation, values),
        headers,
        body,
    }
}

/// The answer to a call that failed: the error's name in a header, its members in a document.
///
/// A member called `Type` that the service leaves open says whose fault the error is, `User` or
/// `Service`, as Lambda has it in each of its errors.
pub(crate) fn encode_fault(fault: &Fault, request_id: &str) -> Reply {
    let protocol = Protocol::RestJson;
    let mut writer = Writer::new();
    let mut headers = vec![
        (
            "x-amzn-errortype".into(),
            fault.shape_name(protocol).to_owned(),
        ),
        ("content-type".into(), "application/json".to_owned()),
        request_header(request_id),
    ];
    writer.begin_object();
    if let Some((error, values)) = fault.modeled_parts() {
        headers.extend(rest::headers(error.shape, values));
        let mut members = error.shape.members().iter();
        let side = members.position(|member| member.name == "Type");
        let is_open = |place: usize| values.get(place).is_none_or(Option::is_none);
        if side.is_some_and(is_open) {
            let side = if error.sender_fault {
                "User"
            } else {
                "Service"
            };
            writer.key("Type");
            writer.string(side);
        }
    }
    for (member, value) in fault.members().filter(|(member, _)| is_in_document(member)) {
        writer.key(member.wire_name);
        json::write_as(&mut writer, member.shape, member.timestamp, value);
    }
    if let Some(message) = fault.message() {
        writer.key(json::message_key(fault));
        writer.string(message);
    }
    writer.end_object();
    Reply {
        status: fault.status(protocol),
        headers,
        body: writer.finish(),
    }
}

fn request_header(request_id: &str) -> (Cow<'static, str>, String) {
    ("x-amzn-requestid".into(), request_id.to_owned())
}

fn is_in_document(member: &Member) -> bool {
    member.location == Location::Document
}

/// The member that is the body, if one is, with its place.
fn payload(shape: &Shape) -> Option<(usize, &'static Member)> {
    let mut members = shape.members().iter().enumerate();
    members.find(|(_, member)| member.location == Location::Payload)
}

fn read_payload(member: &'static Member, request: &Request<'_>) -> Result<Option<Value>, Fault> {
    let body = request.body;
    if body.is_empty() {
        return Ok(None);
    }
    match member.shape.kind {
        Kind::Blob(_) => Ok(Some(Value::blob(body))),
        Kind::String(_) => {
            let text = str::from_utf8(body).map_err(|_| coercion::malformed())?;
            Ok(Some(Value::string(text)))
        }
        _ => {
            check_media_type(request)?;
            json::decode(member.shape, body).map(Some)
        }
    }
}

/// Refuses a document that says that it is none of JSON.
fn check_media_type(request: &Request<'_>) -> Result<(), Fault> {
    let Some(value) = request.headers.get(http::header::CONTENT_TYPE) else {
        return Ok(());
    };
    let value = value.to_str().unwrap_or_default();
    let kind = value.split(';').next().unwrap_or_default().trim();
    let known = [
        "application/json",
        "application/x-amz-json-1.1",
        "application/x-amz-json-1.0",
    ];
    let is_json = known.iter().any(|known| kind.eq_ignore_ascii_case(known));
    if is_json || request.body.is_empty() {
        return Ok(());
    }
    Err(Fault::common_bare(Common::UnsupportedMediaType))
}

/// The status of an answer: the operation's, unless a member is the status.
fn status(operation: &OperationTable, values: &[Option<Value>]) -> u16 {
    let members = operation.output.members().iter().zip(values);
    let mut statuses = members.filter_map(|(member, value)| match (member.location, value) {
        (Location::Status, Some(Value::Integer(status))) => u16::try_from(*status).ok(),
        _ => None,
    });
    let usual = operation.http.map_or(200, |http| http.status);
    statuses.next().unwrap_or(usual)
}

/// The members in the body as a JSON document, with its media type; nothing where the shape has no
/// such members.
fn document(shape: &Shape, values: &[Option<Value>]) -> (Zeroizing<Vec<u8>>, Option<&'static str>) {
    let members = shape.members();
    let has_document = members.is_empty() || members.iter().any(is_in_document);
    if shape.is_unit() || !has_document {
        return (Zeroizing::default(), None);
    }
    let mut writer = Writer::new();
    writer.begin_object();
    for (member, value) in members.iter().zip(values) {
        if let (Location::Document, Some(value)) = (member.location, value) {
            writer.key(member.wire_name);
            json::write_as(&mut writer, member.shape, member.timestamp, value);
        }
    }
    writer.end_object();
    (writer.finish(), Some("application/json"))
}

fn write_payload(
    member: &Member,
    value: Option<&Value>,
    operation: &OperationTable,
) -> (Zeroizing<Vec<u8>>, Option<&'static str>) {
    let own = operation.http.map_or("", |http| http.media_type);
    match value {
        Some(Value::Blob(bytes)) => (bytes.clone(), Some(own)),
        Some(Value::String(text)) => (Zeroizing::new(text.as_bytes().to_vec()), Some(own)),
        Some(value) => (json::encode(member.shape, value), Some("application/json")),
        None => (Zeroizing::default(), None),
    }
}
