use wire::codec::{Reply, encode, encode_fault};
use wire::shape::{ErrorShape, Kind, Member, OperationTable, ServiceTable, Shape, Structure};
use wire::{Common, Fault, Protocol, Value};

use crate::tables::STRING;

static ERROR_MEMBERS: [Member; 2] = [
    Member::new("Message", &STRING),
    Member::new("Reason", &STRING),
];
static ERROR: ErrorShape = ErrorShape {
    name: "LimitExceededException",
    code: "LimitExceeded",
    status: 409,
    sender_fault: true,
    shape: &Shape {
        name: "LimitExceededException",
        kind: Kind::Structure(Structure {
            members: &ERROR_MEMBERS,
            union: false,
        }),
        sensitive: false,
    },
};
static NOTHING: Shape = Shape {
    name: "Unit",
    kind: Kind::Structure(Structure {
        members: &[],
        union: false,
    }),
    sensitive: false,
};
static EMPTY: Shape = Shape {
    name: "DeleteResponse",
    kind: Kind::Structure(Structure {
        members: &[],
        union: false,
    }),
    sensitive: false,
};

fn body(reply: &Reply) -> &str {
    std::str::from_utf8(&reply.body).unwrap()
}

fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    let found = reply.headers.iter().find(|(one, _)| *one == name);
    found.map(|(_, value)| value.as_str())
}

fn answer(
    protocol: Protocol,
    output: &'static Shape,
    result_wrapper: Option<&'static str>,
) -> Reply {
    let service = ServiceTable {
        name: "iam",
        service_id: "IAM",
        signing_name: "iam",
        api_version: "2010-05-08",
        target_prefix: None,
        xml_namespace: Some("https://iam.amazonaws.com/doc/2010-05-08/"),
        protocols: &[],
        operations: &[],
        unbuilt: &[],
        recording: wire::Recording::PLAIN,
    };
    let operation = OperationTable {
        name: "Delete",
        event_name: "Delete",
        http: None,
        input: &NOTHING,
        output,
        result_wrapper,
        errors: &[],
        read_only: false,
        answer_on_record: true,
        lists_resources: true,
        unsigned: false,
    };
    encode(
        protocol,
        &service,
        &operation,
        &Value::Structure(Vec::new()),
        "id-1",
    )
}

#[test]
fn no_output_and_an_empty_output_differ() {
    let reply = answer(Protocol::Json11, &NOTHING, None);
    assert_eq!((reply.status, body(&reply)), (200, ""));
    assert_eq!(
        header(&reply, "content-type"),
        Some("application/x-amz-json-1.1")
    );
    assert_eq!(header(&reply, "x-amzn-requestid"), Some("id-1"));
    assert_eq!(body(&answer(Protocol::Json11, &EMPTY, None)), "{}");
    let reply = answer(Protocol::RpcV2Cbor, &NOTHING, None);
    assert!(reply.body.is_empty());
    assert_eq!(header(&reply, "content-type"), None);
    assert_eq!(header(&reply, "smithy-protocol"), Some("rpc-v2-cbor"));
    assert_eq!(
        **answer(Protocol::RpcV2Cbor, &EMPTY, None).body,
        [0xbf, 0xff]
    );
    let namespace = "https://iam.amazonaws.com/doc/2010-05-08/";
    let metadata = "<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata>";
    assert_eq!(
        body(&answer(Protocol::Query, &NOTHING, None)),
        format!("<DeleteResponse xmlns=\"{namespace}\">{metadata}</DeleteResponse>")
    );
    assert_eq!(
        body(&answer(Protocol::Query, &EMPTY, Some("DeleteResult"))),
        format!(
            "<DeleteResponse xmlns=\"{namespace}\"><DeleteResult></DeleteResult>{metadata}</DeleteResponse>"
        )
    );
}

#[test]
fn a_modeled_error_in_every_protocol() {
    let members = vec![None, Some(Value::string("a<b"))];
    let fault = Fault::modeled(&ERROR, Some("too \"many\"".to_owned())).with_members(members);
    let reply = encode_fault(Protocol::Json11, None, &fault, "id-1");
    assert_eq!(reply.status, 409);
    assert_eq!(
        body(&reply),
        r#"{"__type":"LimitExceededException","Reason":"a<b","Message":"too \"many\""}"#
    );
    assert_eq!(
        header(&reply, "x-amzn-errortype"),
        Some("LimitExceededException")
    );
    assert_eq!(
        header(&reply, "x-amzn-query-error"),
        Some("LimitExceeded;Sender")
    );
    let reply = encode_fault(Protocol::Query, Some("urn:x"), &fault, "id-1");
    assert_eq!(
        body(&reply),
        "<ErrorResponse xmlns=\"urn:x\"><Error><Type>Sender</Type><Code>LimitExceeded</Code>\
         <Message>too &quot;many&quot;</Message><Reason>a&lt;b</Reason></Error>\
         <RequestId>id-1</RequestId></ErrorResponse>"
    );
    assert_eq!(header(&reply, "x-amzn-errortype"), None);
    assert_eq!(header(&reply, "content-type"), Some("text/xml"));
    let reply = encode_fault(Protocol::RpcV2Cbor, None, &fault, "id-1");
    let cbor = b"\xbff__typevLimitExceededExceptionfReasonca<bgMessagejtoo \"many\"\xff";
    assert_eq!(*reply.body, cbor);
}

#[test]
fn shared_errors_keep_the_spelling_of_their_text() {
    for (common, expected) in [
        (
            Common::AccessDenied,
            r#"{"__type":"AccessDeniedException","Message":"x"}"#,
        ),
        (
            Common::Serialization,
            r#"{"__type":"SerializationException","Message":"x"}"#,
        ),
        (
            Common::Validation,
            r#"{"__type":"ValidationException","message":"x"}"#,
        ),
        (
            Common::InvalidClientTokenId,
            r#"{"__type":"UnrecognizedClientException","message":"x"}"#,
        ),
    ] {
        let reply = encode_fault(Protocol::Json11, None, &Fault::common(common, "x"), "id-1");
        assert_eq!(body(&reply), expected);
        assert_eq!(header(&reply, "x-amzn-query-error"), None);
    }
    let fault = Fault::common_bare(Common::UnknownOperation);
    let reply = encode_fault(Protocol::Json10, None, &fault, "id-1");
    assert_eq!(body(&reply), r#"{"__type":"UnknownOperationException"}"#);
    assert_eq!(
        header(&reply, "content-type"),
        Some("application/x-amz-json-1.0")
    );
}
