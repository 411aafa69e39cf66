//! Web servers: confirmation by links, signatures, retries.

use platform::testing::{Answer, Harness};
use serde_json::Value;

use crate::sns::house::{done, house, publish, refused, topic};

const URL: &str = "https://example.com/hook";

/// Subscribes the web server; the message that it is sent.
async fn ask(harness: &Harness, topic: &str) -> Value {
    let input = [
        ("TopicArn", topic),
        ("Protocol", "https"),
        ("Endpoint", URL),
    ];
    let asked = done(harness, "root", "Subscribe", &input).await;
    assert_eq!(asked.element("SubscriptionArn"), "pending confirmation");
    harness.run_deliveries().await;
    let sent = harness.outbound.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!((&*sent[0].method, &*sent[0].url), ("POST", URL));
    assert_eq!(
        sent[0].header_value("x-amz-sns-message-type"),
        Some("SubscriptionConfirmation")
    );
    assert_eq!(
        sent[0].header_value("content-type"),
        Some("text/plain; charset=UTF-8")
    );
    serde_json::from_slice(&sent[0].body).unwrap_or_default()
}

/// Follows a link as anybody would.
async fn follow(harness: &Harness, link: &str) -> Answer {
    let target = link.strip_prefix("http://localhost").unwrap_or_default();
    let request = http::Request::get(target).header("host", "localhost");
    harness
        .send("us-east-1", "anonymous", request, Vec::new())
        .await
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_web_server_confirms_and_ends_by_links() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let said = ask(&harness, &topic).await;
    publish(&harness, &topic, "too early").await;
    harness.run_deliveries().await;
    assert_eq!(harness.outbound.sent().len(), 0);
    let link = text(&said["SubscribeURL"]);
    let bad = follow(&harness, &link.replace("&Token=", "&Token=0")).await;
    assert_eq!(bad.element("Message"), "Invalid parameter: Token");
    let confirmed = follow(&harness, &link).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    publish(&harness, &topic, "m").await;
    harness.run_deliveries().await;
    let sent = harness.outbound.sent();
    assert_eq!(
        sent[0].header_value("x-amz-sns-message-type"),
        Some("Notification")
    );
    let arn = confirmed.element("SubscriptionArn");
    assert_eq!(
        sent[0].header_value("x-amz-sns-subscription-arn"),
        Some(&*arn)
    );
    let said: Value = serde_json::from_slice(&sent[0].body).unwrap_or_default();
    assert_eq!(said["Message"], "m");
    let ended = follow(&harness, &text(&said["UnsubscribeURL"])).await;
    assert_eq!(ended.status, 200, "{}", ended.text);
    harness.run_deliveries().await;
    let sent = harness.outbound.sent();
    assert_eq!(
        sent[0].header_value("x-amz-sns-message-type"),
        Some("UnsubscribeConfirmation")
    );
    publish(&harness, &topic, "m").await;
    harness.run_deliveries().await;
    assert_eq!(harness.outbound.sent().len(), 0);
}

#[tokio::test]
async fn a_guarded_subscription_is_not_ended_by_a_link() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let said = ask(&harness, &topic).await;
    let link = text(&said["SubscribeURL"]);
    let guarded = follow(&harness, &format!("{link}&AuthenticateOnUnsubscribe=true")).await;
    assert_eq!(guarded.element("Code"), "AuthorizationError");
    let input = [
        ("TopicArn", &*topic),
        ("Token", &text(&said["Token"])),
        ("AuthenticateOnUnsubscribe", "true"),
    ];
    let arn = done(&harness, "root", "ConfirmSubscription", &input)
        .await
        .element("SubscriptionArn");
    let link = format!("http://localhost/?Action=Unsubscribe&SubscriptionArn={arn}");
    let ended = follow(&harness, &link).await;
    assert_eq!(
        (ended.status, &*ended.element("Code")),
        (403, "AuthorizationError")
    );
    done(
        &harness,
        "root",
        "Unsubscribe",
        &[("SubscriptionArn", &arn)],
    )
    .await;
}

#[tokio::test]
async fn tokens_end_after_two_days() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let said = ask(&harness, &topic).await;
    harness.clock.advance(48 * 3600);
    let late = follow(&harness, &text(&said["SubscribeURL"])).await;
    assert_eq!(late.element("Message"), "Invalid parameter: Token");
}

/// A link leads to nothing but the two operations.
#[tokio::test]
async fn other_operations_need_a_signature() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    for link in [
        format!("/?Action=DeleteTopic&TopicArn={topic}"),
        format!("/?Action=Publish&Message=m&TopicArn={topic}"),
        "/?Action=ListTopics&Version=2010-03-31".to_owned(),
    ] {
        let answer = follow(&harness, &format!("http://localhost{link}")).await;
        assert_eq!(answer.status, 403, "{link}: {}", answer.text);
    }
    done(
        &harness,
        "root",
        "GetTopicAttributes",
        &[("TopicArn", &topic)],
    )
    .await;
}

#[tokio::test]
async fn a_web_server_is_tried_as_its_policy_says() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let said = ask(&harness, &topic).await;
    let arn = follow(&harness, &text(&said["SubscribeURL"]))
        .await
        .element("SubscriptionArn");
    let policy = r#"{"healthyRetryPolicy":{"numRetries":2,"minDelayTarget":30,"maxDelayTarget":30},
        "requestPolicy":{"headerContentType":"application/json"}}"#;
    let input = [
        ("SubscriptionArn", &*arn),
        ("AttributeName", "DeliveryPolicy"),
        ("AttributeValue", policy),
    ];
    done(&harness, "root", "SetSubscriptionAttributes", &input).await;
    publish(&harness, &topic, "m").await;
    for _ in 0..3 {
        harness.outbound.answer(500, "");
    }
    let mut attempts = Vec::new();
    for _ in 0..4 {
        harness.run_deliveries().await;
        attempts.push(harness.outbound.sent().len());
        harness.clock.advance(29);
        harness.run_deliveries().await;
        assert_eq!(harness.outbound.sent().len(), 0, "before its time");
        harness.clock.advance(1);
    }
    assert_eq!(attempts, [1, 1, 1, 0]);
    harness.outbound.answer(404, "");
    publish(&harness, &topic, "m").await;
    harness.run_deliveries().await;
    let sent = harness.outbound.sent();
    assert_eq!(
        sent[0].header_value("content-type"),
        Some("application/json")
    );
    harness.clock.advance(3000);
    harness.run_deliveries().await;
    assert_eq!(harness.outbound.sent().len(), 0, "404 is final");
}

/// The certificate is where the message says, and the topic's version is what it is signed with.
#[tokio::test]
async fn messages_are_signed_in_the_version_of_the_topic() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let said = ask(&harness, &topic).await;
    let url = text(&said["SigningCertURL"]);
    let path = url.strip_prefix("http://localhost").unwrap_or_default();
    let store = harness.pipeline.store();
    let pem = sns::certificate(store, path)
        .await
        .ok()
        .flatten()
        .unwrap_or_default();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----\n"), "{path}");
    let none = sns::certificate(store, "/SimpleNotificationService-0.pem").await;
    assert!(none.is_ok_and(|none| none.is_none()));
    assert_eq!(said["SignatureVersion"], "1");
    let input = [
        ("TopicArn", &*topic),
        ("AttributeName", "SignatureVersion"),
        ("AttributeValue", "2"),
    ];
    done(&harness, "root", "SetTopicAttributes", &input).await;
    follow(&harness, &text(&said["SubscribeURL"])).await;
    publish(&harness, &topic, "m").await;
    harness.run_deliveries().await;
    let second: Value =
        serde_json::from_slice(&harness.outbound.sent()[0].body).unwrap_or_default();
    assert_eq!(second["SignatureVersion"], "2");
    assert_eq!(second["SigningCertURL"], said["SigningCertURL"]);
    harness.clock.advance(366 * 86_400);
    publish(&harness, &topic, "m").await;
    harness.run_deliveries().await;
    let third: Value = serde_json::from_slice(&harness.outbound.sent()[0].body).unwrap_or_default();
    assert_ne!(third["SigningCertURL"], said["SigningCertURL"]);
    let old = sns::certificate(harness.pipeline.store(), path).await;
    assert!(
        old.is_ok_and(|old| old.is_some()),
        "old messages can still be verified"
    );
}

#[tokio::test]
async fn a_token_of_one_topic_confirms_nothing_of_another() {
    let harness = house().await;
    let (one, two) = (topic(&harness, "one").await, topic(&harness, "two").await);
    let said = ask(&harness, &one).await;
    let input = [("TopicArn", &*two), ("Token", &text(&said["Token"]))];
    let (_, message) = refused(&harness, "root", "ConfirmSubscription", &input).await;
    assert_eq!(message, "Invalid parameter: Token");
}
