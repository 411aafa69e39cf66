//! Topics as targets.

use platform::testing::{ACCOUNT, Harness, REGION, form_request};
use serde_json::{Value, json};

use crate::events::house::{
    OTHER, body, done, house, put, queue_arn, receive, refused, rule, rule_arn, targets,
};

fn topic_arn(account: &str, name: &str) -> String {
    format!("arn:aws:sns:{REGION}:{account}:{name}")
}

/// Calls an operation of Amazon SNS that succeeds.
async fn sns(harness: &Harness, who: &str, form: &[(&str, &str)]) {
    let form: Vec<_> = form
        .iter()
        .map(|(name, value)| {
            let escape = |byte: u8| format!("%{byte:02X}");
            format!("{name}={}", value.bytes().map(escape).collect::<String>())
        })
        .collect();
    let body = format!("{}&Version=2010-03-31", form.join("&")).into_bytes();
    let answer = harness.send(REGION, who, form_request(), body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// Makes a topic with this policy, and a queue of the same account that gets its messages raw.
async fn topic(harness: &Harness, who: &str, account: &str, policy: &str) {
    let lets = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "sns.amazonaws.com" },
        "Action": "sqs:SendMessage", "Resource": "*",
    }]});
    let input = json!({ "QueueName": "q", "Attributes": { "Policy": lets.to_string() } });
    done(harness, who, "sqs:CreateQueue", input).await;
    sns(harness, who, &[("Action", "CreateTopic"), ("Name", "t")]).await;
    let arn = topic_arn(account, "t");
    let subscription = [
        ("Action", "Subscribe"),
        ("TopicArn", &arn),
        ("Protocol", "sqs"),
        ("Endpoint", &queue_arn(account, "q")),
        ("Attributes.entry.1.key", "RawMessageDelivery"),
        ("Attributes.entry.1.value", "true"),
    ];
    sns(harness, who, &subscription).await;
    set_policy(harness, who, &arn, policy).await;
}

async fn set_policy(harness: &Harness, who: &str, arn: &str, policy: &str) {
    let form = [
        ("Action", "SetTopicAttributes"),
        ("TopicArn", arn),
        ("AttributeName", "Policy"),
        ("AttributeValue", policy),
    ];
    sns(harness, who, &form).await;
}

/// A policy that lets a principal publish to the topic, for a rule where one is named.
fn lets(account: &str, principal: &Value, rule: Option<&str>) -> String {
    let mut statement = json!({
        "Effect": "Allow", "Principal": principal,
        "Action": "sns:Publish", "Resource": topic_arn(account, "t"),
    });
    if let Some(rule) = rule {
        statement["Condition"] = json!({
            "ArnEquals": { "aws:SourceArn": rule },
            "StringEquals": { "aws:SourceAccount": ACCOUNT },
        });
    }
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

fn events() -> Value {
    json!({ "Service": "events.amazonaws.com" })
}

/// Numbers of the events that reached the queue of an account.
async fn numbers(harness: &Harness, who: &str, account: &str) -> Vec<Value> {
    harness.run_deliveries().await;
    let messages = receive(harness, who, account, "q").await;
    let numbers = messages.iter().map(|it| body(it)["detail"]["n"].clone());
    numbers.collect()
}

#[tokio::test]
async fn a_topic_hears_what_its_policy_lets_in() {
    let harness = house().await;
    let policy = lets(ACCOUNT, &events(), Some(&rule_arn()));
    topic(&harness, "root", ACCOUNT, &policy).await;
    rule(&harness, json!({ "Arn": topic_arn(ACCOUNT, "t") })).await;
    put(&harness, 7).await;
    assert_eq!(numbers(&harness, "root", ACCOUNT).await, [json!(7)]);

    // That of another rule, and none for EventBridge.
    let given_up = || harness.pipeline.deliveries().counts().given_up;
    let own = json!({ "AWS": format!("arn:aws:iam::{ACCOUNT}:root") });
    for (count, policy) in [
        (
            1,
            lets(ACCOUNT, &events(), Some(&format!("{}2", rule_arn()))),
        ),
        (2, lets(ACCOUNT, &own, None)),
    ] {
        set_policy(&harness, "root", &topic_arn(ACCOUNT, "t"), &policy).await;
        put(&harness, 8).await;
        assert_eq!(given_up(), count, "{policy}");
    }
    assert!(numbers(&harness, "root", ACCOUNT).await.is_empty());
}

#[tokio::test]
async fn what_no_topic_takes_is_buried_with_its_error() {
    let harness = house().await;
    topic(
        &harness,
        "root",
        ACCOUNT,
        &lets(ACCOUNT, &events(), Some("arn:aws:none")),
    )
    .await;
    crate::events::house::queue(&harness, "root", "dead", json!({})).await;
    let mut target = json!({
        "Arn": topic_arn(ACCOUNT, "t"), "DeadLetterConfig": { "Arn": queue_arn(ACCOUNT, "dead") },
    });
    rule(&harness, target.clone()).await;
    put(&harness, 1).await;
    target["Arn"] = json!(topic_arn(ACCOUNT, "none"));
    done(&harness, "root", "PutTargets", targets(&target)).await;
    put(&harness, 2).await;
    let dead = receive(&harness, "root", ACCOUNT, "dead").await;
    let codes: Vec<_> = dead
        .iter()
        .map(|it| it["MessageAttributes"]["ERROR_CODE"]["StringValue"].clone())
        .collect();
    assert_eq!(codes, ["NO_PERMISSIONS", "NO_PERMISSIONS"]);
}

#[tokio::test]
async fn a_topic_of_another_account_needs_a_role_and_its_own_policy() {
    let harness = house().await;
    let role = format!("arn:aws:iam::{ACCOUNT}:role/publishes");
    let mut target = json!({ "Arn": topic_arn(OTHER, "t"), "InputPath": "$" });
    let text = refused(&harness, "PutTargets", targets(&target)).await;
    assert!(text.contains("another account"), "{text}");
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" },
        "Action": "sts:AssumeRole",
        "Condition": { "StringEquals": { "aws:SourceArn": rule_arn() } },
    }]})
    .to_string();
    let publishes = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Action":"sns:Publish","Resource":"*"}]}"#;
    harness.identities.role(&role, &trust, &[publishes]);
    target["RoleArn"] = json!(role);
    rule(&harness, target).await;
    topic(&harness, "other", OTHER, &lets(OTHER, &events(), None)).await;
    put(&harness, 1).await;
    let policy = lets(OTHER, &json!({ "AWS": ACCOUNT }), None);
    set_policy(&harness, "other", &topic_arn(OTHER, "t"), &policy).await;
    put(&harness, 2).await;
    assert_eq!(numbers(&harness, "other", OTHER).await, [json!(2)]);
}

#[tokio::test]
async fn what_topics_do_not_take_is_refused() {
    let harness = house().await;
    let input = json!({ "Name": "r", "EventPattern": "{\"source\":[\"app\"]}" });
    done(&harness, "root", "PutRule", input).await;
    let put = async |target: Value| refused(&harness, "PutTargets", targets(&target)).await;
    let text = put(json!({ "Arn": topic_arn(ACCOUNT, "t.fifo") })).await;
    assert_eq!(
        text,
        "Parameter Arn is not valid. Reason: FIFO topics cannot be targets of rules."
    );
    let group = json!({ "MessageGroupId": "g" });
    let text = put(json!({ "Arn": topic_arn(ACCOUNT, "t"), "SqsParameters": group })).await;
    assert_eq!(text, "Parameter(s) SqsParameters not valid for target: t.");
    let elsewhere = topic_arn(ACCOUNT, "t").replace(REGION, "ap-south-2");
    let text = put(json!({ "Arn": elsewhere })).await;
    assert!(text.contains("another Region"), "{text}");
}
