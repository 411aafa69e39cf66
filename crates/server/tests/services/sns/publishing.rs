use serde_json::{Value, json};

use crate::sns::house::{
    call, done, envelope, house, publish, queue, receive, refused, subscribe, topic,
};

#[tokio::test]
async fn a_message_reaches_each_queue_in_an_envelope_or_raw() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let (plain, raw) = (
        queue(&harness, "root", "p").await,
        queue(&harness, "root", "r").await,
    );
    let subscription = subscribe(&harness, &topic, &plain, &[]).await;
    subscribe(&harness, &topic, &raw, &[("RawMessageDelivery", "true")]).await;
    let input = [
        ("TopicArn", &*topic),
        ("Message", "Hello \"you\""),
        ("Subject", "A subject"),
        ("MessageAttributes.entry.1.Name", "n"),
        ("MessageAttributes.entry.1.Value.DataType", "Number"),
        ("MessageAttributes.entry.1.Value.StringValue", "7"),
    ];
    let id = done(&harness, "root", "Publish", &input)
        .await
        .element("MessageId");
    let found = receive(&harness, &plain).await;
    let said = envelope(&found[0]);
    for (name, expected) in [
        ("Type", "Notification"),
        ("MessageId", &id),
        ("TopicArn", &topic),
        ("Subject", "A subject"),
        ("Message", "Hello \"you\""),
        ("Timestamp", "2026-01-01T00:00:00.000Z"),
        ("SignatureVersion", "1"),
    ] {
        assert_eq!(said[name], expected, "{name}");
    }
    let unsubscribe =
        format!("http://localhost/?Action=Unsubscribe&SubscriptionArn={subscription}");
    assert_eq!(said["UnsubscribeURL"], unsubscribe);
    assert_eq!(
        said["MessageAttributes"],
        json!({ "n": { "Type": "Number", "Value": "7" } })
    );
    let found = receive(&harness, &raw).await;
    assert_eq!(found[0]["Body"], "Hello \"you\"");
    assert_eq!(found[0]["MessageAttributes"]["n"]["StringValue"], "7");
}

#[tokio::test]
async fn filters_take_what_they_say() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let names = ["colour", "size", "body"].map(str::to_owned);
    let filters = [
        [
            ("FilterPolicy", r#"{"colour":["red",{"prefix":"gr"}]}"#),
            ("FilterPolicyScope", "MessageAttributes"),
        ],
        [
            ("FilterPolicy", r#"{"size":[{"numeric":[">",5]}]}"#),
            ("FilterPolicyScope", "MessageAttributes"),
        ],
        [
            ("FilterPolicy", r#"{"a":{"b":["c"]}}"#),
            ("FilterPolicyScope", "MessageBody"),
        ],
    ];
    let mut queues = Vec::new();
    for (name, filter) in names.iter().zip(&filters) {
        let queue = queue(&harness, "root", name).await;
        subscribe(&harness, &topic, &queue, filter).await;
        queues.push(queue);
    }
    for (attribute, message, expected) in [
        (("colour", "String", "red"), "m", [1, 0, 0]),
        (("colour", "String", "green"), "m", [1, 0, 0]),
        (("colour", "String", "blue"), "m", [0, 0, 0]),
        (
            ("colour", "String.Array", r#"["blue","red"]"#),
            "m",
            [1, 0, 0],
        ),
        (("size", "Number", "6"), "m", [0, 1, 0]),
        (("size", "Number", "5"), "m", [0, 0, 0]),
        (("size", "String", "6"), "m", [0, 0, 0]),
        (("x", "String", "y"), r#"{"a":{"b":"c"}}"#, [0, 0, 1]),
        (("x", "String", "y"), r#"{"a":{"b":"d"}}"#, [0, 0, 0]),
    ] {
        let (name, kind, value) = attribute;
        let input = [
            ("TopicArn", &*topic),
            ("Message", message),
            ("MessageAttributes.entry.1.Name", name),
            ("MessageAttributes.entry.1.Value.DataType", kind),
            ("MessageAttributes.entry.1.Value.StringValue", value),
        ];
        done(&harness, "root", "Publish", &input).await;
        let mut counts = [0; 3];
        for (count, queue) in counts.iter_mut().zip(&queues) {
            *count = receive(&harness, queue).await.len();
        }
        assert_eq!(counts, expected, "{attribute:?} {message}");
    }
}

#[tokio::test]
async fn a_message_may_say_something_else_to_each_protocol() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let queue = queue(&harness, "root", "q").await;
    subscribe(&harness, &topic, &queue, &[("RawMessageDelivery", "true")]).await;
    for (message, expected) in [
        (r#"{"default":"d","sqs":"s"}"#, "s"),
        (r#"{"default":"d","email":"e"}"#, "d"),
    ] {
        let input = [
            ("TopicArn", &*topic),
            ("Message", message),
            ("MessageStructure", "json"),
        ];
        done(&harness, "root", "Publish", &input).await;
        assert_eq!(receive(&harness, &queue).await[0]["Body"], expected);
    }
    for (message, expected) in [
        (
            "x",
            "Invalid parameter: Message Structure - JSON message body failed to parse",
        ),
        (
            "{}",
            "Invalid parameter: Message Structure - No default entry in JSON message body",
        ),
    ] {
        let input = [
            ("TopicArn", &*topic),
            ("Message", message),
            ("MessageStructure", "json"),
        ];
        let (_, text) = refused(&harness, "root", "Publish", &input).await;
        assert_eq!(text, expected);
    }
}

#[tokio::test]
async fn messages_are_checked() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let long = "a".repeat(262_145);
    for (name, value, expected) in [
        ("Message", "", "Invalid parameter: Empty message"),
        ("Message", &long, "Invalid parameter: Message too long"),
        ("Subject", "a\nb", "Invalid parameter: Subject"),
        (
            "MessageStructure",
            "xml",
            "Invalid parameter: MessageStructure",
        ),
        (
            "MessageDeduplicationId",
            "d",
            "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type",
        ),
        (
            "TargetArn",
            "t",
            "Invalid parameter: TargetArn Reason: Only one of TopicArn, TargetArn and PhoneNumber can be given",
        ),
    ] {
        let mut input = vec![("TopicArn", &*topic), (name, value)];
        if name != "Message" {
            input.push(("Message", "m"));
        }
        let (code, text) = refused(&harness, "root", "Publish", &input).await;
        assert_eq!((&*code, &*text), ("InvalidParameter", expected));
    }
    let (code, _) = refused(&harness, "root", "Publish", &[("Message", "m")]).await;
    assert_eq!(code, "InvalidParameter");
    let fits = "a".repeat(262_144);
    done(
        &harness,
        "root",
        "Publish",
        &[("TopicArn", &topic), ("Message", &fits)],
    )
    .await;
    let input = [
        ("TopicArn", &*topic),
        ("Message", "m"),
        ("MessageAttributes.entry.1.Name", "n"),
        ("MessageAttributes.entry.1.Value.DataType", "Text"),
        ("MessageAttributes.entry.1.Value.StringValue", "7"),
    ];
    let (code, _) = refused(&harness, "root", "Publish", &input).await;
    assert_eq!(code, "ParameterValueInvalid");
}

#[tokio::test]
async fn entries_of_a_batch_succeed_by_themselves() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let queue = queue(&harness, "root", "q").await;
    subscribe(&harness, &topic, &queue, &[]).await;
    let batch = |entries: &[(&str, &str)]| {
        let mut input = vec![("TopicArn".to_owned(), topic.clone())];
        for (at, (id, message)) in entries.iter().enumerate() {
            let name = |part| format!("PublishBatchRequestEntries.member.{}.{part}", at + 1);
            input.push((name("Id"), (*id).to_owned()));
            input.push((name("Message"), (*message).to_owned()));
        }
        input
    };
    let send = async |entries: &[(&str, &str)]| {
        let input = batch(entries);
        let input: Vec<_> = input
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        call(&harness, "root", "PublishBatch", &input).await
    };
    let answer = send(&[("a", "one"), ("b", ""), ("c", "three")]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(
        answer.text.matches("<MessageId>").count(),
        2,
        "{}",
        answer.text
    );
    assert_eq!(answer.element("Code"), "InvalidParameter");
    let found: Vec<Value> = receive(&harness, &queue)
        .await
        .iter()
        .map(envelope)
        .collect();
    assert_eq!(found.len(), 2);
    let many: Vec<_> = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"]
        .map(|id| (id, "m"))
        .to_vec();
    for (entries, code) in [
        (&[("a", "m"), ("a", "m")][..], "BatchEntryIdsNotDistinct"),
        (&[("a b", "m")], "InvalidBatchEntryId"),
        (&many, "TooManyEntriesInBatchRequest"),
    ] {
        assert_eq!(send(entries).await.element("Code"), code);
    }
    let long = "a".repeat(200_000);
    let answer = send(&[("a", &long), ("b", &long)]).await;
    assert_eq!(answer.element("Code"), "BatchRequestTooLong");
}

#[tokio::test]
async fn nothing_is_delivered_after_the_end_of_a_subscription() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let queue = queue(&harness, "root", "q").await;
    let subscription = subscribe(&harness, &topic, &queue, &[]).await;
    publish(&harness, &topic, "m").await;
    done(
        &harness,
        "root",
        "Unsubscribe",
        &[("SubscriptionArn", &subscription)],
    )
    .await;
    assert_eq!(receive(&harness, &queue).await.len(), 0);
}

#[tokio::test]
async fn a_number_has_so_many_digits_and_no_more() {
    let harness = house().await;
    let topic = topic(&harness, "t").await;
    let many = "1".repeat(39);
    for (number, wrong) in [
        ("1e-100000", "scale must be 10^-128 and 10^126."),
        ("1e126", "scale must be 10^-128 and 10^126."),
        ("0e-129", "scale must be 10^-128 and 10^126."),
        (&*many, "must have less than 38 precision digits."),
    ] {
        let attribute = |start: &'static str| {
            let name = format!("{start}MessageAttributes.entry.1.");
            [
                (format!("{name}Name"), "numeric"),
                (format!("{name}Value.DataType"), "Number"),
                (format!("{name}Value.StringValue"), number),
            ]
        };
        let expected = format!("Message attribute 'numeric' number value [{number}] {wrong}");
        let one = attribute("");
        let mut input = vec![("TopicArn", &*topic), ("Message", "m")];
        input.extend(one.iter().map(|(name, value)| (&**name, *value)));
        let refusal = refused(&harness, "root", "Publish", &input).await;
        assert_eq!(
            refusal,
            ("ParameterValueInvalid".to_owned(), expected.clone())
        );
        let entry = attribute("PublishBatchRequestEntries.member.2.");
        let mut input = vec![
            ("TopicArn", &*topic),
            ("PublishBatchRequestEntries.member.1.Id", "a"),
            ("PublishBatchRequestEntries.member.1.Message", "m"),
            ("PublishBatchRequestEntries.member.2.Id", "b"),
            ("PublishBatchRequestEntries.member.2.Message", "m"),
        ];
        input.extend(entry.iter().map(|(name, value)| (&**name, *value)));
        let refusal = refused(&harness, "root", "PublishBatch", &input).await;
        assert_eq!(refusal, ("ParameterValueInvalid".to_owned(), expected));
    }
}
