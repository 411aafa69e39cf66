//! Query forms: the first byte picks the IAM operation, the rest is the form.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::{Fault, OperationTable, Protocol, Value, codec, query, validate};

fuzz_target!(|input: &[u8]| {
    let Some((&choice, form)) = input.split_first() else {
        return;
    };
    let operations = api::iam::SERVICE.operations;
    let operation = operations[usize::from(choice) % operations.len()];
    let _ = query::find(form, "Action");
    if let Ok(value) = decode(operation, form) {
        let _ = validate::validate(operation.input, &value);
    }
});

/// Reads a request that has nothing but a body.
fn decode(operation: &OperationTable, body: &[u8]) -> Result<Value, Fault> {
    let request = codec::Request {
        path: "/",
        query: "",
        headers: &http::HeaderMap::new(),
        body,
    };
    codec::decode(Protocol::Query, operation, &request)
}
