//! JSON bodies: the first byte picks the KMS operation, the rest is the body.
//!
//! What decodes must encode, and decode again to the same bytes. The members of an object are those
//! that another reader finds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value as Json};
use wire::{Fault, OperationTable, Protocol, Value, codec, json, validate};

fuzz_target!(|input: &[u8]| {
    let Some((&choice, body)) = input.split_first() else {
        return;
    };
    if let Ok(text) = std::str::from_utf8(body) {
        compare_members(text);
    }
    let operations = api::kms::SERVICE.operations;
    let operation = operations[usize::from(choice) % operations.len()];
    let Ok(value) = decode(operation, body) else {
        return;
    };
    let _ = validate::validate(operation.input, &value);
    let once = json::encode(operation.input, &value);
    let again = decode(operation, &once);
    let again = again.unwrap_or_else(|_| panic!("what was encoded does not decode"));
    assert!(
        *once == *json::encode(operation.input, &again),
        "a round trip changes the value"
    );
});

fn compare_members(text: &str) {
    let mut members = json::Members::of(text);
    let Ok(known) = serde_json::from_str::<Map<String, Json>>(text) else {
        // It has an end all the same.
        return members.for_each(drop);
    };
    let found = members.by_ref().map(|(name, value)| {
        let name: String = serde_json::from_str(&format!("\"{name}\"")).unwrap();
        (name, serde_json::from_str(value).unwrap())
    });
    assert_eq!(found.collect::<Map<_, _>>(), known);
    assert!(members.is_whole());
}

/// Reads a request that has nothing but a body.
fn decode(operation: &OperationTable, body: &[u8]) -> Result<Value, Fault> {
    let request = codec::Request {
        path: "/",
        query: "",
        headers: &http::HeaderMap::new(),
        body,
    };
    codec::decode(Protocol::Json11, operation, &request)
}
