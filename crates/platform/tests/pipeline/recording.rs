//! What is on record about a call, and what is not.

use api::{kms, sts};
use platform::{Ctx, Error, Result, Service};

use crate::house::{
    ACCOUNT, Harness, REGION, Request, count, event_texts, events, increment, json, key_of, may,
};

async fn write(ctx: &Ctx, request: kms::EnableKeyRequest) -> Result<wire::Empty> {
    may(ctx, "kms:EnableKey").await?;
    increment(ctx, &request.key_id).await?;
    match request.key_id.as_str() {
        "absent" => Err(kms::NotFoundException::new("no such key").into()),
        "broken" => Err(Error::internal("a secret reason")),
        _ => Ok(wire::Empty),
    }
}

async fn read(ctx: &Ctx, request: kms::EncryptRequest) -> Result<kms::EncryptResponse> {
    may(ctx, "kms:Encrypt").await?;
    if request.encryption_context.is_empty() {
        return Err(kms::InvalidKeyUsageException::new("a context is missing").into());
    }
    Ok(kms::EncryptResponse {
        ciphertext_blob: Some(request.plaintext),
        key_id: Some(request.key_id),
        ..Default::default()
    })
}

async fn whoami(
    ctx: &Ctx,
    _: sts::GetCallerIdentityRequest,
) -> Result<sts::GetCallerIdentityResponse> {
    ctx.needs_no_permission();
    Ok(sts::GetCallerIdentityResponse::default())
}

async fn house() -> Harness {
    let kms = Service::new(&kms::SERVICE)
        .op::<kms::EnableKey>(write)
        .op::<kms::Encrypt>(read);
    let sts = Service::new(&sts::SERVICE).op::<sts::GetCallerIdentity>(whoami);
    Harness::new(vec![kms, sts]).await
}

#[tokio::test]
async fn an_error_drops_the_writes_and_stays_on_record() {
    let pipeline = house().await.pipeline;
    for (key, status, code, recorded) in [
        ("absent", 400, "NotFoundException", "no such key"),
        (
            "broken",
            500,
            "InternalFailure",
            "An internal failure occurred.",
        ),
    ] {
        let before = events(&pipeline).len();
        let request = Request::kms("EnableKey", &json!({ "KeyId": key }));
        let answer = request.send(&pipeline).await;
        answer.is(status, code);
        assert_eq!(count(&pipeline, key).await, None, "{key}");
        let events = events(&pipeline);
        assert_eq!(events.len(), before + 1);
        assert_eq!(events[before]["errorCode"], code);
        assert_eq!(events[before]["errorMessage"], recorded);
        assert_eq!(events[before]["requestParameters"], json!({ "keyId": key }));
        assert_eq!(events[before]["responseElements"], json!(null));
    }
}

#[tokio::test]
async fn a_success_is_on_record_once() {
    let pipeline = house().await.pipeline;
    let request = Request::kms("EnableKey", &json!({ "KeyId": "x" }));
    let request = request.from("198.51.100.7").header("user-agent", "a test");
    let answer = request.send(&pipeline).await;
    answer.is_ok();
    assert_eq!(answer.operation, Some(("kms", "EnableKey")));
    let events = events(&pipeline);
    assert_eq!(events.len(), 1);
    let event = &events[0];
    for (member, value) in [
        ("eventSource", "kms.amazonaws.com"),
        ("eventName", "EnableKey"),
        ("eventTime", "2026-01-01T00:00:00Z"),
        ("awsRegion", REGION),
        ("sourceIPAddress", "198.51.100.7"),
        ("userAgent", "a test"),
        ("recipientAccountId", ACCOUNT),
        (
            "requestID",
            answer.header("x-amzn-requestid").unwrap_or_default(),
        ),
    ] {
        assert_eq!(event[member], value, "{member}");
    }
    assert_eq!(event["readOnly"], false);
    assert_eq!(event.get("errorCode"), None);
    let root = json!({
        "type": "Root",
        "principalId": ACCOUNT,
        "arn": format!("arn:aws:iam::{ACCOUNT}:root"),
        "accountId": ACCOUNT,
        "accessKeyId": key_of("root"),
    });
    assert_eq!(event["userIdentity"], root);
}

#[tokio::test]
async fn what_a_connection_agreed_on_is_on_record() {
    let pipeline = house().await.pipeline;
    let session = platform::TlsSession {
        version: "TLSv1.3",
        cipher_suite: "TLS_AES_128_GCM_SHA256",
        key_exchange: Some("X25519MLKEM768"),
    };
    let request = || Request::kms("EnableKey", &json!({ "KeyId": "x" }));
    request().over(session).send(&pipeline).await.is_ok();
    request().send(&pipeline).await.is_ok();
    let events = events(&pipeline);
    let details = json!({
        "tlsVersion": "TLSv1.3",
        "cipherSuite": "TLS_AES_128_GCM_SHA256",
        "clientProvidedHostHeader": "localhost",
        "keyExchange": "X25519MLKEM768",
    });
    assert_eq!(events[0]["tlsDetails"], details);
    assert_eq!(events[1].get("tlsDetails"), None);
}

/// A listener for both versions of IP sees version 4 in the form of version 6.
#[tokio::test]
async fn an_address_is_on_record_as_policies_see_it() {
    let pipeline = house().await.pipeline;
    let request = Request::kms("EnableKey", &json!({ "KeyId": "x" }));
    request
        .from("::ffff:198.51.100.7")
        .send(&pipeline)
        .await
        .is_ok();
    assert_eq!(events(&pipeline)[0]["sourceIPAddress"], "198.51.100.7");
}

#[tokio::test]
async fn hidden_members_are_not_on_record() {
    let pipeline = house().await.pipeline;
    let mut input = json!({ "KeyId": "x", "Plaintext": "Y2FuYXJ5" });
    Request::kms("Encrypt", &input)
        .send(&pipeline)
        .await
        .is(400, "InvalidKeyUsageException");
    input["EncryptionContext"] = json!({ "Dept": "IT" });
    Request::kms("Encrypt", &input)
        .send(&pipeline)
        .await
        .is_ok();
    // Too long, so that validation speaks of it.
    input["Plaintext"] = json!("Y2FuYXJ5".repeat(1000));
    Request::kms("Encrypt", &input)
        .send(&pipeline)
        .await
        .is(400, "ValidationException");
    let texts = event_texts(&pipeline);
    assert_eq!(texts.len(), 3);
    for text in texts {
        assert!(
            !text.contains("Y2FuYXJ5") && !text.contains("canary"),
            "{text}"
        );
    }
    let parameters = &events(&pipeline)[1]["requestParameters"];
    assert_eq!(
        *parameters,
        json!({
            "keyId": "x",
            "encryptionContext": { "Dept": "IT" },
            "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
        })
    );
}

#[tokio::test]
async fn refused_callers_are_on_record_and_nobody_is_not() {
    let harness = house().await;
    harness.user("alice", &[]);
    let pipeline = harness.pipeline;
    let request = || Request::kms("EnableKey", &json!({ "KeyId": "x" }));
    for unknown in ["anonymous", "stranger"] {
        let answer = request().by(unknown).send(&pipeline).await;
        assert_eq!(answer.status, 400);
    }
    let mut changed = request();
    changed.body = b"{}".to_vec();
    let body = Ok(bytes::Bytes::from_static(br#"{"KeyId":"x"}"#));
    changed
        .send_body(&pipeline, body)
        .await
        .is(400, "InvalidSignatureException");
    assert_eq!(events(&pipeline).len(), 0);

    request()
        .by("alice")
        .send(&pipeline)
        .await
        .is(400, "AccessDeniedException");
    assert_eq!(count(&pipeline, "x").await, None);
    let events = events(&pipeline);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["userIdentity"]["userName"], "alice");
    let code = events[0]["errorCode"].as_str().unwrap_or_default();
    assert!(code.starts_with("AccessDenied"), "{code}");
}

#[tokio::test]
async fn query_services_are_on_record_too() {
    let pipeline = house().await.pipeline;
    let form = "Action=GetCallerIdentity&Version=2011-06-15";
    Request::sts(form).send(&pipeline).await.is_ok();
    let events = events(&pipeline);
    assert_eq!(events[0]["eventSource"], "sts.amazonaws.com");
    assert_eq!(events[0]["readOnly"], true);
    assert_eq!(events[0]["requestParameters"], json!(null));
}

/// One byte of a request may take six on record; CloudTrail leaves out what is over 100 KB.
#[tokio::test]
async fn long_parameters_and_texts_are_left_out_and_the_call_still_answered() {
    let pipeline = house().await.pipeline;
    let long = "\u{1}".repeat(150_000);
    let input = json!({ "KeyId": "x", "Plaintext": "eA==", "EncryptionContext": { "a": long } });
    Request::kms("Encrypt", &input)
        .send(&pipeline)
        .await
        .is_ok();
    assert_eq!(
        events(&pipeline)[0]["requestParameters"],
        json!({ "omitted": true })
    );

    let mut body =
        b"\xa3\x65KeyId\x61x\x69Plaintext\x41x\x71EncryptionContext\xa1\x61a\x7a".to_vec();
    let size: u32 = 1_000_000;
    body.extend(size.to_be_bytes());
    body.extend(std::iter::repeat_n(1, 1_000_000));
    let cbor = Request::new(
        "POST",
        "/service/TrentService/operation/Encrypt",
        "kms",
        &body,
    )
    .header("content-type", "application/cbor")
    .header("smithy-protocol", "rpc-v2-cbor");
    cbor.send(&pipeline).await.is_ok();
    assert_eq!(
        events(&pipeline)[1]["requestParameters"],
        json!({ "omitted": true })
    );

    let name = "x".repeat(100_000);
    let answer = Request::kms("EnableKey", &json!({ "KeyId": name }))
        .send(&pipeline)
        .await;
    answer.is(400, "ValidationException");
    let events = events(&pipeline);
    let told = events[2]["errorMessage"].as_str().unwrap_or_default();
    assert!((1..=1024).contains(&told.len()), "{} bytes", told.len());
}
