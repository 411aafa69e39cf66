//! What becomes of events that are given up.

use platform::testing::{ACCOUNT, Harness};
use serde_json::{Value, json};

use crate::events::house::{
    OTHER, body, done, house, put, queue, queue_arn, receive, refused, rule, rule_arn, targets,
};

/// The attributes of a message.
fn attributes(message: &Value) -> Vec<(&str, &str)> {
    let all = message["MessageAttributes"]
        .as_object()
        .into_iter()
        .flatten();
    all.map(|(name, value)| {
        assert_eq!(value["DataType"], "String", "{name}");
        (
            name.as_str(),
            value["StringValue"].as_str().unwrap_or_default(),
        )
    })
    .collect()
}

/// A rule whose target calls an API destination, with dead letters in the queue `dead`.
async fn calling(harness: &Harness, policy: Value) -> String {
    let role = format!("arn:aws:iam::{ACCOUNT}:role/calls");
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Principal":{"Service":"events.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let invokes = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Action":"events:InvokeApiDestination","Resource":"*"}]}"#;
    harness.identities.role(&role, trust, &[invokes]);
    let auth = json!({ "ApiKeyAuthParameters": { "ApiKeyName": "k", "ApiKeyValue": "canary" } });
    let input = json!({ "Name": "c", "AuthorizationType": "API_KEY", "AuthParameters": auth });
    let connection = done(harness, "root", "CreateConnection", input).await;
    let input = json!({
        "Name": "d", "ConnectionArn": connection["ConnectionArn"], "HttpMethod": "POST",
        "InvocationEndpoint": "https://hooks.example/in",
    });
    let made = done(harness, "root", "CreateApiDestination", input).await;
    let arn = made["ApiDestinationArn"].as_str().expect("an ARN");
    let target = json!({
        "Arn": arn, "RoleArn": role, "InputPath": "$.detail", "RetryPolicy": policy,
        "DeadLetterConfig": { "Arn": queue_arn(ACCOUNT, "dead") },
    });
    rule(harness, target).await;
    arn.to_owned()
}

#[tokio::test]
async fn an_event_that_was_tried_enough_is_a_dead_letter() {
    let harness = house().await;
    queue(&harness, "root", "dead", json!({})).await;
    let policy = json!({ "MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 86_400 });
    let target = calling(&harness, policy).await;
    for _ in 0..3 {
        harness.outbound.answer(500, "");
    }
    put(&harness, 7).await;
    for _ in 0..10 {
        harness.clock.advance(1);
        harness.run_deliveries().await;
    }
    harness.clock.advance(60);
    let messages = receive(&harness, "root", ACCOUNT, "dead").await;
    assert_eq!(messages.len(), 1);
    // The event, not what the target makes of it.
    assert_eq!(body(&messages[0])["detail"], json!({ "n": 7 }));
    let rule = rule_arn();
    assert_eq!(
        attributes(&messages[0]),
        [
            ("ERROR_CODE", "ERROR_FROM_TARGET"),
            (
                "ERROR_MESSAGE",
                "The API destination answered with status 500."
            ),
            ("EXHAUSTED_RETRY_CONDITION", "MaximumRetryAttempts"),
            ("RETRY_ATTEMPTS", "2"),
            ("RULE_ARN", rule.as_str()),
            ("TARGET_ARN", target.as_str()),
        ]
    );
}

#[tokio::test]
async fn an_event_that_is_too_old_is_a_dead_letter() {
    let harness = house().await;
    queue(&harness, "root", "dead", json!({})).await;
    let policy = json!({ "MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 60 });
    calling(&harness, policy).await;
    harness
        .outbound
        .answer_with(503, &[("Retry-After", "61")], "");
    put(&harness, 7).await;
    let messages = receive(&harness, "root", ACCOUNT, "dead").await;
    let found = attributes(&messages[0]);
    assert!(found.contains(&("EXHAUSTED_RETRY_CONDITION", "MaximumEventAgeInSeconds")));
    assert!(found.contains(&("RETRY_ATTEMPTS", "0")));
}

#[tokio::test]
async fn an_event_that_no_retry_helps_is_a_dead_letter_at_once() {
    let harness = house().await;
    for (name, account) in [("own", ACCOUNT), ("theirs", OTHER)] {
        let who = if account == ACCOUNT { "root" } else { "other" };
        queue(&harness, who, name, json!({})).await;
        let target = json!({
            "Arn": queue_arn(ACCOUNT, "nowhere"),
            "DeadLetterConfig": { "Arn": queue_arn(account, name) },
        });
        rule(&harness, target).await;
        put(&harness, 7).await;
        let messages = receive(&harness, who, account, name).await;
        assert_eq!(messages.len(), 1, "{name}");
        let found = attributes(&messages[0]);
        assert!(
            found.contains(&("ERROR_CODE", "NO_PERMISSIONS")),
            "{found:?}"
        );
        assert!(found.contains(&("RETRY_ATTEMPTS", "0")), "{found:?}");
        let mut names = found.iter().map(|(name, _)| *name);
        assert!(!names.any(|name| name == "EXHAUSTED_RETRY_CONDITION"));
    }
}

#[tokio::test]
async fn a_queue_that_lets_nobody_in_gets_no_dead_letters() {
    let harness = house().await;
    let input = json!({ "QueueName": "dead" });
    done(&harness, "root", "sqs:CreateQueue", input).await;
    let config = json!({ "Arn": queue_arn(ACCOUNT, "dead") });
    let mut target = json!({ "Arn": queue_arn(ACCOUNT, "nowhere"), "DeadLetterConfig": config });
    rule(&harness, target.clone()).await;
    put(&harness, 7).await;
    assert!(receive(&harness, "root", ACCOUNT, "dead").await.is_empty());
    let counts = harness.pipeline.deliveries().counts();
    assert_eq!((counts.dropped, counts.given_up, counts.waiting), (1, 0, 0));

    let input = json!({ "Rule": "r" });
    let shown = done(&harness, "root", "ListTargetsByRule", input).await;
    assert_eq!(shown["Targets"][0]["DeadLetterConfig"], config);
    target["DeadLetterConfig"] = json!({ "Arn": queue_arn(ACCOUNT, "dead.fifo") });
    let text = refused(&harness, "PutTargets", targets(&target)).await;
    assert_eq!(
        text,
        "Parameter DeadLetterConfig is not valid. Reason: FIFO queues take none."
    );
}
