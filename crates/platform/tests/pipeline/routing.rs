//! Which requests go where, and what those hear that go nowhere.

use api::{kms, sts};
use platform::{BodyError, Ctx, Result, Service};

use crate::house::{FORM, Harness, JSON, Request, Value, events, json, may};

const CBOR: &str = "application/cbor";
const WHOAMI: &str = "Action=GetCallerIdentity&Version=2011-06-15";

async fn read(ctx: &Ctx, request: kms::DescribeKeyRequest) -> Result<kms::DescribeKeyResponse> {
    may(ctx, "kms:DescribeKey").await?;
    match request.key_id.as_str() {
        "x" => Ok(kms::DescribeKeyResponse::default()),
        _ => Err(kms::NotFoundException::new("no such key").into()),
    }
}

async fn whoami(
    ctx: &Ctx,
    _: sts::GetCallerIdentityRequest,
) -> Result<sts::GetCallerIdentityResponse> {
    ctx.needs_no_permission();
    Ok(sts::GetCallerIdentityResponse {
        arn: Some(ctx.caller.arn.clone()),
        ..Default::default()
    })
}

async fn house() -> Harness {
    let kms = Service::new(&kms::SERVICE).op::<kms::DescribeKey>(read);
    let sts = Service::new(&sts::SERVICE).op::<sts::GetCallerIdentity>(whoami);
    Harness::new(vec![kms, sts]).await
}

fn describe() -> Request {
    Request::kms("DescribeKey", &json!({ "KeyId": "x" }))
}

fn cbor(path: &str) -> Request {
    // {"KeyId": "x"}
    Request::new("POST", path, "kms", b"\xa1\x65KeyId\x61x")
        .header("content-type", CBOR)
        .header("smithy-protocol", "rpc-v2-cbor")
}

#[tokio::test]
async fn sec_s18_the_scope_must_name_the_service_that_was_reached() {
    let pipeline = house().await.pipeline;
    let scoped =
        |service: &str| format!("Credential should be scoped to correct service: '{service}'.");
    for other in ["sts", "iam", "s3", "KMS", "kms2"] {
        let answer = describe()
            .signed_for("eu-west-2", other)
            .send(&pipeline)
            .await;
        answer.says(400, "InvalidSignatureException", &scoped("kms"));
        let request = cbor("/service/TrentService/operation/DescribeKey");
        let answer = request.signed_for("eu-west-2", other).send(&pipeline).await;
        answer.is(400, "InvalidSignatureException");
    }
    // A form goes where its signature says, and nowhere if that service has no forms.
    for other in ["kms", "iam", "s3"] {
        let answer = Request::sts(WHOAMI)
            .signed_for("us-east-1", other)
            .send(&pipeline)
            .await;
        answer.is(400, "InvalidAction");
    }
    assert_eq!(events(&pipeline).len(), 0);
}

#[tokio::test]
async fn what_nobody_knows_is_an_unknown_operation() {
    let pipeline = house().await.pipeline;
    for target in [
        "TrentService.Nothing",
        "Nobody.DescribeKey",
        "DescribeKey",
        ".",
        "",
        "TrentService.DescribeKey.",
        "trentservice.DescribeKey",
        "TrentService.describeKey",
    ] {
        let answer = describe()
            .header("x-amz-target", target)
            .send(&pipeline)
            .await;
        answer.is(400, "UnknownOperationException");
        assert_eq!(
            answer.text, r#"{"__type":"UnknownOperationException"}"#,
            "{target}"
        );
    }
    for path in [
        "/service/TrentService/operation/Nothing",
        "/service/Nobody/operation/DescribeKey",
        "/service/TrentService/operation/",
        "/service/TrentService/DescribeKey",
        "/service/TrentService/operation/DescribeKey/more",
        "/service/TrentService/operation/../operation/DescribeKey",
        "/service/",
    ] {
        let answer = cbor(path).send(&pipeline).await;
        answer.is(400, "UnknownOperationException");
        assert_eq!(
            answer.header("smithy-protocol"),
            Some("rpc-v2-cbor"),
            "{path}"
        );
    }
    for uri in ["/nothing", "//", "/%2e%2e/"] {
        let mut request = Request::sts(WHOAMI);
        request.uri = uri.to_owned();
        request
            .send(&pipeline)
            .await
            .says(400, "InvalidAction", "<Code>InvalidAction</Code>");
    }
}

#[tokio::test]
async fn forms_name_an_action_and_a_version() {
    let pipeline = house().await.pipeline;
    for (form, code, text) in [
        ("Version=2011-06-15", "MissingAction", "Missing Action"),
        (
            "Action=Nothing&Version=2011-06-15",
            "InvalidAction",
            "Could not find operation Nothing for version 2011-06-15",
        ),
        (
            "Action=GetCallerIdentity&Version=2010-05-08",
            "InvalidAction",
            "Could not find operation GetCallerIdentity for version 2010-05-08",
        ),
        (
            "Action=GetCallerIdentity",
            "InvalidAction",
            "Could not find operation GetCallerIdentity for version NO_VERSION_SPECIFIED",
        ),
        (
            "Action=%3Cb%3E&Version=2011-06-15",
            "InvalidAction",
            "Could not find operation &lt;b&gt; for version",
        ),
    ] {
        Request::sts(form)
            .send(&pipeline)
            .await
            .says(400, code, text);
    }
    let not_built = "Action=GetDelegatedAccessToken&Version=2011-06-15";
    let answer = Request::sts(not_built).send(&pipeline).await;
    answer.says(
        400,
        "InvalidAction",
        "GetDelegatedAccessToken of STS is not built in this version",
    );
}

/// What stands in the other place would be passed over without a word.
#[tokio::test]
async fn parameters_stand_in_the_url_or_in_the_body() {
    let pipeline = house().await.pipeline;
    let mut both = Request::sts("UserName=bob");
    both.uri = format!("/?{WHOAMI}");
    both.send(&pipeline).await.is(400, "MalformedInput");
    let mut empty = Request::sts("");
    empty.uri = format!("/?{WHOAMI}");
    empty.send(&pipeline).await.is_ok();
}

#[tokio::test]
async fn what_aws_has_and_this_version_does_not_is_said_clearly() {
    let pipeline = house().await.pipeline;
    let unbuilt = kms::SERVICE.unbuilt[0];
    let answer = Request::kms(unbuilt, &json!({})).send(&pipeline).await;
    let text =
        format!("The operation {unbuilt} of KMS is not built in this version of Strongroom.");
    answer.says(400, "UnknownOperationException", &text);
    let answer = cbor(&format!("/service/TrentService/operation/{unbuilt}"))
        .send(&pipeline)
        .await;
    answer.says(400, "UnknownOperationException", &text);
    // Not for everybody to ask.
    let answer = Request::kms(unbuilt, &json!({}))
        .by("anonymous")
        .send(&pipeline)
        .await;
    answer.is(400, "MissingAuthenticationTokenException");
}

#[tokio::test]
async fn every_protocol_reaches_its_operation() {
    let pipeline = house().await.pipeline;
    describe().send(&pipeline).await.is_ok();
    let answer = cbor("/service/TrentService/operation/DescribeKey")
        .send(&pipeline)
        .await;
    answer.is_ok();
    assert_eq!(answer.header("content-type"), Some(CBOR));
    assert!(matches!(answer.body.first(), Some(0xa0..=0xbf)), "a map");
    let arn = "arn:aws:iam::111122223333:root";
    let post = Request::sts(WHOAMI).send(&pipeline).await;
    let get = Request::new("GET", &format!("/?{WHOAMI}"), "sts", b"")
        .send(&pipeline)
        .await;
    for answer in [post, get] {
        answer.says(200, "", arn);
        assert_eq!(answer.header("content-type"), Some("text/xml"));
    }
    let names: Vec<Value> = events(&pipeline)
        .iter()
        .map(|event| event["eventName"].clone())
        .collect();
    assert_eq!(
        json!(names),
        json!([
            "DescribeKey",
            "DescribeKey",
            "GetCallerIdentity",
            "GetCallerIdentity"
        ])
    );
}

#[tokio::test]
async fn the_content_type_is_part_of_the_protocol() {
    let pipeline = house().await.pipeline;
    for good in [
        JSON,
        "application/x-amz-json-1.0",
        "application/json",
        "application/x-amz-json-1.1; charset=utf-8",
    ] {
        describe()
            .header("content-type", good)
            .send(&pipeline)
            .await
            .is_ok();
    }
    for bad in [FORM, CBOR, "text/plain", ""] {
        let answer = describe().header("content-type", bad).send(&pipeline).await;
        answer.is(400, "UnknownOperationException");
    }
    let answer = describe().without("content-type").send(&pipeline).await;
    answer.is(400, "UnknownOperationException");

    let path = "/service/TrentService/operation/DescribeKey";
    for bad in [JSON, "text/plain"] {
        let answer = cbor(path).header("content-type", bad).send(&pipeline).await;
        answer.is(400, "UnknownOperationException");
    }
    let answer = cbor(path)
        .header("smithy-protocol", "rpc-v2-json")
        .send(&pipeline)
        .await;
    answer.is(400, "UnknownOperationException");
    let answer = cbor(path).without("smithy-protocol").send(&pipeline).await;
    answer.is(400, "UnknownOperationException");
    let mut get = cbor(path);
    get.method = "GET";
    get.send(&pipeline)
        .await
        .is(400, "UnknownOperationException");

    let answer = Request::sts(WHOAMI)
        .header("content-type", JSON)
        .send(&pipeline)
        .await;
    answer.is(400, "MissingAction");
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused() {
    let pipeline = house().await.pipeline;
    let answer = describe()
        .send_body(&pipeline, Err(BodyError::TooLarge))
        .await;
    answer.is(413, "RequestEntityTooLargeException");
    let answer = Request::sts(WHOAMI)
        .send_body(&pipeline, Err(BodyError::TooLarge))
        .await;
    answer.is(413, "RequestEntityTooLarge");
    let answer = describe()
        .send_body(&pipeline, Err(BodyError::Broken))
        .await;
    answer.is(400, "SerializationException");
    assert_eq!(events(&pipeline).len(), 0);
    for body in [
        "",
        "{",
        "[]",
        "\"\"",
        "{\"KeyId\":1}",
        "{\"KeyId\":\"x\",\"KeyId\":\"x\"}",
        "{}{}",
    ] {
        let mut request = describe();
        request.body = body.as_bytes().to_vec();
        let answer = request.send(&pipeline).await;
        let missing = body.is_empty();
        let code = if missing {
            "ValidationException"
        } else {
            "SerializationException"
        };
        answer.is(400, code);
    }
}

/// Errors come in the form of the protocol, also those of services.
#[tokio::test]
async fn an_error_is_written_in_the_protocol_of_its_call() {
    let pipeline = house().await.pipeline;
    let answer = Request::kms("DescribeKey", &json!({ "KeyId": "y" }))
        .send(&pipeline)
        .await;
    answer.says(400, "NotFoundException", r#""__type":"NotFoundException""#);
    let mut request = cbor("/service/TrentService/operation/DescribeKey");
    request.body = b"\xa1\x65KeyId\x61y".to_vec();
    let answer = request.send(&pipeline).await;
    answer.says(400, "NotFoundException", "NotFoundException");
    assert_eq!(answer.header("content-type"), Some(CBOR));
}
