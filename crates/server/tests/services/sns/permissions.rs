use platform::testing::ACCOUNT;
use serde_json::json;

use crate::sns::house::{
    OTHER, arn, call, done, house, publish, queue, receive, refused, subscribe, topic,
};

#[tokio::test]
async fn another_account_publishes_as_long_as_it_is_let() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let message = [("TopicArn", &*topic), ("Message", "m")];
    let (code, _) = refused(&harness, "other", "Publish", &message).await;
    assert_eq!(code, "AuthorizationError");
    let input = [
        ("TopicArn", &*topic),
        ("Label", "l"),
        ("AWSAccountId.member.1", OTHER),
        ("ActionName.member.1", "Publish"),
    ];
    done(&harness, "root", "AddPermission", &input).await;
    done(&harness, "root", "AddPermission", &input).await;
    let mut different = input;
    different[3].1 = "Subscribe";
    let (_, text) = refused(&harness, "root", "AddPermission", &different).await;
    assert_eq!(text, "Invalid parameter: Statement already exists");
    done(&harness, "other", "Publish", &message).await;
    let (code, _) = refused(&harness, "other", "DeleteTopic", &[("TopicArn", &topic)]).await;
    assert_eq!(code, "AuthorizationError");
    let label = [("TopicArn", &*topic), ("Label", "l")];
    done(&harness, "root", "RemovePermission", &label).await;
    let (code, _) = refused(&harness, "other", "Publish", &message).await;
    assert_eq!(code, "AuthorizationError");
    done(&harness, "root", "RemovePermission", &label).await;
}

#[tokio::test]
async fn permissions_are_checked() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    for (account, action, expected) in [
        (
            OTHER,
            "CreateTopic",
            "Invalid parameter: Policy statement action out of service scope!",
        ),
        ("x", "Publish", "Invalid parameter: AWSAccountId"),
    ] {
        let input = [
            ("TopicArn", &*topic),
            ("Label", "l"),
            ("AWSAccountId.member.1", account),
            ("ActionName.member.1", action),
        ];
        let (_, text) = refused(&harness, "root", "AddPermission", &input).await;
        assert_eq!(text, expected);
    }
}

#[tokio::test]
async fn a_policy_is_about_what_is_done_with_topics() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    for (actions, is_in_scope) in [
        (r#""SNS:Publish""#, true),
        (r#""sns:receive""#, true),
        (r#""*""#, true),
        (r#"["sns:*", "sns:Get*"]"#, true),
        (r#""sns:CreateTopic""#, false),
        (r#""sns:ListTopics""#, false),
        (r#"["sns:Publish", "sqs:SendMessage"]"#, false),
        (r#""sqs:*""#, false),
    ] {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":"*","Action":{actions},"Resource":"{topic}"}}}}"#
        );
        let input = [
            ("TopicArn", &*topic),
            ("AttributeName", "Policy"),
            ("AttributeValue", &*policy),
        ];
        let answer = call(&harness, "root", "SetTopicAttributes", &input).await;
        let expected = "Invalid parameter: Policy statement action out of service scope!";
        assert_eq!(answer.code.is_none(), is_in_scope, "{actions}");
        assert_eq!(answer.text.contains(expected), !is_in_scope, "{actions}");
    }
}

#[tokio::test]
async fn nobody_learns_which_topics_there_are() {
    let harness = house().await;
    topic(&harness, "t").await;
    let mut answers = Vec::new();
    for name in ["t", "u"] {
        let input = [("TopicArn", &*arn(name)), ("Message", "m")];
        let (code, text) = refused(&harness, "other", "Publish", &input).await;
        answers.push((code, text.replace(&arn(name), "")));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn condition_keys_limit_who_may_subscribe_what() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow", "Action": "sns:Subscribe", "Resource": "*",
            "Condition": {
                "StringEquals": { "sns:Protocol": "https" },
                "StringLike": { "sns:Endpoint": "https://example.com/*" },
            },
        },
    });
    harness.user("u", &[&policy.to_string()]);
    for (protocol, endpoint, status) in [
        ("https", "https://example.com/x", 200),
        ("https", "https://example.org/x", 403),
        ("sqs", "arn:aws:sqs:us-east-1:111122223333:q", 403),
    ] {
        let input = [
            ("TopicArn", &*topic),
            ("Protocol", protocol),
            ("Endpoint", endpoint),
        ];
        let answer = call(&harness, "u", "Subscribe", &input).await;
        assert_eq!(answer.status, status, "{endpoint}: {}", answer.text);
    }
}

/// The queue's policy decides, for the topic that it names.
#[tokio::test]
async fn a_queue_that_lets_nobody_in_gets_nothing() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let open = queue(&harness, "root", "open").await;
    let closed = queue(&harness, "root", "closed").await;
    let dead = queue(&harness, "root", "dead").await;
    let input = json!({
        "QueueUrl": format!("http://localhost/{ACCOUNT}/closed"), "Attributes": { "Policy": "" },
    });
    let target = "AmazonSQS.SetQueueAttributes";
    let set = harness.json_in("us-east-1", "root", target, input).await;
    assert_eq!(set.status, 200, "{}", set.text);
    let redrive = json!({ "deadLetterTargetArn": dead }).to_string();
    subscribe(&harness, &topic, &open, &[]).await;
    subscribe(&harness, &topic, &closed, &[("RedrivePolicy", &redrive)]).await;
    publish(&harness, &topic, "m").await;
    assert_eq!(receive(&harness, &open).await.len(), 1);
    assert_eq!(receive(&harness, &closed).await.len(), 0);
    assert_eq!(receive(&harness, &dead).await.len(), 1);
}
