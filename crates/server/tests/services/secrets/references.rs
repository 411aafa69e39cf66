//! Dynamic references, resolved for a caller by a service that stands for CloudFormation.

use api::sqs::{GetQueueUrl, GetQueueUrlRequest, GetQueueUrlResult};
use platform::testing::{Answer, Harness};
use platform::{Ctx, Result, Service};
use serde_json::json;

use crate::secrets::house::{OTHER, allowing, done, key, make, put, token};

/// Answers what the reference in the request stands for.
async fn resolving(ctx: &Ctx, req: GetQueueUrlRequest) -> Result<GetQueueUrlResult> {
    ctx.needs_no_permission();
    let value = secretsmanager::resolve(ctx, &req.queue_name).await?;
    Ok(GetQueueUrlResult {
        queue_url: Some(value.to_string()),
    })
}

async fn house() -> Harness {
    let resolver = Service::new(&api::sqs::SERVICE).op::<GetQueueUrl>(resolving);
    let harness = Harness::new(vec![secretsmanager::service(), kms::service(), resolver]).await;
    harness.root_of(OTHER, "other");
    harness
}

async fn resolve(harness: &Harness, who: &str, inner: &str) -> Answer {
    let reference = format!("{{{{resolve:secretsmanager:{inner}}}}}");
    let input = json!({ "QueueName": reference });
    harness.json(who, "AmazonSQS.GetQueueUrl", input).await
}

async fn check(harness: &Harness, who: &str, inner: &str, expected: Result<&str, &str>) {
    let answer = resolve(harness, who, inner).await;
    let found = match &answer.code {
        None => Ok(answer.body["QueueUrl"].as_str().unwrap_or_default()),
        Some(code) => Err(code.as_str()),
    };
    assert_eq!(found, expected, "{who} {inner}: {}", answer.text);
}

#[tokio::test]
async fn references_are_resolved_with_the_callers_permissions() {
    let harness = house().await;
    let arn = make(&harness, "app", r#"{"user":"u","port":5432}"#).await;
    put(&harness, "app", 1, r#"{"user":"v","port":5433}"#).await;
    harness.user("nobody", &[]);
    harness.user(
        "reader",
        &[&allowing(&["secretsmanager:GetSecretValue"], &arn)],
    );
    let previous = format!("app:SecretString:user::{}", token(0));
    let by_arn = format!("{arn}:SecretString:port");
    let whole = r#"{"user":"v","port":5433}"#;
    check(&harness, "root", "app", Ok(whole)).await;
    check(&harness, "root", "app:SecretString", Ok(whole)).await;
    check(&harness, "root", "app:SecretString:user", Ok("v")).await;
    check(
        &harness,
        "root",
        "app:SecretString:user:AWSPREVIOUS",
        Ok("u"),
    )
    .await;
    check(&harness, "root", &previous, Ok("u")).await;
    check(&harness, "root", &by_arn, Ok("5433")).await;
    check(&harness, "reader", "app:SecretString:user::", Ok("v")).await;
    check(&harness, "nobody", "app", Err("AccessDeniedException")).await;
    check(&harness, "root", "none", Err("ResourceNotFoundException")).await;
    let absent = "app:SecretString:user:NONE";
    check(&harness, "root", absent, Err("ResourceNotFoundException")).await;
    let both = format!("app:SecretString:user:AWSCURRENT:{}", token(1));
    for wrong in [
        both.as_str(),
        "app:SecretString:none",
        "app:SecretBinary",
        "",
    ] {
        check(&harness, "root", wrong, Err("ValidationException")).await;
    }
    let answer = resolve(&harness, "root", "app:SecretString:none").await;
    let said = "Could not find a value associated with JSONKey in SecretString";
    assert_eq!(answer.message(), said);
}

#[tokio::test]
async fn another_accounts_secret_is_reached_by_its_arn() {
    let harness = house().await;
    let principal = json!({ "AWS": format!("arn:aws:iam::{OTHER}:root") });
    let key = key(
        &harness,
        json!({ "Policy": json!({
            "Version": "2012-10-17",
            "Statement": [
                { "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "kms:*", "Resource": "*" },
            ],
        }).to_string() }),
    )
    .await;
    let input = json!({
        "Name": "shared", "SecretString": "{\"k\":\"v\"}", "KmsKeyId": key,
        "ClientRequestToken": token(0),
    });
    let made = done(&harness, "root", "CreateSecret", input).await;
    let arn = made["ARN"].as_str().expect("an ARN");
    let inner = format!("{arn}:SecretString:k");
    check(&harness, "other", &inner, Err("AccessDeniedException")).await;
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Principal": principal, "Action": "secretsmanager:GetSecretValue",
            "Resource": "*",
        }],
    });
    let input = json!({ "SecretId": "shared", "ResourcePolicy": policy.to_string() });
    done(&harness, "root", "PutResourcePolicy", input).await;
    check(&harness, "other", &inner, Ok("v")).await;
}
