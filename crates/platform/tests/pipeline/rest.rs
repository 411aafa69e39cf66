//! A service that speaks a REST protocol: which request goes where, what is signed, what is refused.

use platform::{BodyError, Ctx, Result, Service};
use wire::shape::{
    Kind, Location, Member, OperationTable, Range, ServiceTable, Shape, Structure, Text,
};
use wire::{FromValue, Http, IntoValue, Members, Operation, Protocol, Value};

use crate::house::{Harness, Request, events, json, may};

static TEXT: Shape = Shape {
    name: "Text",
    kind: Kind::String(Text {
        length: Range {
            min: Some(1),
            max: Some(10),
        },
        pattern: None,
        values: &[],
    }),
    sensitive: false,
};
static THING: Shape = Shape {
    name: "Thing",
    kind: Kind::Structure(Structure {
        members: &[
            Member {
                location: Location::Label,
                required: true,
                ..Member::new("Name", &TEXT)
            },
            Member::new("Text", &TEXT),
        ],
        union: false,
    }),
    sensitive: false,
};

static SERVICE: ServiceTable = ServiceTable {
    name: "things",
    service_id: "Things",
    signing_name: "things",
    api_version: "2026-01-01",
    target_prefix: None,
    xml_namespace: None,
    protocols: &[Protocol::RestJson],
    operations: &[PutThing::TABLE],
    unbuilt: &[],
    recording: wire::Recording::PLAIN,
};

struct PutThing;

impl Operation for PutThing {
    type Input = Thing;
    type Output = Thing;
    const TABLE: &'static OperationTable = &OperationTable {
        name: "PutThing",
        event_name: "PutThing20260101v2",
        http: Some(Http {
            method: "PUT",
            uri: "/2026-01-01/things/{Name}",
            status: 201,
            media_type: "application/octet-stream",
        }),
        input: &THING,
        output: &THING,
        result_wrapper: None,
        errors: &[],
        read_only: false,
        answer_on_record: true,
        lists_resources: true,
        unsigned: false,
    };
}

struct Thing {
    name: String,
    text: Option<String>,
}

impl FromValue for Thing {
    fn from_value(value: Value) -> Option<Self> {
        let mut members = Members::of(value)?;
        Some(Self {
            name: members.required()?,
            text: members.take()?,
        })
    }
}

impl IntoValue for Thing {
    fn into_value(self) -> Value {
        let text = self.text.map(IntoValue::into_value);
        Value::Structure(vec![Some(self.name.into_value()), text])
    }
}

async fn put(ctx: &Ctx, thing: Thing) -> Result<Thing> {
    may(ctx, "kms:CreateKey").await?;
    Ok(thing)
}

async fn house() -> Harness {
    let service = Service::new(&SERVICE)
        .op::<PutThing>(put)
        .bodies_of::<PutThing>(70_167_211);
    Harness::new(vec![service]).await
}

fn request(method: &'static str, uri: &str) -> Request {
    let body = br#"{"Text":"t","Name":"other"}"#;
    Request::new(method, uri, "things", body).header("content-type", "application/json")
}

#[tokio::test]
async fn a_call_is_answered_and_on_record_under_its_name_there() {
    let harness = house().await;
    let answer = request("PUT", "/2026-01-01/things/a%3Ab%2Fc")
        .send(&harness.pipeline)
        .await;
    assert_eq!(
        (answer.status, answer.text.as_str()),
        (201, r#"{"Text":"t"}"#)
    );
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let event = &events(&harness.pipeline)[0];
    assert_eq!(event["eventName"], "PutThing20260101v2");
    assert_eq!(
        event["requestParameters"],
        json!({ "name": "a:b/c", "text": "t" })
    );
    let input = json!({ "Name": "x/+ y", "Text": "t" });
    let answer = harness.rest("root", "things", "PutThing", input).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
}

#[tokio::test]
async fn what_is_no_operation_is_unknown() {
    let pipeline = house().await.pipeline;
    for (method, uri) in [
        ("GET", "/2026-01-01/things/x"),
        ("PUT", "/2026-01-01/things/"),
        ("PUT", "/2026-01-01/things/x/y"),
        ("PUT", "/2026-01-01/things/../things/x"),
        ("POST", "/"),
    ] {
        let answer = request(method, uri).send(&pipeline).await;
        answer.is(404, "UnknownOperationException");
        assert_eq!(
            answer.header("x-amzn-errortype"),
            Some("UnknownOperationException")
        );
    }
    assert!(events(&pipeline).is_empty());
}

#[tokio::test]
async fn path_and_query_are_signed() {
    let pipeline = house().await.pipeline;
    let path = "/2026-01-01/things/x";
    let anonymous = request("PUT", path).by("anonymous").send(&pipeline).await;
    anonymous.is(403, "MissingAuthenticationTokenException");
    // Signed for one path or query, sent to another.
    for (signed, sent) in [
        (path, "/2026-01-01/things/y"),
        ("/2026-01-01/things/a%2Fb", "/2026-01-01/things/a%252Fb"),
        ("/2026-01-01/things/x?a=b", "/2026-01-01/things/x?a=c"),
    ] {
        let answer = request("PUT", signed)
            .signed_then_sent_to(sent, &pipeline)
            .await;
        answer.is(403, "InvalidSignatureException");
    }
    let other = request("PUT", path)
        .signed_for("eu-west-2", "kms")
        .send(&pipeline)
        .await;
    assert_eq!(other.code, Some("InvalidAction"), "{}", other.text);
}

#[tokio::test]
async fn constraints_permissions_and_sizes_are_those_of_other_protocols() {
    let harness = house().await;
    harness.user("nobody", &[]);
    let pipeline = &harness.pipeline;
    let answer = request("PUT", "/2026-01-01/things/12345678901")
        .send(pipeline)
        .await;
    answer.says(
        400,
        "ValidationException",
        "Value '12345678901' at 'name' failed to satisfy",
    );
    let answer = request("PUT", "/2026-01-01/things/x")
        .by("nobody")
        .send(pipeline)
        .await;
    answer.says(403, "AccessDeniedException", r#"{"Message":"User: "#);
    let broken = request("PUT", "/2026-01-01/things/x");
    let answer = broken.send_body(pipeline, Err(BodyError::TooLarge)).await;
    let text = "Request must be smaller than 70167211 bytes for the PutThing operation";
    answer.says(413, "RequestEntityTooLargeException", text);
}
