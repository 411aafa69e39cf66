//! Requests: from the bytes that an SDK sends to the parameters it was given.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use wire::{Protocol, codec};

use crate::{tables, values};

/// Cases that say nothing about reading a request, and why.
const APART: [(&str, &str); 8] = [
    (
        "SDKAppliedContentEncoding_awsJson1_1",
        "compression is HTTP's, and no body is given",
    ),
    (
        "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_1",
        "as above",
    ),
    ("SDKAppliedContentEncoding_awsJson1_0", "as above"),
    (
        "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_0",
        "as above",
    ),
    ("SDKAppliedContentEncoding_awsQuery", "as above"),
    (
        "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsQuery",
        "as above",
    ),
    (
        "QueryProtocolIdempotencyTokenAutoFill",
        "the client adds a member to its parameters",
    ),
    ("QueryEmptyQueryMaps", "the client leaves the empty map out"),
];

/// Reads every request of a file; the number of cases run, and of those set apart.
fn run(file: &str, protocol: Protocol) -> Option<(usize, usize)> {
    let (mut run, mut apart) = (0, 0);
    for suite in tables::suites("input", file)? {
        for case in suite["cases"].as_array().unwrap() {
            let id = case["id"].as_str().unwrap();
            if APART.iter().any(|(name, _)| *name == id) {
                apart += 1;
                continue;
            }
            check(&suite, case, protocol, id);
            run += 1;
        }
    }
    Some((run, apart))
}

fn check(suite: &Json, case: &Json, protocol: Protocol, id: &str) {
    let operation = tables::operation(suite, case, protocol);
    let body = case["serialized"]["body"].as_str().unwrap_or_default();
    let body = match protocol {
        Protocol::RpcV2Cbor => STANDARD.decode(body).unwrap(),
        _ => body.as_bytes().to_vec(),
    };
    match codec::decode(protocol, &operation, &body) {
        Ok(value) => assert!(
            values::matches(operation.input, &value, &case["params"]),
            "{id}: not the parameters, but {}",
            String::from_utf8_lossy(&wire::json::encode(operation.input, &value))
        ),
        Err(fault) => panic!("{id}: refused, {:?}", fault.message()),
    }
}

#[test]
fn json_1_1() {
    let Some(done) = run("json", Protocol::Json11) else {
        return;
    };
    assert_eq!(done, (52, 2));
}

#[test]
fn json_1_0() {
    let Some(done) = run("json_1_0", Protocol::Json10) else {
        return;
    };
    assert_eq!(done, (19, 2));
    let Some(done) = run("json_1_0-query-compatible", Protocol::Json10) else {
        return;
    };
    assert_eq!(done, (1, 0));
}

#[test]
fn query() {
    let Some(done) = run("query", Protocol::Query) else {
        return;
    };
    assert_eq!(done, (34, 4));
}

#[test]
fn rpc_v2_cbor() {
    let Some(done) = run("smithy-rpc-v2-cbor", Protocol::RpcV2Cbor) else {
        return;
    };
    assert_eq!(done, (15, 0));
    let Some(done) = run("smithy-rpc-v2-cbor-query-compatible", Protocol::RpcV2Cbor) else {
        return;
    };
    assert_eq!(done, (1, 0));
    let Some(done) = run(
        "smithy-rpc-v2-cbor-non-query-compatible",
        Protocol::RpcV2Cbor,
    ) else {
        return;
    };
    assert_eq!(done, (1, 0));
}
