//! What Amazon SNS says, word by word, where reports of its users show AWS's own words.

use crate::sns::house::*;

const FEW: &str = "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1";
const RAW: &str = "Invalid parameter: Attributes Reason: RawMessageDelivery: Invalid value [no]. Must be true or false.";
const FIFO: &str = "Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics";
const DEFAULT: &str =
    "Invalid parameter: Message Structure - No default entry in JSON message body";
const LETTER: &str = "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.";
const TYPE: &str = "The message attribute 'a' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.";
const EMPTY: &str = "The message attribute 'a' must contain non-empty message attribute value for message attribute type 'String'.";
const SCOPE: &str = "Invalid parameter: Attributes Reason: FilterPolicyScope: Invalid value [x]. Please use either MessageBody or MessageAttributes";

#[tokio::test]
async fn topics_and_subscriptions_are_refused_in_the_words_of_aws() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let (queue, fifo) = (queue_arn(OTHER, "q"), queue_arn(OTHER, "q.fifo"));
    let none = arn("none");
    let no_subscription = format!("{topic}:00000000-0000-4000-8000-000000000000");
    let subscribe = |protocol, endpoint, name, value| {
        vec![
            ("TopicArn", &*topic),
            ("Protocol", protocol),
            ("Endpoint", endpoint),
            ("Attributes.entry.1.key", name),
            ("Attributes.entry.1.value", value),
        ]
    };
    let raw = "RawMessageDelivery";
    let invalid = "InvalidParameter";
    let strange = "Invalid parameter: Amazon SNS does not support this protocol string: x";
    let url = "https://sqs.us-east-1.amazonaws.com/444455556666/q";
    for (operation, input, status, code, text) in [
        (
            "GetTopicAttributes",
            vec![("TopicArn", &*none)],
            404,
            "NotFound",
            "Topic does not exist",
        ),
        (
            "GetTopicAttributes",
            vec![("TopicArn", "t")],
            400,
            invalid,
            FEW,
        ),
        (
            "GetSubscriptionAttributes",
            vec![("SubscriptionArn", &*no_subscription)],
            404,
            "NotFound",
            "Subscription does not exist",
        ),
        (
            "Subscribe",
            subscribe("x", &queue, raw, "true"),
            400,
            invalid,
            strange,
        ),
        (
            "Subscribe",
            subscribe("sqs", url, raw, "true"),
            400,
            invalid,
            "Invalid parameter: SQS endpoint ARN",
        ),
        (
            "Subscribe",
            subscribe("sqs", &queue, raw, "no"),
            400,
            invalid,
            RAW,
        ),
        (
            "Subscribe",
            subscribe("sqs", &fifo, raw, "true"),
            400,
            invalid,
            FIFO,
        ),
        (
            "Subscribe",
            subscribe("sqs", &queue, "FilterPolicyScope", "x"),
            400,
            invalid,
            SCOPE,
        ),
    ] {
        let answer = call(&harness, "root", operation, &input).await;
        assert_eq!(answer.status, status, "{operation}: {}", answer.text);
        assert_eq!(answer.element("Code"), code, "{operation}");
        assert_eq!(answer.element("Message"), text, "{operation}");
    }
}

#[tokio::test]
async fn messages_are_refused_in_the_words_of_aws() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let publish = |message| vec![("TopicArn", &*topic), ("Message", message)];
    let with = |name, data_type, field, value| {
        let mut input = publish("m");
        input.extend([
            ("MessageAttributes.entry.1.Name", name),
            ("MessageAttributes.entry.1.Value.DataType", data_type),
            (field, value),
        ]);
        input
    };
    let mut structured = publish("{}");
    structured.push(("MessageStructure", "json"));
    let mut titled = publish("m");
    titled.push(("Subject", ""));
    let text = "MessageAttributes.entry.1.Value.StringValue";
    let bytes = "MessageAttributes.entry.1.Value.BinaryValue";
    let (invalid, value) = ("InvalidParameter", "ParameterValueInvalid");
    let long = "a".repeat(257);
    for (input, code, expected) in [
        (publish(""), invalid, "Invalid parameter: Empty message"),
        (titled, invalid, "Invalid parameter: Subject"),
        (structured, invalid, DEFAULT),
        (with("a^", "String", text, "x"), value, LETTER),
        (
            with(&long, "String", text, "x"),
            value,
            "Length of message attribute name must be less than 256 bytes.",
        ),
        (
            with(".a", "String", text, "x"),
            value,
            "Invalid message attribute name starting with character '.' was found.",
        ),
        (
            with("a.", "String", text, "x"),
            value,
            "Invalid message attribute name ending with character '.' was found.",
        ),
        (
            with("a..b", "String", text, "x"),
            value,
            "Message attribute name can not have successive '.' character.",
        ),
        (with("a", "Text", text, "x"), value, TYPE),
        (with("a", "String", text, ""), value, EMPTY),
        (
            with("a", "String", bytes, "AAAA"),
            value,
            "The message attribute 'a' with type 'String' must use field 'String'.",
        ),
        (
            with("a", "Binary", text, "x"),
            value,
            "The message attribute 'a' with type 'Binary' must use field 'Binary'.",
        ),
    ] {
        let told = refused(&harness, "root", "Publish", &input).await;
        assert_eq!(told, (code.to_owned(), expected.to_owned()));
    }
}
