//! Sending a value to an operation, in any protocol.

use http::request::Builder;
use platform::testing::{Answer, Harness, REGION, key_of, rest_request};
use wire::shape::{Kind, Shape};
use wire::{OperationTable, Protocol, ServiceTable, Value};

/// What stands in blobs, plain and in base64.
pub(crate) const CANARY: [&str; 2] = ["CanaryOnTheWalk!", "Q2FuYXJ5T25UaGVXYWxrIQ"];

/// Who claims to be root and cannot sign.
pub(crate) const FORGER: &str = "forger";

/// Calls `operation` as `who`.
pub(crate) async fn send(
    harness: &Harness,
    who: &str,
    service: &'static ServiceTable,
    operation: &'static OperationTable,
    protocol: Protocol,
    input: &Value,
) -> Answer {
    let prefix = service.target_prefix.unwrap_or_default();
    let (request, body) = match protocol {
        Protocol::Json10 | Protocol::Json11 => {
            let request = http::Request::post("/")
                .header("content-type", "application/x-amz-json-1.1")
                .header("x-amz-target", format!("{prefix}.{}", operation.name));
            (request, wire::json::encode(operation.input, input).to_vec())
        }
        Protocol::RpcV2Cbor => {
            let path = format!("/service/{prefix}/operation/{}", operation.name);
            let request = http::Request::post(path)
                .header("content-type", "application/cbor")
                .header("smithy-protocol", "rpc-v2-cbor");
            (request, wire::cbor::encode(operation.input, input).to_vec())
        }
        Protocol::RestJson => {
            let json = wire::json::encode(operation.input, input);
            let json = serde_json::from_slice(&json).expect("JSON");
            rest_request(operation, json)
        }
        Protocol::Query => {
            let mut form = format!("Action={}&Version={}", operation.name, service.api_version);
            write_form(&mut form, "", operation.input, input);
            let request = http::Request::post("/").header(
                "content-type",
                "application/x-www-form-urlencoded; charset=utf-8",
            );
            (request, form.into_bytes())
        }
    };
    let request = match protocol.is_rest() {
        true => request,
        false => request.header("host", "localhost"),
    };
    if who == FORGER {
        let forged = forged(request, service.signing_name);
        return harness.send(REGION, "anonymous", forged, body).await;
    }
    harness.send(REGION, who, request, body).await
}

/// Adds a signature that has everything but the knowledge of the secret.
fn forged(request: Builder, service: &str) -> Builder {
    let request = request.header("x-amz-date", "20260101T000000Z");
    let headers = request.headers_ref().expect("headers");
    let mut names: Vec<_> = headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/20260101/{REGION}/{service}/aws4_request, \
         SignedHeaders={}, Signature={}",
        key_of("root"),
        names.join(";"),
        "0".repeat(64),
    );
    request.header("authorization", authorization)
}

fn write_form(form: &mut String, path: &str, shape: &Shape, value: &Value) {
    let step = |name: &str| match path {
        "" => name.to_owned(),
        _ => format!("{path}.{name}"),
    };
    match (&shape.kind, value) {
        (Kind::Structure(structure), Value::Structure(values)) => {
            for (member, value) in structure.members.iter().zip(values) {
                if let Some(value) = value {
                    write_form(form, &step(member.wire_name), member.shape, value);
                }
            }
        }
        (Kind::List(list), Value::List(items)) => {
            for (number, item) in (1..).zip(items) {
                let path = step(&format!("{}.{number}", list.member_name));
                write_form(form, &path, list.member, item);
            }
        }
        (Kind::Map(map), Value::Map(entries)) => {
            for (number, (key, value)) in (1..).zip(entries) {
                let path = match map.flattened {
                    true => step(&number.to_string()),
                    false => step(&format!("entry.{number}")),
                };
                write_pair(form, &format!("{path}.{}", map.key_name), key);
                let path = format!("{path}.{}", map.value_name);
                write_form(form, &path, map.value, value);
            }
        }
        (_, Value::Blob(bytes)) => write_pair(form, path, &wire::pem::base64(bytes)),
        (_, Value::String(text)) => write_pair(form, path, text),
        (_, Value::Integer(number)) => write_pair(form, path, &number.to_string()),
        (_, Value::Boolean(truth)) => write_pair(form, path, &truth.to_string()),
        _ => panic!("no form is known for `{path}`"),
    }
}

fn write_pair(form: &mut String, path: &str, value: &str) {
    form.push('&');
    form.push_str(path);
    form.push('=');
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => form.push(char::from(byte)),
            _ => form.push_str(&format!("%{byte:02X}")),
        }
    }
}
