//! Dynamic references, resolved for a caller by a service that stands for CloudFormation.

use api::sqs::{GetQueueUrl, GetQueueUrlRequest, GetQueueUrlResult};
use platform::testing::Harness;
use platform::{Ctx, Result, Service};
use serde_json::json;

use crate::parameters::house::{allowing, make};

/// Answers what the reference in the request stands for.
async fn resolving(ctx: &Ctx, req: GetQueueUrlRequest) -> Result<GetQueueUrlResult> {
    ctx.needs_no_permission();
    let value = ssm::resolve(ctx, &req.queue_name).await?;
    Ok(GetQueueUrlResult {
        queue_url: Some(value.to_string()),
    })
}

#[tokio::test]
async fn references_are_resolved_with_the_callers_permissions() {
    let resolver = Service::new(&api::sqs::SERVICE).op::<GetQueueUrl>(resolving);
    let services = vec![
        ssm::service(),
        secretsmanager::service(),
        kms::service(),
        resolver,
    ];
    let harness = Harness::new(services).await;
    let secret = json!({
        "Name": "app", "SecretString": "kept", "ClientRequestToken": "11111111-2222-4333-8444-555555555555",
    });
    harness
        .json("root", "secretsmanager.CreateSecret", secret)
        .await;
    make(&harness, "/plain", json!({ "Value": "one" })).await;
    make(
        &harness,
        "/plain",
        json!({ "Value": "two", "Overwrite": true }),
    )
    .await;
    make(
        &harness,
        "/secret",
        json!({ "Value": "s3cret", "Type": "SecureString" }),
    )
    .await;
    harness.user("nobody", &[]);
    harness.user("reader", &[&allowing(&["ssm:GetParameters"], "*")]);
    for (who, reference, expected) in [
        ("root", "{{resolve:ssm:/plain}}", Ok("two")),
        ("root", "{{resolve:ssm:/plain:1}}", Ok("one")),
        ("root", "{{resolve:ssm-secure:/secret}}", Ok("s3cret")),
        ("root", "{{resolve:ssm-secure:/secret:1}}", Ok("s3cret")),
        (
            "root",
            "{{resolve:ssm-secure:/aws/reference/secretsmanager/app}}",
            Ok("kept"),
        ),
        (
            "reader",
            "{{resolve:ssm-secure:/aws/reference/secretsmanager/app}}",
            Err("AccessDeniedException"),
        ),
        (
            "root",
            "{{resolve:ssm:/secret}}",
            Err("ValidationException"),
        ),
        (
            "root",
            "{{resolve:ssm-secure:/plain}}",
            Err("ValidationException"),
        ),
        (
            "root",
            "{{resolve:ssm:/plain:label}}",
            Err("ValidationException"),
        ),
        ("root", "{{resolve:ssm:/plain:3}}", Err("ParameterNotFound")),
        ("root", "{{resolve:x}}", Err("ValidationException")),
        ("reader", "{{resolve:ssm:/plain}}", Ok("two")),
        (
            "nobody",
            "{{resolve:ssm:/plain}}",
            Err("AccessDeniedException"),
        ),
    ] {
        let input = json!({ "QueueName": reference });
        let answer = harness.json(who, "AmazonSQS.GetQueueUrl", input).await;
        let found = match &answer.code {
            None => Ok(answer.body["QueueUrl"].as_str().unwrap_or_default()),
            Some(code) => Err(code.as_str()),
        };
        assert_eq!(found, expected, "{who} {reference}: {}", answer.text);
    }
}
