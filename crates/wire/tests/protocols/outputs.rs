//! Answers: from the result to bytes that say the same as the recorded ones. Where the protocol
//! is the same in both directions, the recorded bytes are read as well.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use wire::codec::Reply;
use wire::{Fault, Protocol, Value, codec};

use crate::{tables, trees, values};

/// Cases whose recorded body no server of ours would write, and why. They are read, and our
/// own answer is read back, but the two differ.
const READ_ONLY: [(&str, &str); 6] = [
    (
        "RestJsonDeserializeIgnoreType",
        "a member that the shape does not have",
    ),
    (
        "AwsJson11DeserializeIgnoreType",
        "a member that the shape does not have",
    ),
    ("AwsJson10DeserializeIgnoreType", "as above"),
    (
        "RpcV2CborExtraFieldsInTheBodyShouldBeSkippedByClients",
        "as above",
    ),
    ("RpcV2CborPayloadWithUnsetUnion", "as above"),
    (
        "empty_output_no_body",
        "no body at all for a shape without members",
    ),
];

/// Cases that have no body where ours has an empty document; clients read both.
const NO_BODY: [&str; 5] = [
    "RestJsonEmptyInputAndEmptyOutputJsonObjectOutput",
    "RestJsonGreetingWithErrorsNoPayload",
    "RestJsonHttpResponseCodeWithNoPayload",
    "RestJsonIgnoreQueryParamsInResponseNoPayload",
    "RestJsonNoInputAndOutputNoPayload",
];

/// Bodies that a server must refuse to read as a request, though a client skips over the null.
const NOT_READ: [&str; 1] = ["RpcV2CborDeserializesDenseSetMapAndSkipsNull"];

fn run(file: &str, protocol: Protocol) -> Option<(usize, usize)> {
    let (mut results, mut errors) = (0, 0);
    for suite in tables::suites("output", file)? {
        for case in suite["cases"].as_array().unwrap() {
            if case.get("error").is_some() {
                check_error(&suite, case, protocol);
                errors += 1;
            } else {
                check_result(&suite, case, protocol);
                results += 1;
            }
        }
    }
    Some((results, errors))
}

fn check_result(suite: &Json, case: &Json, protocol: Protocol) {
    let id = case["id"].as_str().unwrap();
    let operation = tables::operation(suite, case, protocol);
    if protocol.is_rest() {
        return check_rest_result(&operation, case);
    }
    let value = values::build(operation.output, &case["result"]);
    let reply = codec::encode(protocol, &tables::service(), &operation, &value, "id-1");
    check_headers(id, case, &reply);
    assert_eq!(reply.status, 200, "{id}");
    let recorded = recorded(case, protocol);
    if protocol.is_query() {
        let ours = trees::xml(std::str::from_utf8(&reply.body).unwrap());
        assert_eq!(ours[0], format!("{}Response", operation.name), "{id}");
        if !recorded.is_empty() {
            assert_eq!(
                ours,
                trees::xml(std::str::from_utf8(&recorded).unwrap()),
                "{id}"
            );
        }
        return;
    }
    let mut readable = vec![reply.body.to_vec()];
    if !NOT_READ.contains(&id) {
        readable.push(recorded.clone());
    }
    // The shape of the answer in the place of the request's.
    let mirrored = wire::OperationTable {
        input: operation.output,
        ..operation
    };
    for body in readable {
        let read = codec::decode(protocol, &mirrored, &tables::request(&body));
        let same = |value: &Value| values::matches(mirrored.input, value, &case["result"]);
        assert!(read.is_ok_and(|value| same(&value)), "{id}: {body:?}");
    }
    if mirrored.output.is_unit() {
        assert!(reply.body.is_empty(), "{id}");
        return;
    }
    let differs = tree(protocol, &reply.body) != tree(protocol, &recorded);
    let expected = READ_ONLY.iter().any(|(name, _)| *name == id);
    assert_eq!(differs, expected, "{id}: {:?}", tree(protocol, &reply.body));
}

/// The REST protocols say part of an answer in its status and its headers.
fn check_rest_result(operation: &wire::OperationTable, case: &Json) {
    let (protocol, id) = (Protocol::RestJson, case["id"].as_str().unwrap());
    let value = values::build(operation.output, &case["result"]);
    let reply = codec::encode(protocol, &tables::service(), operation, &value, "id-1");
    assert_eq!(
        u64::from(reply.status),
        case["response"]["status_code"],
        "{id}"
    );
    let recorded = recorded(case, protocol);
    // Our models have no JSON values in headers.
    if id == "MediaTypeHeaderOutputBase64" {
        return;
    }
    let is_bare = NO_BODY.contains(&id) && !reply.body.is_empty();
    for (name, value) in case["response"]["headers"]
        .as_object()
        .into_iter()
        .flatten()
    {
        // HTTP's own, and the type of a text, which models do not say.
        let apart = name == "Content-Length"
            || value == "text/plain"
            || reply.body.is_empty() && name == "Content-Type";
        if !apart {
            assert_eq!(header(&reply, name), value.as_str(), "{id}: {name}");
        }
    }
    match serde_json::from_slice::<Json>(&recorded) {
        _ if is_bare => assert_eq!(&**reply.body, b"{}", "{id}"),
        // All members are headers or the status.
        Ok(empty) if reply.body.is_empty() => assert_eq!(empty, serde_json::json!({}), "{id}"),
        Err(_) => assert_eq!(**reply.body, *recorded, "{id}"),
        Ok(_) => {
            let ours = tree(protocol, &reply.body);
            let differs = ours != tree(protocol, &recorded);
            assert_eq!(
                differs,
                READ_ONLY.iter().any(|(name, _)| *name == id),
                "{id}: {ours}"
            );
        }
    }
}

fn check_error(suite: &Json, case: &Json, protocol: Protocol) {
    let id = case["id"].as_str().unwrap();
    let error = tables::error(suite, case);
    let message = case["errorMessage"].as_str().map(str::to_owned);
    let Value::Structure(members) = values::build(error.shape, &case["error"]) else {
        panic!("{id}: an error is a structure");
    };
    let fault = Fault::modeled(error, message).with_members(members);
    let namespace = tables::service().xml_namespace;
    let reply = codec::encode_fault(protocol, namespace, &fault, "foo-id");
    assert_eq!(
        u64::from(reply.status),
        case["response"]["status_code"],
        "{id}"
    );
    assert_eq!(fault.code(protocol), case["errorCode"], "{id}");
    let recorded = recorded(case, protocol);
    if protocol.is_query() {
        let ours = trees::xml(std::str::from_utf8(&reply.body).unwrap());
        assert_eq!(
            ours,
            trees::xml(std::str::from_utf8(&recorded).unwrap()),
            "{id}"
        );
        return;
    }
    assert_eq!(header(&reply, "x-amzn-errortype"), Some(error.name), "{id}");
    let ours = tree(protocol, &reply.body);
    if id.contains("FooErrorUsing") || id.contains("FooErrorWithDunder") {
        // Clients look for the name in a header, in `code` and in `__type`, with and without a
        // namespace or an address; servers need one way, which is a header for REST.
        let named = match protocol.is_rest() {
            true => serde_json::json!({}),
            false => serde_json::json!({"__type": case["errorCode"]}),
        };
        assert_eq!(ours, named, "{id}");
    } else {
        check_headers(id, case, &reply);
        assert_eq!(ours, tree(protocol, &recorded), "{id}");
    }
}

fn recorded(case: &Json, protocol: Protocol) -> Vec<u8> {
    let body = case["response"]["body"].as_str().unwrap_or_default();
    match protocol {
        Protocol::RpcV2Cbor => STANDARD.decode(body).unwrap(),
        _ => body.as_bytes().to_vec(),
    }
}

fn tree(protocol: Protocol, body: &[u8]) -> Json {
    match protocol {
        Protocol::RpcV2Cbor => trees::cbor(body),
        _ => trees::json(body),
    }
}

fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    let mut headers = reply.headers.iter();
    let found = headers.find(|(one, _)| one.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

/// The headers of a case that a server sets in the codec.
fn check_headers(id: &str, case: &Json, reply: &Reply) {
    const OURS: [&str; 3] = ["content-type", "smithy-protocol", "x-amzn-query-error"];
    let given = case["response"]["headers"].as_object();
    for (name, value) in given.into_iter().flatten() {
        let known = OURS.contains(&name.to_ascii_lowercase().as_str());
        let no_body = reply.body.is_empty() && name.eq_ignore_ascii_case("content-type");
        if known && !no_body {
            assert_eq!(header(reply, name), value.as_str(), "{id}: {name}");
        }
    }
    assert!(header(reply, "x-amzn-requestid").is_some(), "{id}");
}

#[test]
fn rest_json() {
    let Some(done) = run("rest-json", Protocol::RestJson) else {
        return;
    };
    assert_eq!(done, (79, 12));
}

#[test]
fn json_1_1() {
    let Some(done) = run("json", Protocol::Json11) else {
        return;
    };
    assert_eq!(done, (46, 12));
}

#[test]
fn json_1_0() {
    let Some(done) = run("json_1_0", Protocol::Json10) else {
        return;
    };
    assert_eq!(done, (20, 12));
    let Some(done) = run("json_1_0-query-compatible", Protocol::Json10) else {
        return;
    };
    assert_eq!(done, (0, 2));
}

#[test]
fn query() {
    let Some(done) = run("query", Protocol::Query) else {
        return;
    };
    assert_eq!(done, (35, 3));
}

#[test]
fn rpc_v2_cbor() {
    let Some(done) = run("smithy-rpc-v2-cbor", Protocol::RpcV2Cbor) else {
        return;
    };
    assert_eq!(done, (32, 3));
    let Some(done) = run("smithy-rpc-v2-cbor-query-compatible", Protocol::RpcV2Cbor) else {
        return;
    };
    assert_eq!(done, (0, 2));
    let Some(done) = run(
        "smithy-rpc-v2-cbor-non-query-compatible",
        Protocol::RpcV2Cbor,
    ) else {
        return;
    };
    assert_eq!(done, (0, 0));
}
