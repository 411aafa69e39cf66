//! What the SDKs' cases of `restJson1` do not have: requests that no client sends.

use http::{HeaderMap, HeaderValue};
use wire::codec::{Request, decode, encode, encode_fault};
use wire::rest::operation;
use wire::shape::{
    ErrorShape, Http, Kind, List, Location, Member, OperationTable, Range, ServiceTable, Shape,
    Structure,
};
use wire::{Common, Fault, Protocol, Value};

use crate::tables::{STRING, refusal};

static TEXTS: Shape = Shape {
    name: "Texts",
    kind: Kind::List(List {
        member: &STRING,
        member_name: "member",
        flattened: false,
        length: Range::ANY,
    }),
    sensitive: false,
};
static BLOB: Shape = Shape {
    name: "Blob",
    kind: Kind::Blob(Range::ANY),
    sensitive: false,
};
static NUMBER: Shape = Shape {
    name: "Number",
    kind: Kind::Integer(Range::ANY),
    sensitive: false,
};

const fn at(location: Location, name: &'static str, shape: &'static Shape) -> Member {
    Member {
        location,
        ..Member::new(name, shape)
    }
}

macro_rules! structures {
    ($($name:ident = [$($member:expr),*];)*) => {
        $(static $name: Shape = Shape {
            name: stringify!($name),
            kind: Kind::Structure(Structure { members: &[$($member),*], union: false }),
            sensitive: false,
        };)*
    };
}

structures! {
    UPDATE = [
        at(Location::Label, "Name", &STRING),
        at(Location::Query, "Qualifier", &STRING),
        at(Location::Header, "x-list", &TEXTS),
        at(Location::Header, "x-one", &STRING),
        Member::new("Text", &STRING)
    ];
    INVOKE = [at(Location::Label, "Name", &STRING), at(Location::Payload, "Payload", &BLOB)];
    DELETE = [at(Location::Label, "Name", &STRING)];
    STATUS = [at(Location::Status, "StatusCode", &NUMBER)];
    FAILURE = [
        at(Location::Header, "retry-after", &STRING),
        Member::new("Type", &STRING),
        Member::new("Message", &STRING),
        Member::new("Reason", &STRING)
    ];
}

static ERROR: ErrorShape = ErrorShape {
    name: "TooManyRequestsException",
    code: "TooManyRequestsException",
    status: 429,
    sender_fault: true,
    shape: &FAILURE,
};

const fn table(
    name: &'static str,
    (method, uri, status): (&'static str, &'static str, u16),
    (input, output): (&'static Shape, &'static Shape),
) -> OperationTable {
    OperationTable {
        name,
        event_name: name,
        http: Some(Http {
            method,
            uri,
            status,
            media_type: "application/json",
        }),
        input,
        output,
        result_wrapper: None,
        errors: &[],
        read_only: false,
        answer_on_record: true,
        lists_resources: true,
        unsigned: false,
    }
}

static UPDATE_IT: OperationTable = table(
    "Update",
    ("PUT", "/v1/f/{Name}/code", 200),
    (&UPDATE, &UPDATE),
);
static INVOKE_IT: OperationTable = table(
    "Invoke",
    ("POST", "/v1/f/{Name}/run", 200),
    (&INVOKE, &INVOKE),
);
static DELETE_IT: OperationTable = table(
    "Delete",
    ("DELETE", "/v1/f/{Name}", 200),
    (&DELETE, &STATUS),
);
static LIST_ALL: OperationTable = table("ListAll", ("GET", "/v1/f", 200), (&DELETE, &DELETE));
static LIST_SOME: OperationTable = table(
    "ListSome",
    ("GET", "/v1/f?find=some", 200),
    (&DELETE, &DELETE),
);
static OPERATIONS: [&OperationTable; 5] =
    [&UPDATE_IT, &INVOKE_IT, &DELETE_IT, &LIST_ALL, &LIST_SOME];

fn read(
    table: &OperationTable,
    target: &str,
    headers: &[(&'static str, &'static str)],
    body: &str,
) -> Result<Value, Fault> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, HeaderValue::from_static(value));
    }
    let request = Request {
        path,
        query,
        headers: &map,
        body: body.as_bytes(),
    };
    decode(Protocol::RestJson, table, &request)
}

fn members(value: &Value) -> Vec<Option<&str>> {
    (0..5)
        .map(|place| value.member(place).and_then(Value::as_str))
        .collect()
}

#[test]
fn a_method_and_a_path_name_an_operation() {
    let named =
        |method, path, query| operation(&OPERATIONS, (method, path, query)).map(|found| found.name);
    assert_eq!(named("PUT", "/v1/f/x/code", ""), Some("Update"));
    assert_eq!(named("PUT", "/v1/f/x/code/", ""), Some("Update"));
    assert_eq!(named("POST", "/v1/f/x/code", ""), None);
    assert_eq!(named("put", "/v1/f/x/code", ""), None);
    assert_eq!(named("PUT", "/v1/f/../x/code", ""), None);
    assert_eq!(named("DELETE", "/v1/f/a%2Fb", ""), Some("Delete"));
    assert_eq!(named("GET", "/v1/f", "x=y"), Some("ListAll"));
    assert_eq!(named("GET", "/v1/f", "x=y&find=some"), Some("ListSome"));
    assert_eq!(named("GET", "/v1/f", "find=other"), Some("ListAll"));
    assert_eq!(named("GET", "/", ""), None);
}

#[test]
fn a_member_has_one_place() {
    let body = r#"{"Name":"body","Qualifier":"body","x-one":"body","Text":"t"}"#;
    let value = read(&UPDATE_IT, "/v1/f/path/code", &[], body);
    let value = value.unwrap_or_else(|_| panic!("refused"));
    assert_eq!(members(&value), [Some("path"), None, None, None, Some("t")]);
}

#[test]
fn labels_keep_a_plus_and_parameters_do_not() {
    let value = read(&UPDATE_IT, "/v1/f/a+b%2Fc/code?Qualifier=a+b%2B", &[], "");
    let value = value.unwrap_or_else(|_| panic!("refused"));
    assert_eq!(members(&value)[..2], [Some("a+b/c"), Some("a b+")]);
}

#[test]
fn nothing_is_taken_twice() {
    let twice = "Duplicate key found where not expected";
    let target = "/v1/f/x/code?Qualifier=1&Qualifier=2";
    assert_eq!(refusal(read(&UPDATE_IT, target, &[], "")), twice);
    let target = "/v1/f/x/code";
    let headers = [("x-one", "1"), ("x-one", "2")];
    assert_eq!(refusal(read(&UPDATE_IT, target, &headers, "")), twice);
    assert_eq!(
        refusal(read(&UPDATE_IT, target, &[], r#"{"Text":"1","Text":"2"}"#)),
        twice
    );
}

#[test]
fn what_cannot_be_read_is_refused() {
    for target in [
        "/v1/f/%zz/code",
        "/v1/f/%FF/code",
        "/v1/f/x/code?a=%",
        "/v1/f/x/code?%FF=1",
    ] {
        assert!(read(&UPDATE_IT, target, &[], "").is_err(), "{target}");
    }
    for list in ["\"open", "\"a\" b", "\"a\\"] {
        let header: &'static str = list.to_owned().leak();
        assert!(
            read(&UPDATE_IT, "/v1/f/x/code", &[("x-list", header)], "").is_err(),
            "{list}"
        );
    }
    let many = format!("/v1/f/x/code?{}", "a=b&".repeat(1001));
    assert_eq!(
        refusal(read(&UPDATE_IT, &many, &[], "")),
        "Too many parameters"
    );
}

#[test]
fn lists_in_headers_are_one_header_or_several() {
    let lists = [
        (
            vec![("x-list", "a, \"b,\\\"c\" ,d")],
            vec!["a", "b,\"c", "d"],
        ),
        (vec![("x-list", "a"), ("x-list", "b")], vec!["a", "b"]),
        (vec![("x-list", "a,,b")], vec!["a", "", "b"]),
        (vec![("x-list", "")], vec![]),
    ];
    for (headers, expected) in lists {
        let value = read(&UPDATE_IT, "/v1/f/x/code", &headers, "");
        let value = value.unwrap_or_else(|_| panic!("refused"));
        let Some(Value::List(items)) = value.member(2) else {
            panic!("no list of {headers:?}")
        };
        let items: Vec<_> = items.iter().filter_map(Value::as_str).collect();
        assert_eq!(items, expected);
    }
}

#[test]
fn a_document_is_json_and_a_blob_anything() {
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let refused = read(&UPDATE_IT, "/v1/f/x/code", &form, "{}").err();
    let refused = refused.and_then(|fault| fault.as_common());
    assert_eq!(refused, Some(Common::UnsupportedMediaType));
    assert!(read(&UPDATE_IT, "/v1/f/x/code", &form, "").is_ok());
    let json = [("content-type", "Application/JSON; charset=utf-8")];
    assert!(read(&UPDATE_IT, "/v1/f/x/code", &json, "{}").is_ok());
    let value = read(&INVOKE_IT, "/v1/f/x/run", &form, "\0 no JSON");
    let value = value.unwrap_or_else(|_| panic!("refused"));
    assert!(value.member(1) == Some(&Value::blob("\0 no JSON")));
    let value = read(&INVOKE_IT, "/v1/f/x/run", &form, "");
    assert!(value.is_ok_and(|value| value.member(1).is_none()));
}

fn answer(
    table: &OperationTable,
    values: Vec<Option<Value>>,
) -> (u16, Vec<(String, String)>, String) {
    let service = ServiceTable {
        name: "f",
        service_id: "F",
        signing_name: "f",
        api_version: "2015-03-31",
        target_prefix: None,
        xml_namespace: None,
        protocols: &[Protocol::RestJson],
        operations: &OPERATIONS,
        unbuilt: &[],
        recording: wire::Recording::PLAIN,
    };
    let reply = encode(
        Protocol::RestJson,
        &service,
        table,
        &Value::Structure(values),
        "id-1",
    );
    let headers = reply.headers.iter();
    let headers = headers.map(|(name, value)| (name.to_string(), value.clone()));
    let body = String::from_utf8_lossy(&reply.body).into_owned();
    (reply.status, headers.collect(), body)
}

#[test]
fn an_answer_has_its_status_and_no_body_where_nothing_is_left() {
    let (status, headers, body) = answer(&DELETE_IT, vec![Some(Value::Integer(204))]);
    assert_eq!((status, body.as_str()), (204, ""));
    assert_eq!(
        headers,
        [("x-amzn-requestid".to_owned(), "id-1".to_owned())]
    );
    assert_eq!(answer(&DELETE_IT, vec![None]).0, 200);
    let name = Some(Value::string("n"));
    let (_, headers, body) = answer(&INVOKE_IT, vec![name, Some(Value::blob("true"))]);
    assert_eq!(body, "true");
    assert!(headers.contains(&("content-type".to_owned(), "application/json".to_owned())));
}

#[test]
fn an_error_says_whose_fault_it_is() {
    let fault = Fault::modeled(&ERROR, Some("slower".to_owned()));
    let reply = encode_fault(Protocol::RestJson, None, &fault, "id-1");
    let body = String::from_utf8_lossy(&reply.body).into_owned();
    assert_eq!(
        (reply.status, body.as_str()),
        (429, r#"{"Type":"User","Message":"slower"}"#)
    );
    let reason = Some(Value::string("Rate"));
    let members = vec![Some(Value::string("7")), None, None, reason];
    let reply = encode_fault(
        Protocol::RestJson,
        None,
        &fault.with_members(members),
        "id-1",
    );
    let body = String::from_utf8_lossy(&reply.body).into_owned();
    assert_eq!(
        body,
        r#"{"Type":"User","Reason":"Rate","Message":"slower"}"#
    );
    let retry = reply.headers.iter().find(|(name, _)| name == "retry-after");
    assert_eq!(retry.map(|(_, value)| value.as_str()), Some("7"));
}

#[test]
fn shared_errors_have_the_statuses_of_rest() {
    for (common, status) in [
        (Common::AccessDenied, 403),
        (Common::InvalidSignature, 403),
        (Common::MissingAuthenticationToken, 403),
        (Common::UnknownOperation, 404),
        (Common::Validation, 400),
        (Common::Throttling, 429),
        (Common::UnsupportedMediaType, 415),
    ] {
        let reply = encode_fault(
            Protocol::RestJson,
            None,
            &Fault::common(common, "x"),
            "id-1",
        );
        assert_eq!(reply.status, status, "{common:?}");
    }
}
