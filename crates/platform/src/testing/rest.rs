//! Requests of the REST protocols, made from the tables as a client makes them.

use http::request::Builder;
use serde_json::{Map, Value};
use wire::OperationTable;
use wire::shape::{Kind, Location, Member};

use super::{Answer, Harness, REGION};

impl Harness {
    /// Calls an operation of a REST service in [`REGION`] as `who`. Members have their names in
    /// `input`; a blob that is the body is a plain text.
    pub async fn rest(&self, who: &str, service: &str, operation: &str, input: Value) -> Answer {
        let services = self.pipeline.services().iter();
        let mut tables = services.map(|known| known.table);
        let table = tables.find(|table| table.name == service);
        let Some(operation) = table.and_then(|table| table.operation(operation)) else {
            unreachable!("a test calls what is built")
        };
        let (request, body) = rest_request(operation, input);
        self.send(REGION, who, request, body).await
    }
}

/// The request for an operation, with its body. Members have their names or those on the wire.
pub fn rest_request(operation: &OperationTable, input: Value) -> (Builder, Vec<u8>) {
    let Value::Object(mut given) = input else {
        unreachable!("the input of an operation is a structure")
    };
    let Some(http) = operation.http else {
        unreachable!("a REST operation has a method and a path")
    };
    let mut uri = http.uri.to_owned();
    let mut pairs = String::new();
    let mut request = http::Request::builder().method(http.method);
    let mut body = None;
    for member in operation.input.members() {
        let Some(value) = taken(&mut given, member) else {
            continue;
        };
        match member.location {
            Location::Label => {
                uri = uri.replace(
                    &format!("{{{}}}", member.wire_name),
                    &escaped(&text(&value)),
                );
            }
            Location::Query => push_pairs(&mut pairs, member.wire_name, &value),
            Location::Header => request = request.header(member.wire_name, text(&value)),
            Location::Payload => body = Some(payload(member, &value)),
            Location::Headers | Location::Status => {}
            Location::Document => {
                given.insert(member.wire_name.to_owned(), value);
            }
        }
    }
    let separator = if uri.contains('?') { "&" } else { "?" };
    if !pairs.is_empty() {
        uri = [&uri, separator, pairs.trim_start_matches('&')].concat();
    }
    request = request.uri(uri).header("host", "localhost");
    let body = match body {
        Some(body) => body,
        None if given.is_empty() => Vec::new(),
        None => {
            request = request.header("content-type", "application/json");
            Value::Object(given).to_string().into_bytes()
        }
    };
    (request, body)
}

fn taken(given: &mut Map<String, Value>, member: &Member) -> Option<Value> {
    given
        .remove(member.name)
        .or_else(|| given.remove(member.wire_name))
}

fn payload(member: &Member, value: &Value) -> Vec<u8> {
    match (&member.shape.kind, value) {
        (Kind::Blob(_), value) => wire::pem::decoded(&text(value)).unwrap_or_default(),
        (Kind::String(_), value) => text(value).into_bytes(),
        (_, value) => value.to_string().into_bytes(),
    }
}

fn push_pairs(pairs: &mut String, name: &str, value: &Value) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| push_pairs(pairs, name, item)),
        value => pairs.push_str(&format!("&{name}={}", escaped(&text(value)))),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
