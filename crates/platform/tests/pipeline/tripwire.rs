//! A handler that forgets to ask whether the caller may do what it does.

use api::kms;
use platform::{Ctx, Result, Service};

use crate::house::{Harness, Request, count, events, increment, json, may};

async fn forgets(ctx: &Ctx, request: kms::EnableKeyRequest) -> Result<wire::Empty> {
    increment(ctx, &request.key_id).await?;
    Ok(wire::Empty)
}

async fn asks(ctx: &Ctx, request: kms::DisableKeyRequest) -> Result<wire::Empty> {
    may(ctx, "kms:DisableKey").await?;
    increment(ctx, &request.key_id).await?;
    Ok(wire::Empty)
}

async fn leaks(_: &Ctx, _: kms::GenerateRandomRequest) -> Result<kms::GenerateRandomResponse> {
    Ok(kms::GenerateRandomResponse {
        plaintext: Some(zeroize::Zeroizing::new(b"not for you".to_vec())),
        ..Default::default()
    })
}

async fn house() -> Harness {
    let service = Service::new(&kms::SERVICE)
        .op::<kms::EnableKey>(forgets)
        .op::<kms::DisableKey>(asks)
        .op::<kms::GenerateRandom>(leaks);
    Harness::new(vec![service]).await
}

#[tokio::test]
async fn sec_i6_a_handler_that_asks_no_decision_changes_nothing() {
    let pipeline = house().await.pipeline;
    let input = json!({ "KeyId": "x" });
    let answer = Request::kms("EnableKey", &input).send(&pipeline).await;
    answer.says(500, "InternalFailure", "An internal failure occurred.");
    assert_eq!(count(&pipeline, "x").await, None);
    let recorded = events(&pipeline);
    assert_eq!(recorded.len(), 1);
    assert_eq!(recorded[0]["errorCode"], "InternalFailure");
    // The same with a decision counts.
    Request::kms("DisableKey", &input)
        .send(&pipeline)
        .await
        .is_ok();
    assert_eq!(count(&pipeline, "x").await, Some(1));
}

#[tokio::test]
async fn sec_i6_a_handler_that_asks_no_decision_tells_nothing() {
    let pipeline = house().await.pipeline;
    let answer = Request::kms("GenerateRandom", &json!({}))
        .send(&pipeline)
        .await;
    answer.is(500, "InternalFailure");
    assert!(!answer.text.contains("bm90"), "{}", answer.text);
}

#[tokio::test]
async fn an_operation_without_a_handler_fails_and_is_on_record() {
    let pipeline = house().await.pipeline;
    let input = json!({ "KeyId": "x" });
    let answer = Request::kms("DescribeKey", &input).send(&pipeline).await;
    answer.is(500, "InternalFailure");
    assert!(!answer.text.contains("handler"), "{}", answer.text);
    assert_eq!(events(&pipeline)[0]["eventName"], "DescribeKey");
}
