use serde_json::json;

use crate::sns::house::{
    OTHER, arn, call, done, envelope, house, publish, queue, receive, refused, subscribe, topic,
};

#[tokio::test]
async fn a_queue_of_ones_own_is_subscribed_at_once_and_only_once() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let queue = queue(&harness, "root", "q").await;
    let first = subscribe(&harness, &topic, &queue, &[]).await;
    assert_eq!(subscribe(&harness, &topic, &queue, &[]).await, first);
    let input = [("SubscriptionArn", &*first)];
    let shown = done(&harness, "root", "GetSubscriptionAttributes", &input).await;
    for said in [
        "<key>PendingConfirmation</key><value>false</value>",
        "<key>ConfirmationWasAuthenticated</key><value>true</value>",
        "<key>RawMessageDelivery</key><value>false</value>",
        "<key>SubscriptionPrincipal</key><value>arn:aws:iam::111122223333:root</value>",
    ] {
        assert!(shown.text.contains(said), "{said}: {}", shown.text);
    }
    for (operation, input) in [
        ("ListSubscriptions", &[][..]),
        ("ListSubscriptionsByTopic", &[("TopicArn", &*topic)]),
    ] {
        let listed = done(&harness, "root", operation, input).await;
        assert_eq!(listed.element("SubscriptionArn"), first, "{operation}");
    }
    done(&harness, "root", "Unsubscribe", &input).await;
    done(&harness, "root", "Unsubscribe", &input).await;
    let (code, text) = refused(&harness, "root", "GetSubscriptionAttributes", &input).await;
    assert_eq!(
        (&*code, &*text),
        ("NotFound", "Subscription does not exist")
    );
}

#[tokio::test]
async fn attributes_are_checked_and_kept() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let queue = queue(&harness, "root", "q").await;
    let subscription = subscribe(&harness, &topic, &queue, &[]).await;
    let set = async |name: &str, value: &str| {
        let input = [
            ("SubscriptionArn", &*subscription),
            ("AttributeName", name),
            ("AttributeValue", value),
        ];
        call(&harness, "root", "SetSubscriptionAttributes", &input).await
    };
    for (name, value, expected) in [
        (
            "RawMessageDelivery",
            "yes",
            "Invalid parameter: RawMessageDelivery: Invalid value [yes]. Must be true or false.",
        ),
        (
            "FilterPolicy",
            "x",
            "Invalid parameter: FilterPolicy: failed to parse JSON.",
        ),
        (
            "FilterPolicy",
            r#"{"a":{"b":["c"]}}"#,
            "Invalid parameter: FilterPolicy: Filter policy scope MessageAttributes does not support nested filter policy",
        ),
        (
            "RedrivePolicy",
            "{}",
            "Invalid parameter: RedrivePolicy: deadLetterTargetArn is an invalid arn",
        ),
        ("Nonsense", "1", "Invalid parameter: AttributeName"),
    ] {
        let answer = set(name, value).await;
        assert_eq!(answer.element("Message"), expected);
    }
    for (name, value) in [
        ("RawMessageDelivery", "true"),
        ("FilterPolicyScope", "MessageBody"),
        ("FilterPolicy", r#"{"a":{"b":["c"]}}"#),
        ("FilterPolicy", "{}"),
        ("FilterPolicyScope", "MessageAttributes"),
    ] {
        assert_eq!(set(name, value).await.status, 200, "{name}");
    }
    let input = [
        ("TopicArn", &*topic),
        ("Protocol", "sqs"),
        ("Endpoint", &*queue),
        ("Attributes.entry.1.key", "RawMessageDelivery"),
        ("Attributes.entry.1.value", "false"),
    ];
    let (_, text) = refused(&harness, "root", "Subscribe", &input).await;
    let expected = "Invalid parameter: Attributes Reason: Subscription already exists with different attributes";
    assert_eq!(text, expected);
}

#[tokio::test]
async fn endpoints_are_checked() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    for (protocol, endpoint, expected) in [
        (
            "carrier-pigeon",
            "x",
            "Invalid parameter: Amazon SNS does not support this protocol string: carrier-pigeon",
        ),
        ("sqs", "x", "Invalid parameter: SQS endpoint ARN"),
        (
            "https",
            "http://example.com",
            "Invalid parameter: Endpoint must match the specified protocol",
        ),
        (
            "https",
            "https:///x",
            "Invalid parameter: Unreachable Endpoint",
        ),
        (
            "email",
            "a@example.com",
            "This server does not support subscriptions of the protocol email of Amazon SNS.",
        ),
        (
            "lambda",
            "arn:aws:lambda:us-east-1:111122223333:layer:l",
            "Invalid parameter: Lambda endpoint ARN",
        ),
    ] {
        let input = [
            ("TopicArn", &*topic),
            ("Protocol", protocol),
            ("Endpoint", endpoint),
        ];
        let (code, text) = refused(&harness, "root", "Subscribe", &input).await;
        assert_eq!((&*code, &*text), ("InvalidParameter", expected));
    }
    let input = [
        ("TopicArn", &*arn("u")),
        ("Protocol", "https"),
        ("Endpoint", "https://example.com"),
    ];
    let (code, _) = refused(&harness, "root", "Subscribe", &input).await;
    assert_eq!(code, "NotFound");
}

/// The owner of the queue confirms with what only the queue was sent.
#[tokio::test]
async fn a_queue_of_another_account_confirms() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let queue = queue(&harness, "other", "q").await;
    let input = [
        ("TopicArn", &*topic),
        ("Protocol", "sqs"),
        ("Endpoint", &queue),
    ];
    let asked = done(&harness, "root", "Subscribe", &input).await;
    assert_eq!(asked.element("SubscriptionArn"), "pending confirmation");
    publish(&harness, &topic, "too early").await;
    let found = receive(&harness, &queue).await;
    assert_eq!(found.len(), 1);
    let said = envelope(&found[0]);
    assert_eq!(said["Type"], "SubscriptionConfirmation");
    let token = said["Token"].as_str().unwrap_or_default();
    let wrong = format!("{}0", &token[..token.len() - 1]);
    for (bad, expected) in [
        ("x", "Invalid token"),
        (&wrong.replace("00", "01"), "Invalid parameter: Token"),
    ] {
        let input = [("TopicArn", &*topic), ("Token", bad)];
        let (_, text) = refused(&harness, "other", "ConfirmSubscription", &input).await;
        assert_eq!(text, expected);
    }
    let input = [("TopicArn", &*topic), ("Token", token)];
    let confirmed = done(&harness, "other", "ConfirmSubscription", &input).await;
    let again = done(&harness, "other", "ConfirmSubscription", &input).await;
    assert_eq!(
        confirmed.element("SubscriptionArn"),
        again.element("SubscriptionArn")
    );
    publish(&harness, &topic, "now").await;
    assert_eq!(
        envelope(&receive(&harness, &queue).await[0])["Message"],
        "now"
    );
}

#[tokio::test]
async fn whoever_subscribed_may_end_it_whoever_has_the_topic() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let input = [
        ("TopicArn", &*topic),
        ("Label", "l"),
        ("AWSAccountId.member.1", OTHER),
        ("ActionName.member.1", "Subscribe"),
    ];
    done(&harness, "root", "AddPermission", &input).await;
    let queue = queue(&harness, "other", "q").await;
    let input = [
        ("TopicArn", &*topic),
        ("Protocol", "sqs"),
        ("Endpoint", &queue),
    ];
    let arn = done(&harness, "other", "Subscribe", &input)
        .await
        .element("SubscriptionArn");
    let listed = done(&harness, "other", "ListSubscriptions", &[]).await;
    assert_eq!(listed.element("Owner"), OTHER);
    let own = done(&harness, "root", "ListSubscriptions", &[]).await;
    assert_eq!(own.element("Owner"), "");
    harness.root_of("777788889999", "third");
    let (code, _) = refused(
        &harness,
        "third",
        "Unsubscribe",
        &[("SubscriptionArn", &arn)],
    )
    .await;
    assert_eq!(code, "AuthorizationError");
    done(
        &harness,
        "other",
        "Unsubscribe",
        &[("SubscriptionArn", &arn)],
    )
    .await;
    let listed = done(&harness, "other", "ListSubscriptions", &[]).await;
    assert_eq!(listed.element("Owner"), "");
}

#[tokio::test]
async fn an_end_by_somebody_else_is_told_and_can_be_undone() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let input = [
        ("TopicArn", &*topic),
        ("Label", "l"),
        ("AWSAccountId.member.1", OTHER),
        ("ActionName.member.1", "Subscribe"),
    ];
    done(&harness, "root", "AddPermission", &input).await;
    let queue = queue(&harness, "other", "q").await;
    let input = [
        ("TopicArn", &*topic),
        ("Protocol", "sqs"),
        ("Endpoint", &queue),
    ];
    let arn = done(&harness, "other", "Subscribe", &input)
        .await
        .element("SubscriptionArn");
    done(
        &harness,
        "root",
        "Unsubscribe",
        &[("SubscriptionArn", &arn)],
    )
    .await;
    publish(&harness, &topic, "not for it").await;
    let found = receive(&harness, &queue).await;
    assert_eq!(found.len(), 1);
    let said = envelope(&found[0]);
    assert_eq!(said["Type"], "UnsubscribeConfirmation");
    let token = said["Token"].as_str().unwrap_or_default();
    let listed = done(&harness, "other", "ListSubscriptions", &[]).await;
    assert_eq!(listed.element("SubscriptionArn"), "Deleted");
    done(
        &harness,
        "other",
        "ConfirmSubscription",
        &[("TopicArn", &topic), ("Token", token)],
    )
    .await;
    publish(&harness, &topic, "for it").await;
    assert_eq!(
        envelope(&receive(&harness, &queue).await[0])["Message"],
        "for it"
    );
}

#[tokio::test]
async fn dead_letters_of_a_fifo_topic_are_in_order_too() {
    let harness = house().await;
    let input = [
        ("Name", "t.fifo"),
        ("Attributes.entry.1.key", "FifoTopic"),
        ("Attributes.entry.1.value", "true"),
    ];
    let topic = done(&harness, "root", "CreateTopic", &input)
        .await
        .element("TopicArn");
    let queue = queue(&harness, "root", "q.fifo").await;
    let redrive = json!({ "deadLetterTargetArn": queue.replace(".fifo", "") }).to_string();
    let input = [
        ("TopicArn", &*topic),
        ("Protocol", "sqs"),
        ("Endpoint", &queue),
        ("Attributes.entry.1.key", "RedrivePolicy"),
        ("Attributes.entry.1.value", &redrive),
    ];
    let (_, text) = refused(&harness, "root", "Subscribe", &input).await;
    let expected = "Invalid parameter: Attributes Reason: RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.";
    assert_eq!(text, expected);
}
