//! Calls between services: one transaction, one decision more, and an event each.

use api::{kms, sts};
use platform::{Ctx, Error, Result, Service};
use wire::Entries;

use crate::house::{
    ACCOUNT, Answer, Harness, REGION, Request, Value, count, events, increment, json, may, policy,
};

/// Writes to the counter that the key id names.
async fn write(ctx: &Ctx, request: kms::CreateGrantRequest) -> Result<kms::CreateGrantResponse> {
    may(ctx, "kms:CreateGrant").await?;
    increment(ctx, &request.key_id).await?;
    // Lets others go on meanwhile.
    tokio::task::yield_now().await;
    if request.key_id == "absent" {
        return Err(kms::NotFoundException::new("no such key").into());
    }
    Ok(kms::CreateGrantResponse {
        grant_id: Some(ctx.request_id.clone()),
        ..Default::default()
    })
}

async fn read(ctx: &Ctx, request: kms::EncryptRequest) -> Result<kms::EncryptResponse> {
    may(ctx, "kms:Encrypt").await?;
    Ok(kms::EncryptResponse {
        ciphertext_blob: Some(request.plaintext),
        key_id: ctx.via_service().map(str::to_owned),
        ..Default::default()
    })
}

/// Succeeds without asking anything.
async fn careless(_: &Ctx, _: kms::DecryptRequest) -> Result<kms::DecryptResponse> {
    Ok(kms::DecryptResponse::default())
}

/// Lets another call write, and fails.
async fn middle(ctx: &Ctx, _: kms::ReEncryptRequest) -> Result<kms::ReEncryptResponse> {
    may(ctx, "kms:ReEncryptFrom").await?;
    let service = ctx.on_behalf_of_caller("kms");
    service.call::<kms::CreateGrant>(grant("inner")).await?;
    Err(kms::InvalidCiphertextException::bare().into())
}

/// Calls itself, without end.
async fn endless(ctx: &Ctx, request: kms::DescribeKeyRequest) -> Result<kms::DescribeKeyResponse> {
    may(ctx, "kms:DescribeKey").await?;
    let service = ctx.on_behalf_of_caller("kms");
    service.call::<kms::DescribeKey>(request).await
}

fn grant(key_id: &str) -> kms::CreateGrantRequest {
    kms::CreateGrantRequest {
        key_id: key_id.to_owned(),
        grantee_principal: Some(format!("arn:aws:iam::{ACCOUNT}:root")),
        operations: vec![kms::GrantOperation::Decrypt],
        ..Default::default()
    }
}

async fn encrypt(ctx: &Ctx, through: &str) -> Result<kms::EncryptResponse> {
    let request = kms::EncryptRequest {
        key_id: "x".to_owned(),
        plaintext: b"plaintext-canary".to_vec().into(),
        encryption_context: Entries(vec![("name".to_owned(), "value".to_owned())]),
        ..Default::default()
    };
    let call = match through.strip_prefix("as ") {
        Some(principal) => ctx
            .as_service(principal)
            .source(&format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:x")),
        None => ctx.on_behalf_of_caller(through),
    };
    call.call::<kms::Encrypt>(request).await
}

/// What the calling service does is what the message of its request says.
async fn outer(
    ctx: &Ctx,
    request: sts::DecodeAuthorizationMessageRequest,
) -> Result<sts::DecodeAuthorizationMessageResponse> {
    may(ctx, "sts:DecodeAuthorizationMessage").await?;
    let service = || ctx.on_behalf_of_caller("secretsmanager");
    let refused = || Error::from(sts::InvalidAuthorizationMessageException::new("refused"));
    let mut said = String::new();
    increment(ctx, "outer").await?;
    match request.encoded_message.as_str() {
        "write" => drop(service().call::<kms::CreateGrant>(grant("inner")).await?),
        "write and fail" => {
            service().call::<kms::CreateGrant>(grant("inner")).await?;
            return Err(refused());
        }
        "read and fail" => {
            encrypt(ctx, "secretsmanager").await?;
            return Err(refused());
        }
        "go on" => {
            let failed = service().call::<kms::CreateGrant>(grant("absent")).await;
            assert!(failed.is_err());
            service().call::<kms::CreateGrant>(grant("inner")).await?;
        }
        "go on below" => {
            let request = kms::ReEncryptRequest {
                destination_key_id: "x".to_owned(),
                ..Default::default()
            };
            assert!(service().call::<kms::ReEncrypt>(request).await.is_err());
        }
        "invalid" => drop(service().call::<kms::CreateGrant>(grant("")).await?),
        "careless" => {
            let request = kms::DecryptRequest::default();
            service().call::<kms::Decrypt>(request).await?;
        }
        "endless" => {
            let request = kms::DescribeKeyRequest {
                key_id: "x".to_owned(),
                ..Default::default()
            };
            service().call::<kms::DescribeKey>(request).await?;
        }
        "not served" => {
            let request = kms::RevokeGrantRequest {
                key_id: "x".to_owned(),
                grant_id: "y".to_owned(),
                ..Default::default()
            };
            service().call::<kms::RevokeGrant>(request).await?;
        }
        "abandon" => {
            let call = std::pin::pin!(service().call::<kms::CreateGrant>(grant("inner")));
            // One step is not enough to end it.
            poll_once(call).await;
        }
        through => said = encrypt(ctx, through).await?.key_id.unwrap_or_default(),
    }
    Ok(sts::DecodeAuthorizationMessageResponse {
        decoded_message: Some(said),
    })
}

/// Polls once and lets go.
async fn poll_once<F: Future + Unpin>(mut future: F) {
    std::future::poll_fn(|context| {
        let _ = std::pin::Pin::new(&mut future).poll(context);
        std::task::Poll::Ready(())
    })
    .await;
}

async fn house() -> Harness {
    let kms = Service::new(&kms::SERVICE)
        .op::<kms::CreateGrant>(write)
        .op::<kms::Encrypt>(read)
        .op::<kms::ReEncrypt>(middle)
        .op::<kms::Decrypt>(careless)
        .op::<kms::DescribeKey>(endless);
    let sts = Service::new(&sts::SERVICE).op::<sts::DecodeAuthorizationMessage>(outer);
    Harness::new(vec![kms, sts]).await
}

async fn ask(harness: &Harness, who: &str, what: &str) -> Answer {
    let what = what.replace(' ', "%20");
    let form =
        format!("Action=DecodeAuthorizationMessage&Version=2011-06-15&EncodedMessage={what}");
    let request = Request::sts(&form).from("198.51.100.7").by(who);
    request.send(&harness.pipeline).await
}

fn names(events: &[Value]) -> Vec<&str> {
    let names = events.iter().map(|event| event["eventName"].as_str());
    names.map(Option::unwrap_or_default).collect()
}

const OUTER: &str = "DecodeAuthorizationMessage";

#[tokio::test]
async fn both_calls_take_effect_in_one_commit_with_an_event_each() {
    let harness = house().await;
    ask(&harness, "root", "write").await.is_ok();
    let pipeline = &harness.pipeline;
    assert_eq!(count(pipeline, "inner").await, Some(1));
    assert_eq!(count(pipeline, "outer").await, Some(1));
    let events = events(pipeline);
    assert_eq!(names(&events), ["CreateGrant", OUTER]);
    let (inner, outer) = (&events[0], &events[1]);
    for member in ["sourceIPAddress", "userAgent"] {
        assert_eq!(inner[member], "secretsmanager.amazonaws.com");
    }
    assert_eq!(outer["sourceIPAddress"], "198.51.100.7");
    let mut identity = outer["userIdentity"].clone();
    assert_eq!(identity.get("invokedBy"), None);
    identity["invokedBy"] = json!("secretsmanager.amazonaws.com");
    assert_eq!(inner["userIdentity"], identity);
    assert_eq!(inner["eventSource"], "kms.amazonaws.com");
    assert_eq!(inner["requestParameters"]["keyId"], "inner");
    // What was not set is not on record.
    assert_eq!(inner["requestParameters"].get("dryRun"), None);
    assert_eq!(inner["responseElements"]["grantId"], inner["requestID"]);
    assert_eq!(inner["recipientAccountId"], ACCOUNT);
    for id in ["requestID", "eventID"] {
        assert_ne!(inner[id], outer[id]);
    }
    let mut reader = pipeline.store().journal_reader(1);
    let mut commits = Vec::new();
    while let Some(entry) = reader.next().expect("a journal in memory") {
        commits.push(entry.commit_seq);
    }
    assert_eq!(commits, [1, 1]);
}

#[tokio::test]
async fn if_the_calling_call_fails_nothing_holds_and_both_are_on_record() {
    let harness = house().await;
    let answer = ask(&harness, "root", "write and fail").await;
    answer.is(400, "InvalidAuthorizationMessageException");
    assert_eq!(count(&harness.pipeline, "inner").await, None);
    assert_eq!(count(&harness.pipeline, "outer").await, None);
    let events = events(&harness.pipeline);
    assert_eq!(names(&events), ["CreateGrant", OUTER]);
    assert_eq!(events[0]["errorCode"], "InternalFailure");
    assert_eq!(events[0]["responseElements"], json!(null));

    // What was read was read, whatever became of it.
    let answer = ask(&harness, "root", "read and fail").await;
    answer.is(400, "InvalidAuthorizationMessageException");
    let events = crate::house::events(&harness.pipeline);
    assert_eq!(names(&events)[2..], ["Encrypt", OUTER]);
    assert_eq!(events[2].get("errorCode"), None);
}

#[tokio::test]
async fn if_a_nested_call_fails_only_its_own_writes_are_dropped() {
    let harness = house().await;
    ask(&harness, "root", "go on").await.is_ok();
    let pipeline = &harness.pipeline;
    assert_eq!(count(pipeline, "absent").await, None);
    assert_eq!(count(pipeline, "inner").await, Some(1));
    assert_eq!(count(pipeline, "outer").await, Some(1));
    let events = events(pipeline);
    assert_eq!(names(&events), ["CreateGrant", "CreateGrant", OUTER]);
    assert_eq!(events[0]["errorCode"], "NotFoundException");
    assert_eq!(events[1].get("errorCode"), None);
}

/// What a call wrote two floors below goes with the one that failed between.
#[tokio::test]
async fn a_failed_call_takes_those_that_it_made_along() {
    let harness = house().await;
    ask(&harness, "root", "go on below").await.is_ok();
    assert_eq!(count(&harness.pipeline, "inner").await, None);
    assert_eq!(count(&harness.pipeline, "outer").await, Some(1));
    let events = events(&harness.pipeline);
    assert_eq!(names(&events), ["CreateGrant", "ReEncrypt", OUTER]);
    assert_eq!(events[0]["errorCode"], "InternalFailure");
    assert_eq!(events[1]["errorCode"], "InvalidCiphertextException");
    assert_eq!(events[2].get("errorCode"), None);
    // Each is invoked by the service right above it.
    let invoked_by = |event: &Value| event["userIdentity"]["invokedBy"].clone();
    assert_eq!(invoked_by(&events[0]), "kms.amazonaws.com");
    assert_eq!(invoked_by(&events[1]), "secretsmanager.amazonaws.com");
}

#[tokio::test]
async fn a_nested_call_is_validated_authorized_and_watched_like_any_other() {
    let harness = house().await;
    let outer = json!({ "Effect": "Allow", "Action": "sts:*", "Resource": "*" });
    harness.user("powerless", &[&policy(&outer)]);
    for (who, what, status, code, recorded) in [
        (
            "root",
            "invalid",
            400,
            "ValidationError",
            "ValidationException",
        ),
        ("powerless", "write", 403, "AccessDenied", "AccessDenied"),
        (
            "root",
            "careless",
            500,
            "InternalFailure",
            "InternalFailure",
        ),
        ("root", "endless", 500, "InternalFailure", "InternalFailure"),
        (
            "root",
            "not served",
            500,
            "InternalFailure",
            "InternalFailure",
        ),
    ] {
        let before = events(&harness.pipeline).len();
        ask(&harness, who, what).await.is(status, code);
        assert_eq!(count(&harness.pipeline, "outer").await, None, "{what}");
        let events = events(&harness.pipeline);
        assert!(events.len() >= before + 2, "{what}");
        assert_eq!(events[before]["errorCode"], recorded, "{what}");
    }
    let endless = events(&harness.pipeline);
    let depth = endless
        .iter()
        .filter(|event| event["eventName"] == "DescribeKey");
    assert_eq!(depth.count(), 8);
}

/// A handler that lets go of a call half way has lost its transaction.
#[tokio::test]
async fn an_abandoned_call_leaves_nothing_to_commit() {
    let harness = house().await;
    ask(&harness, "root", "abandon")
        .await
        .is(503, "ServiceUnavailable");
    assert_eq!(count(&harness.pipeline, "outer").await, None);
    assert_eq!(count(&harness.pipeline, "inner").await, None);
}

#[tokio::test]
async fn calls_at_once_count_once_on_both_floors() {
    let harness = std::sync::Arc::new(house().await);
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let harness = std::sync::Arc::clone(&harness);
            tokio::spawn(async move { ask(&harness, "root", "write").await.is_ok() })
        })
        .collect();
    for call in calls {
        call.await.expect("a call that succeeds");
    }
    for counter in ["inner", "outer"] {
        assert_eq!(count(&harness.pipeline, counter).await, Some(8));
    }
    assert_eq!(events(&harness.pipeline).len(), 16);
}

/// What policies learn of the services in between.
#[tokio::test]
async fn conditions_know_the_services_in_between() {
    let harness = house().await;
    let regional = format!("secretsmanager.{REGION}.amazonaws.com");
    let principal = "secretsmanager.amazonaws.com";
    for (condition, nested, direct) in [
        (
            json!({ "Bool": { "aws:ViaAWSService": "true" } }),
            true,
            false,
        ),
        (
            json!({ "Bool": { "aws:ViaAWSService": "false" } }),
            false,
            true,
        ),
        (
            json!({ "Bool": { "aws:PrincipalIsAWSService": "false" } }),
            true,
            true,
        ),
        (
            json!({ "StringEquals": { "aws:CalledViaFirst": principal } }),
            true,
            false,
        ),
        (
            json!({ "StringEquals": { "aws:CalledViaLast": principal } }),
            true,
            false,
        ),
        (
            json!({ "ForAnyValue:StringEquals": { "aws:CalledVia": [principal] } }),
            true,
            false,
        ),
        (
            json!({ "StringEquals": { "aws:CalledViaLast": regional } }),
            false,
            false,
        ),
        (json!({ "Null": { "aws:CalledVia": "true" } }), false, true),
        (json!({ "Null": { "aws:SourceIp": "true" } }), true, false),
        (json!({ "Null": { "aws:SourceArn": "true" } }), true, true),
        (
            json!({ "Bool": { "aws:SecureTransport": "true" } }),
            true,
            false,
        ),
        (
            json!({ "StringEquals": { "aws:PrincipalAccount": ACCOUNT } }),
            true,
            true,
        ),
    ] {
        let outer = json!({ "Effect": "Allow", "Action": "sts:*", "Resource": "*" });
        let inner = json!({
            "Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": condition,
        });
        harness.user("u", &[&policy(&outer), &policy(&inner)]);
        let answer = ask(&harness, "u", "secretsmanager").await;
        assert_eq!(answer.status == 200, nested, "{condition}: {}", answer.text);
        if nested {
            // `kms:ViaService` is the endpoint, not the principal.
            assert!(answer.text.contains(&regional), "{}", answer.text);
        }
        let input = json!({ "KeyId": "x", "Plaintext": "eA==" });
        let request = Request::kms("Encrypt", &input).from("198.51.100.7").by("u");
        let answer = request.send(&harness.pipeline).await;
        assert_eq!(answer.status == 200, direct, "{condition}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_service_principal_has_none_of_its_callers_permissions() {
    let harness = house().await;
    ask(&harness, "root", "as logs.amazonaws.com")
        .await
        .is(403, "AccessDenied");
    let events = events(&harness.pipeline);
    assert_eq!(names(&events), ["Encrypt", OUTER]);
    let identity = json!({ "type": "AWSService", "invokedBy": "logs.amazonaws.com" });
    assert_eq!(events[0]["userIdentity"], identity);
    assert_eq!(events[0]["sourceIPAddress"], "logs.amazonaws.com");
    assert_eq!(events[0]["recipientAccountId"], ACCOUNT);
    assert_eq!(events[0]["errorCode"], "AccessDenied");
}
