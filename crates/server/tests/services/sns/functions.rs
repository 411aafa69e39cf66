//! Functions of Lambda as endpoints.

use platform::FunctionCaller;
use platform::testing::{ACCOUNT, Harness};
use serde_json::{Value, json};

use crate::sns::house::{
    OTHER, REGION, call, done, envelope, house, publish, queue, receive, refused, topic,
};

fn function(account: &str, name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{account}:function:{name}")
}

/// Subscribes a function, and gives the answer's ARN.
async fn subscribe(harness: &Harness, topic: &str, arn: &str, more: &[(&str, &str)]) -> String {
    let mut input = vec![
        ("TopicArn", topic),
        ("Protocol", "lambda"),
        ("Endpoint", arn),
    ];
    input.extend(more);
    let made = done(harness, "root", "Subscribe", &input).await;
    made.element("SubscriptionArn")
}

/// Makes the deliveries that are due, and gives what functions got.
async fn ran(harness: &Harness) -> Vec<(FunctionCaller, Value)> {
    harness.run_deliveries().await;
    let ran = harness.functions.ran().into_iter();
    ran.map(|(caller, event)| (caller, serde_json::from_slice(&event).unwrap_or_default()))
        .collect()
}

#[tokio::test]
async fn a_function_gets_messages_in_awss_shape() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let arn = function(ACCOUNT, "f:live");
    harness.functions.answer(&arn, "null");
    let subscription = subscribe(&harness, &topic, &arn, &[]).await;
    assert!(subscription.starts_with(&topic), "{subscription}");
    let input = [
        ("TopicArn", &*topic),
        ("Message", "Hello"),
        ("Subject", "A subject"),
        ("MessageAttributes.entry.1.Name", "n"),
        ("MessageAttributes.entry.1.Value.DataType", "Binary"),
        ("MessageAttributes.entry.1.Value.BinaryValue", "AQID"),
    ];
    let id = done(&harness, "root", "Publish", &input)
        .await
        .element("MessageId");
    let mut ran = ran(&harness).await;
    assert_eq!(ran.len(), 1);
    let (caller, event) = ran.remove(0);
    let expected = FunctionCaller {
        function: arn,
        service: "sns.amazonaws.com".to_owned(),
        source_arn: topic.clone(),
        source_account: ACCOUNT.to_owned(),
    };
    assert_eq!(caller, expected);
    let sns = &event["Records"][0]["Sns"];
    let leave = format!("http://localhost/?Action=Unsubscribe&SubscriptionArn={subscription}");
    let expected = json!({ "Records": [{
        "EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription,
        "Sns": {
            "Type": "Notification", "MessageId": id, "TopicArn": topic, "Subject": "A subject",
            "Message": "Hello", "Timestamp": "2026-01-01T00:00:00.000Z", "SignatureVersion": "1",
            "Signature": sns["Signature"], "SigningCertUrl": sns["SigningCertUrl"],
            "UnsubscribeUrl": leave,
            "MessageAttributes": { "n": { "Type": "Binary", "Value": "AQID" } },
        },
    }]});
    assert_eq!(event, expected);
    assert!(sns["Signature"].as_str().is_some_and(|it| it.len() > 300));
    assert!(
        sns["SigningCertUrl"]
            .as_str()
            .is_some_and(|it| it.ends_with(".pem"))
    );
}

#[tokio::test]
async fn a_message_without_anything_has_no_subject_and_no_attributes() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let arn = function(ACCOUNT, "f");
    harness.functions.answer(&arn, "null");
    subscribe(&harness, &topic, &arn, &[]).await;
    let input = [
        ("TopicArn", &*topic),
        ("Message", r#"{"default":"all","lambda":"own"}"#),
        ("MessageStructure", "json"),
    ];
    done(&harness, "root", "Publish", &input).await;
    let ran = ran(&harness).await;
    let sns = &ran[0].1["Records"][0]["Sns"];
    assert_eq!(sns["Message"], "own");
    assert_eq!(sns.get("Subject"), Some(&Value::Null));
    assert_eq!(sns["MessageAttributes"], json!({}));
    assert!(sns.get("Token").is_none());
}

#[tokio::test]
async fn what_no_function_takes_is_a_dead_letter() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let dead = queue(&harness, "root", "dead").await;
    let redrive = json!({ "deadLetterTargetArn": dead }).to_string();
    let attribute = [
        ("Attributes.entry.1.key", "RedrivePolicy"),
        ("Attributes.entry.1.value", &*redrive),
    ];
    let arn = function(ACCOUNT, "f");
    subscribe(&harness, &topic, &arn, &attribute).await;
    publish(&harness, &topic, "lost").await;
    let found = receive(&harness, &dead).await;
    assert_eq!(found.len(), 1);
    let said = envelope(&found[0]);
    assert_eq!(
        (&said["Message"], &said["Type"]),
        (&json!("lost"), &json!("Notification"))
    );
    assert!(said["UnsubscribeURL"].is_string());
    harness.functions.answer(&arn, "null");
    publish(&harness, &topic, "taken").await;
    assert_eq!(ran(&harness).await.len(), 1);
    assert!(receive(&harness, &dead).await.is_empty());
}

#[tokio::test]
async fn a_function_of_another_account_confirms() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let arn = function(OTHER, "f");
    harness.functions.answer(&arn, "null");
    let made = subscribe(&harness, &topic, &arn, &[]).await;
    assert_eq!(made, "pending confirmation");
    publish(&harness, &topic, "too early").await;
    let asked = ran(&harness).await;
    assert_eq!(asked.len(), 1);
    let sns = &asked[0].1["Records"][0]["Sns"];
    assert_eq!(sns["Type"], "SubscriptionConfirmation");
    assert!(sns["SubscribeUrl"].is_string());
    let token = sns["Token"].as_str().unwrap_or_default();
    let input = [("TopicArn", &*topic), ("Token", token)];
    done(&harness, "other", "ConfirmSubscription", &input).await;
    publish(&harness, &topic, "in time").await;
    let ran = ran(&harness).await;
    assert_eq!(ran.len(), 1);
    assert_eq!(ran[0].1["Records"][0]["Sns"]["Message"], "in time");
}

#[tokio::test]
async fn what_functions_do_not_take_is_refused() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let arn = function(ACCOUNT, "f");
    let subscription = subscribe(&harness, &topic, &arn, &[]).await;
    let set = async |name: &str, value: &str| {
        let input = [
            ("SubscriptionArn", &*subscription),
            ("AttributeName", name),
            ("AttributeValue", value),
        ];
        call(&harness, "root", "SetSubscriptionAttributes", &input).await
    };
    let raw = set("RawMessageDelivery", "true").await;
    let said =
        "Invalid parameter: Delivery protocol [lambda] does not support raw message delivery.";
    assert_eq!(
        (&*raw.element("Code"), &*raw.element("Message")),
        ("InvalidParameter", said)
    );
    assert_eq!(set("RawMessageDelivery", "false").await.status, 200);
    let plan = set("DeliveryPolicy", "{}").await;
    assert_eq!(plan.element("Code"), "InvalidParameter");
    let input = [("SubscriptionArn", &*subscription)];
    let shown = done(&harness, "root", "GetSubscriptionAttributes", &input).await;
    assert!(
        shown.text.contains("<value>lambda</value>"),
        "{}",
        shown.text
    );
    assert!(
        !shown.text.contains("EffectiveDeliveryPolicy"),
        "{}",
        shown.text
    );
    // Such subscriptions take large messages.
    let input = [
        ("TopicArn", &*topic),
        ("AttributeName", "MaximumMessageSize"),
        ("AttributeValue", "1048576"),
    ];
    done(&harness, "root", "SetTopicAttributes", &input).await;
    let input = [
        ("Name", "t.fifo"),
        ("Attributes.entry.1.key", "FifoTopic"),
        ("Attributes.entry.1.value", "true"),
    ];
    let fifo = done(&harness, "root", "CreateTopic", &input).await;
    let input = [
        ("TopicArn", &*fifo.element("TopicArn")),
        ("Protocol", "lambda"),
        ("Endpoint", &arn),
    ];
    let (_, text) = refused(&harness, "root", "Subscribe", &input).await;
    assert_eq!(text, "Invalid parameter: Invalid protocol type: lambda");
}
