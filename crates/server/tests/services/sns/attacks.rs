//! What somebody tries who means harm.

use platform::testing::Harness;
use serde_json::{Value, json};

use crate::sns::house::{OTHER, done, house, publish, queue, queue_arn, refused, subscribe, topic};

async fn published(harness: &Harness, topic: &str) -> u64 {
    let before = waiting(harness);
    publish(harness, topic, "m").await;
    waiting(harness) - before
}

fn waiting(harness: &Harness) -> u64 {
    harness.pipeline.deliveries().counts().waiting
}

/// Endpoints that take nothing would fill disk and memory with what waits for them.
#[tokio::test]
async fn sec_w2_an_account_has_so_much_waiting_and_no_more() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let own = queue(&harness, "root", "own").await;
    subscribe(&harness, &topic, &own, &[]).await;
    harness.limit_deliveries(200, 1 << 30);
    for _ in 0..100 {
        assert_eq!(published(&harness, &topic).await, 1);
    }
    let input = [("TopicArn", &*topic), ("Message", "m")];
    let expected = ("Throttling".to_owned(), "Rate exceeded".to_owned());
    assert_eq!(refused(&harness, "root", "Publish", &input).await, expected);
    let batch = [
        ("TopicArn", &*topic),
        ("PublishBatchRequestEntries.member.1.Id", "a"),
        ("PublishBatchRequestEntries.member.1.Message", "m"),
    ];
    let answer = done(&harness, "root", "PublishBatch", &batch).await;
    assert_eq!(answer.element("Code"), "Throttling");
    assert_eq!(waiting(&harness), 100);
    harness.run_deliveries().await;
    assert_eq!(published(&harness, &topic).await, 1);
}

/// A subscriber whose own account is full keeps nobody from publishing.
#[tokio::test]
async fn sec_w2_a_full_subscriber_holds_up_nobody() {
    let harness = house().await;
    let theirs = done(&harness, "other", "CreateTopic", &[("Name", "theirs")]).await;
    let theirs = theirs.element("TopicArn");
    let topic = topic(&harness, "t").await;
    let account = [
        ("TopicArn", &*topic),
        ("Label", "l"),
        ("AWSAccountId.member.1", OTHER),
        ("ActionName.member.1", "Subscribe"),
    ];
    done(&harness, "root", "AddPermission", &account).await;
    let foreign = queue(&harness, "other", "foreign").await;
    for arn in [&theirs, &topic] {
        let input = [
            ("TopicArn", &**arn),
            ("Protocol", "sqs"),
            ("Endpoint", &foreign),
        ];
        done(&harness, "other", "Subscribe", &input).await;
    }
    let own = queue(&harness, "root", "own").await;
    subscribe(&harness, &topic, &own, &[]).await;
    assert_eq!(published(&harness, &topic).await, 2);
    harness.run_deliveries().await;
    harness.limit_deliveries(200, 1 << 30);
    for _ in 0..100 {
        done(
            &harness,
            "other",
            "Publish",
            &[("TopicArn", &theirs), ("Message", "m")],
        )
        .await;
    }
    assert_eq!(published(&harness, &topic).await, 1);
    assert_eq!(queue_arn(OTHER, "foreign"), foreign);
}

/// Whoever subscribes names somebody else's web server: it is asked a few times and then left alone,
/// whatever the subscription's delivery policy says.
#[tokio::test]
async fn sec_w1_who_has_not_agreed_is_called_four_times() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let retries = json!({
        "minDelayTarget": 1, "maxDelayTarget": 1, "numRetries": 100, "numNoDelayRetries": 100,
    });
    let policy = json!({ "healthyRetryPolicy": retries }).to_string();
    let input = [
        ("TopicArn", &*topic),
        ("Protocol", "https"),
        ("Endpoint", "https://example.com/victim"),
        ("Attributes.entry.1.key", "DeliveryPolicy"),
        ("Attributes.entry.1.value", &policy),
    ];
    done(&harness, "root", "Subscribe", &input).await;
    for _ in 0..300 {
        harness.outbound.answer(503, "");
    }
    let mut calls = 0;
    for _ in 0..300 {
        harness.run_deliveries().await;
        calls += harness.outbound.sent().len();
        harness.clock.advance(60);
    }
    assert_eq!(calls, 4);
}

/// The link that another's web server is asked to follow, and the certificate that it is asked to
/// believe, are not at a host that the one who subscribes makes up.
#[tokio::test]
async fn sec_s24_no_caller_says_where_the_links_of_others_lead() {
    let harness = house().await;
    harness
        .pipeline
        .lead_to("https://sns.example.com:8443".to_owned());
    let topic = topic(&harness, "t").await;
    let form = format!(
        "Action=Subscribe&TopicArn={topic}&Protocol=https&Endpoint=https%3A%2F%2Fexample.com%2Fhook&\
         Version=2010-03-31"
    );
    let request = http::Request::post("/")
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("content-type", "application/x-www-form-urlencoded");
    let asked = harness
        .send("us-east-1", "root", request, form.into_bytes())
        .await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    harness.run_deliveries().await;
    let sent = harness.outbound.sent();
    let said = String::from_utf8_lossy(&sent[0].body).into_owned();
    assert!(!said.contains("evil.example"), "{said}");
    let said: Value = serde_json::from_str(&said).expect("JSON");
    for name in ["SubscribeURL", "SigningCertURL"] {
        let link = said[name].as_str().unwrap_or_default();
        assert!(link.starts_with("https://sns.example.com:8443/"), "{link}");
    }
}

#[tokio::test]
async fn lists_are_limited_to_thirty_a_second() {
    let harness = house().await;
    harness.pipeline.limit_rates();
    for _ in 0..30 {
        done(&harness, "root", "ListTopics", &[]).await;
    }
    let expected = ("Throttling".to_owned(), "Rate exceeded".to_owned());
    assert_eq!(refused(&harness, "root", "ListTopics", &[]).await, expected);
    done(&harness, "other", "ListTopics", &[]).await;
    harness.clock.advance(1);
    done(&harness, "root", "ListTopics", &[]).await;
}
