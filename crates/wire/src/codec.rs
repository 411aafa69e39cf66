//! The one door to the protocols: bytes to values, and values and faults to answers.

use std::borrow::Cow;

use http::HeaderMap;
use zeroize::Zeroizing;

use crate::fault::Fault;
use crate::shape::{OperationTable, Protocol, ServiceTable};
use crate::value::Value;
use crate::{cbor, json, query, rest_json, xml};

/// A request, as far as codecs read it.
pub struct Request<'a> {
    /// The path as sent, percent-encoded.
    pub path: &'a str,
    /// The query string as sent, without its question mark.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body. For the query protocol it is the form, which may have been in the URL.
    pub body: &'a [u8],
}

/// An HTTP answer. Its body is wiped when dropped: it may hold plaintext.
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Names and values, without `content-length`.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// The body.
    pub body: Zeroizing<Vec<u8>>,
}

/// Reads a request. Only REST protocols read more than its body.
pub fn decode(
    protocol: Protocol,
    operation: &OperationTable,
    request: &Request<'_>,
) -> Result<Value, Fault> {
    let body = request.body;
    match protocol {
        Protocol::Json10 | Protocol::Json11 => json::decode(operation.input, body),
        Protocol::RpcV2Cbor => cbor::decode(operation.input, body),
        Protocol::Query => query::decode(operation.input, body),
        Protocol::RestJson => rest_json::decode(operation, request),
    }
}

/// The answer to a call that succeeded.
///
/// An operation without output is answered without a body, as KMS does for `EnableKey`; one
/// whose output has no members, with an empty structure.
pub fn encode(
    protocol: Protocol,
    service: &ServiceTable,
    operation: &OperationTable,
    output: &Value,
    request_id: &str,
) -> Reply {
    let body = match protocol {
        Protocol::RestJson => return rest_json::encode(operation, output, request_id),
        Protocol::Query => xml::encode(service.xml_namespace, operation, output, request_id),
        _ if operation.output.is_unit() => Zeroizing::default(),
        Protocol::Json10 | Protocol::Json11 => json::encode(operation.output, output),
        Protocol::RpcV2Cbor => cbor::encode(operation.output, output),
    };
    Reply {
        status: 200,
        headers: headers(protocol, &body, request_id),
        body,
    }
}

/// The answer to a call that failed. `xml_namespace` is that of the service, for query services.
pub fn encode_fault(
    protocol: Protocol,
    xml_namespace: Option<&str>,
    fault: &Fault,
    request_id: &str,
) -> Reply {
    let body = match protocol {
        Protocol::RestJson => return rest_json::encode_fault(fault, request_id),
        Protocol::Query => xml::encode_fault(xml_namespace, fault, request_id),
        Protocol::Json10 | Protocol::Json11 => json::encode_fault(protocol, fault),
        Protocol::RpcV2Cbor => cbor::encode_fault(fault),
    };
    let mut headers = headers(protocol, &body, request_id);
    if !protocol.is_query() {
        headers.extend(fault_headers(protocol, fault));
    }
    Reply {
        status: fault.status(protocol),
        headers,
        body,
    }
}

fn headers(protocol: Protocol, body: &[u8], request_id: &str) -> Vec<(Cow<'static, str>, String)> {
    let content_type = match protocol {
        Protocol::RestJson => "application/json",
        Protocol::Json10 => "application/x-amz-json-1.0",
        Protocol::Json11 => "application/x-amz-json-1.1",
        Protocol::RpcV2Cbor => "application/cbor",
        Protocol::Query => "text/xml",
    };
    let mut headers = Vec::with_capacity(4);
    headers.push(("x-amzn-requestid".into(), request_id.to_owned()));
    if protocol == Protocol::RpcV2Cbor {
        headers.push(("smithy-protocol".into(), "rpc-v2-cbor".to_owned()));
    }
    // RPC v2 forbids the type of a body that is not there; AWS's JSON services send it anyway.
    if protocol != Protocol::RpcV2Cbor || !body.is_empty() {
        headers.push(("content-type".into(), content_type.to_owned()));
    }
    headers
}

/// The name of the error, and for a service that once spoke the query protocol the code which
/// its callers knew it by.
fn fault_headers(protocol: Protocol, fault: &Fault) -> Vec<(Cow<'static, str>, String)> {
    let name = fault.shape_name(protocol);
    let code = fault.code(protocol);
    let mut headers = vec![("x-amzn-errortype".into(), name.to_owned())];
    if code != name {
        let side = if fault.is_sender_fault() {
            "Sender"
        } else {
            "Receiver"
        };
        headers.push(("x-amzn-query-error".into(), format!("{code};{side}")));
    }
    headers
}
