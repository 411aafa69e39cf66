//! Queues as targets.

use platform::testing::{ACCOUNT, REGION};
use serde_json::json;

use crate::events::house::{
    OTHER, body, done, house, lets, put, queue, queue_arn, receive, refused, rule, rule_arn,
    targets,
};

#[tokio::test]
async fn a_queue_gets_what_its_policy_lets_in() {
    let harness = house().await;
    let target = json!({ "Arn": queue_arn(ACCOUNT, "q") });
    queue(&harness, "root", "q", json!({})).await;
    rule(&harness, target).await;
    put(&harness, 7).await;
    let messages = receive(&harness, "root", ACCOUNT, "q").await;
    assert_eq!(messages.len(), 1);
    let event = body(&messages[0]);
    assert_eq!(event["detail"], json!({ "n": 7 }));
    assert_eq!(event["detail-type"], "Order");
    assert_eq!(messages[0].get("MessageAttributes"), None);

    for policy in [lets(&format!("{}2", rule_arn())), String::new()] {
        let url = format!("http://localhost/{ACCOUNT}/q");
        let input = json!({ "QueueUrl": url, "Attributes": { "Policy": policy } });
        done(&harness, "root", "sqs:SetQueueAttributes", input).await;
        put(&harness, 8).await;
    }
    assert!(receive(&harness, "root", ACCOUNT, "q").await.is_empty());
    let counts = harness.pipeline.deliveries().counts();
    assert_eq!((counts.done, counts.given_up, counts.waiting), (1, 2, 0));
}

#[tokio::test]
async fn a_message_is_what_the_target_makes_of_the_event() {
    let harness = house().await;
    queue(&harness, "root", "q", json!({})).await;
    let target = json!({ "Arn": queue_arn(ACCOUNT, "q"), "InputPath": "$.detail" });
    rule(&harness, target).await;
    put(&harness, 7).await;
    let messages = receive(&harness, "root", ACCOUNT, "q").await;
    assert_eq!(body(&messages[0]), json!({ "n": 7 }));
}

#[tokio::test]
async fn a_fifo_queue_gets_messages_of_the_targets_group() {
    let harness = house().await;
    let attributes = json!({ "FifoQueue": "true", "ContentBasedDeduplication": "true" });
    queue(&harness, "root", "q.fifo", attributes).await;
    let mut target = json!({
        "Arn": queue_arn(ACCOUNT, "q.fifo"), "SqsParameters": { "MessageGroupId": "orders" },
    });
    rule(&harness, target.clone()).await;
    put(&harness, 1).await;
    put(&harness, 2).await;
    let messages = receive(&harness, "root", ACCOUNT, "q.fifo").await;
    let found: Vec<_> = messages
        .iter()
        .map(|message| {
            let group = message["Attributes"]["MessageGroupId"].as_str();
            (group, body(message)["detail"]["n"].as_i64())
        })
        .collect();
    assert_eq!(
        found,
        [(Some("orders"), Some(1)), (Some("orders"), Some(2))]
    );
    let input = json!({ "Rule": "r" });
    let shown = done(&harness, "root", "ListTargetsByRule", input).await;
    let group = json!({ "MessageGroupId": "orders" });
    assert_eq!(shown["Targets"][0]["SqsParameters"], group);

    target["SqsParameters"] = json!({});
    let text = refused(&harness, "PutTargets", targets(&target)).await;
    assert_eq!(
        text,
        "Parameter(s) SqsParameters must be specified for target: t."
    );
    target["Arn"] = json!(format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:g"));
    let text = refused(&harness, "PutTargets", targets(&target)).await;
    assert_eq!(text, "Parameter(s) SqsParameters not valid for target: t.");
}

#[tokio::test]
async fn a_queue_of_another_account_needs_a_role_and_its_own_policy() {
    let harness = house().await;
    let role = format!("arn:aws:iam::{ACCOUNT}:role/sends");
    let mut target = json!({ "Arn": queue_arn(OTHER, "q") });
    let text = refused(&harness, "PutTargets", targets(&target)).await;
    assert!(text.contains("another account"), "{text}");
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" },
        "Action": "sts:AssumeRole",
        "Condition": { "StringEquals": { "aws:SourceArn": rule_arn() } },
    }]})
    .to_string();
    let sends = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Action":"sqs:SendMessage","Resource":"*"}]}"#;
    harness.identities.role(&role, &trust, &[sends]);
    target["RoleArn"] = json!(role);
    rule(&harness, target).await;
    done(
        &harness,
        "other",
        "sqs:CreateQueue",
        json!({ "QueueName": "q" }),
    )
    .await;
    put(&harness, 1).await;
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "AWS": ACCOUNT },
        "Action": "sqs:SendMessage", "Resource": "*",
    }]});
    let input = json!({
        "QueueUrl": format!("http://localhost/{OTHER}/q"),
        "Attributes": { "Policy": policy.to_string() },
    });
    done(&harness, "other", "sqs:SetQueueAttributes", input).await;
    put(&harness, 2).await;
    let messages = receive(&harness, "other", OTHER, "q").await;
    let found: Vec<_> = messages
        .iter()
        .map(|it| body(it)["detail"]["n"].clone())
        .collect();
    assert_eq!(found, [json!(2)]);
}
