//! When nothing can be put on record any more, nothing is answered and nothing is done.

use api::{kms, sts};
use platform::{Ctx, Result, Service};

use crate::house::{Harness, Request, count, event_texts, increment, json, may};

async fn random(ctx: &Ctx, _: kms::GenerateRandomRequest) -> Result<kms::GenerateRandomResponse> {
    may(ctx, "kms:GenerateRandom").await?;
    Ok(kms::GenerateRandomResponse {
        plaintext: Some(zeroize::Zeroizing::new(b"not for you".to_vec())),
        ..Default::default()
    })
}

async fn write(ctx: &Ctx, request: kms::EnableKeyRequest) -> Result<wire::Empty> {
    may(ctx, "kms:EnableKey").await?;
    increment(ctx, &request.key_id).await?;
    Ok(wire::Empty)
}

async fn refuse(ctx: &Ctx, _: kms::DisableKeyRequest) -> Result<wire::Empty> {
    may(ctx, "kms:DisableKey").await?;
    Err(kms::NotFoundException::new("no such key").into())
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

#[tokio::test]
async fn a_failed_journal_refuses_every_call() {
    let kms = Service::new(&kms::SERVICE)
        .op::<kms::GenerateRandom>(random)
        .op::<kms::EnableKey>(write)
        .op::<kms::DisableKey>(refuse);
    let sts = Service::new(&sts::SERVICE).op::<sts::GetCallerIdentity>(whoami);
    let harness = Harness::new(vec![kms, sts]).await;
    harness.user("nobody", &[]);
    let pipeline = harness.pipeline;
    let key = json!({ "KeyId": "x" });
    Request::kms("EnableKey", &key)
        .send(&pipeline)
        .await
        .is_ok();
    let form = "Action=GetCallerIdentity&Version=2011-06-15";
    Request::sts(form).send(&pipeline).await.is_ok();
    let recorded = event_texts(&pipeline).len();

    pipeline.store().fail();
    for (who, operation, input) in [
        ("root", "GenerateRandom", &json!({ "NumberOfBytes": 1 })),
        ("root", "EnableKey", &key),
        // What would have been an error cannot be told from success either.
        ("root", "DisableKey", &key),
        ("root", "EnableKey", &json!({ "KeyId": "" })),
        ("nobody", "EnableKey", &key),
    ] {
        let answer = Request::kms(operation, input).by(who).send(&pipeline).await;
        answer.is(503, "ServiceUnavailableException");
        assert_eq!(answer.header("x-amzn-errortype"), answer.code);
        for told in [
            "bm90IGZvciB5b3U",
            "no such key",
            "not authorized",
            "user/nobody",
        ] {
            assert!(!answer.text.contains(told), "{operation}: {}", answer.text);
        }
    }
    let answer = Request::sts(form).send(&pipeline).await;
    answer.says(503, "ServiceUnavailable", "<Code>ServiceUnavailable</Code>");
    assert!(!answer.text.contains(":root"), "{}", answer.text);

    assert_eq!(count(&pipeline, "x").await, Some(1));
    assert_eq!(event_texts(&pipeline).len(), recorded);
    assert!(pipeline.store().has_failed());
}
