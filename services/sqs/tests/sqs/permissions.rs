//! Who may do what with queues.

use serde_json::{Value, json};

use crate::house::{OTHER, OWN, arn, attribute, call, done, house, queue, refused};

fn policy(statement: &Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

#[tokio::test]
async fn nobody_learns_which_queues_there_are() {
    let harness = house().await;
    let url = queue(&harness, "q", json!({})).await;
    harness.user("nobody", &[]);
    let absent = url.replace("/q", "/none");
    for (operation, more) in [
        ("SendMessage", json!({ "MessageBody": "m" })),
        ("ReceiveMessage", json!({})),
        ("DeleteQueue", json!({})),
        ("GetQueueAttributes", json!({})),
        ("DeleteMessage", json!({ "ReceiptHandle": "x" })),
    ] {
        let mut texts = Vec::new();
        for (url, name) in [(&url, "q"), (&absent, "none")] {
            let mut input = more.clone();
            input["QueueUrl"] = json!(url);
            let (code, text) = refused(&harness, "nobody", operation, input).await;
            assert_eq!(code, "AccessDeniedException", "{operation}");
            texts.push(text.replace(&arn(name), "queue"));
        }
        assert_eq!(texts[0], texts[1]);
    }
}

#[tokio::test]
async fn a_queue_policy_lets_other_accounts_use_a_queue_and_not_change_it() {
    let harness = house().await;
    let url = queue(&harness, "q", json!({})).await;
    let statement = json!({
        "Effect": "Allow", "Principal": { "AWS": OTHER }, "Action": "sqs:*", "Resource": arn("q"),
    });
    let input = json!({ "QueueUrl": url, "Attributes": { "Policy": policy(&statement) } });
    done(&harness, "root", "SetQueueAttributes", input).await;
    let input = json!({ "QueueUrl": url, "MessageBody": "m" });
    done(&harness, "other", "SendMessage", input).await;
    let input = json!({ "QueueName": "q", "QueueOwnerAWSAccountId": OWN });
    let found = done(&harness, "other", "GetQueueUrl", input).await;
    assert_eq!(found["QueueUrl"], url);
    for (operation, more) in [
        ("DeleteQueue", json!({})),
        (
            "SetQueueAttributes",
            json!({ "Attributes": { "DelaySeconds": "1" } }),
        ),
        ("TagQueue", json!({ "Tags": { "a": "b" } })),
        ("RemovePermission", json!({ "Label": "x" })),
    ] {
        let mut input = more;
        input["QueueUrl"] = json!(url);
        let answer = call(&harness, "other", operation, input).await;
        assert_eq!(
            answer.code.as_deref(),
            Some("AccessDeniedException"),
            "{operation}"
        );
    }
}

#[tokio::test]
async fn permissions_come_and_go_by_their_labels() {
    let harness = house().await;
    let url = queue(&harness, "q", json!({})).await;
    let send = json!({ "QueueUrl": url, "MessageBody": "m" });
    let input = json!({
        "QueueUrl": url, "Label": "in", "AWSAccountIds": [OTHER], "Actions": ["SendMessage"],
    });
    done(&harness, "root", "AddPermission", input.clone()).await;
    let (code, text) = refused(&harness, "root", "AddPermission", input).await;
    assert_eq!(code, "InvalidParameterValue");
    assert_eq!(
        text,
        "Value in for parameter Label is invalid. Reason: Already exists."
    );
    let shown: Value =
        serde_json::from_str(&attribute(&harness, &url, "Policy").await).unwrap_or_default();
    let expected = json!([{
        "Sid": "in", "Effect": "Allow",
        "Principal": { "AWS": format!("arn:aws:iam::{OTHER}:root") },
        "Action": "SQS:SendMessage", "Resource": arn("q"),
    }]);
    assert_eq!(shown["Statement"], expected);
    done(&harness, "other", "SendMessage", send.clone()).await;
    let input = json!({ "QueueUrl": url, "Label": "in" });
    done(&harness, "root", "RemovePermission", input.clone()).await;
    assert_eq!(attribute(&harness, &url, "Policy").await, "");
    refused(&harness, "other", "SendMessage", send).await;
    let (_, text) = refused(&harness, "root", "RemovePermission", input).await;
    assert!(text.ends_with("can't find label."), "{text}");
}

#[tokio::test]
async fn tags_decide() {
    let harness = house().await;
    let statement = json!({
        "Effect": "Allow", "Action": "sqs:*", "Resource": "*",
        "Condition": { "StringEquals": { "aws:ResourceTag/team": "a" } },
    });
    harness.user("tagged", &[&policy(&statement)]);
    for team in ["a", "b"] {
        let input = json!({ "QueueName": team, "tags": { "team": team } });
        let made = done(&harness, "root", "CreateQueue", input).await;
        let input = json!({ "QueueUrl": made["QueueUrl"], "MessageBody": "m" });
        let answer = call(&harness, "tagged", "SendMessage", input).await;
        assert_eq!(answer.status == 200, team == "a", "{}", answer.text);
    }
}
