//! Requests: from the bytes that an SDK sends to the parameters it was given.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use serde_json::Value as Json;
use wire::Protocol;
use wire::codec::{self, Request};

use crate::{tables, values};

/// Cases that say nothing about reading a request, and why.
const APART: [(&str, &str); 19] = [
    (
        "RestJsonHttpWithEmptyStructurePayload",
        "the client sends an empty document for a member that is not set",
    ),
    ("RestJsonHttpWithHeadersButNoPayload", "as above"),
    (
        "RestJsonQueryParamsStringListMap",
        "the client gives a map that says less than the query",
    ),
    ("RestJsonHostWithPath", "the endpoint has a path of its own"),
    (
        "MediaTypeHeaderInputBase64",
        "the client wraps a JSON value in base64, which no model of ours has",
    ),
    (
        "RestJsonHttpPrefixHeadersAreNotPresent",
        "the client leaves the empty map out",
    ),
    ("RestJsonOmitsEmptyListQueryValues", "as above"),
    (
        "SDKAppliedContentEncoding_restJson1",
        "compression is HTTP's, and no body is given",
    ),
    ("SDKAppendedGzipAfterProvidedEncoding_restJson1", "as above"),
    (
        "RestJsonQueryIdempotencyTokenAutoFill",
        "the client adds a member to its parameters",
    ),
    (
        "RestJsonQueryPrecedence",
        "the client gives a map that says less than the members",
    ),
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
    let (uri, headers) = head(&case["serialized"]);
    let (path, query) = uri.split_once('?').unwrap_or((&uri, ""));
    let request = Request {
        path,
        query,
        headers: &headers,
        body: &body,
    };
    if protocol.is_rest() {
        let method = case["serialized"]["method"].as_str().unwrap();
        let operations: &'static [_] = vec![&*Box::leak(Box::new(tables::operation(
            suite, case, protocol,
        )))]
        .leak();
        let found = wire::rest::operation(operations, (method, path, query));
        assert!(found.is_some(), "{id}: {method} {uri} is for no operation");
    }
    match codec::decode(protocol, &operation, &request) {
        Ok(value) => assert!(
            values::matches(operation.input, &value, &case["params"]),
            "{id}: not the parameters, but {}",
            String::from_utf8_lossy(&wire::json::encode(operation.input, &value))
        ),
        Err(fault) => panic!("{id}: refused, {:?}", fault.message()),
    }
}

/// The path with its query string, and the headers that a client sends.
fn head(serialized: &Json) -> (String, HeaderMap) {
    let mut headers = HeaderMap::new();
    for (name, value) in serialized["headers"].as_object().into_iter().flatten() {
        let name: http::HeaderName = name.parse().unwrap();
        headers.insert(name, value.as_str().unwrap().parse().unwrap());
    }
    let uri = serialized["uri"].as_str().unwrap_or("/").to_owned();
    (uri, headers)
}

#[test]
fn rest_json() {
    let Some(done) = run("rest-json", Protocol::RestJson) else {
        return;
    };
    assert_eq!(done, (102, 11));
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
