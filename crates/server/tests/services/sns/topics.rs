use platform::testing::ACCOUNT;

use crate::sns::house::{arn, call, done, house, refused, topic};

#[tokio::test]
async fn a_topic_is_made_once_shown_and_deleted() {
    let harness = house().await;
    assert_eq!(topic(&harness, "t").await, arn("t"));
    assert_eq!(topic(&harness, "t").await, arn("t"));
    let shown = done(
        &harness,
        "root",
        "GetTopicAttributes",
        &[("TopicArn", &arn("t"))],
    )
    .await;
    for said in [
        "<key>SubscriptionsConfirmed</key><value>0</value>",
        "<key>EffectiveDeliveryPolicy</key>",
        "<key>Owner</key><value>111122223333</value>",
        "__default_policy_ID",
    ] {
        assert!(shown.text.contains(said), "{said}: {}", shown.text);
    }
    let listed = done(&harness, "root", "ListTopics", &[]).await;
    assert_eq!(listed.element("TopicArn"), arn("t"));
    done(&harness, "root", "DeleteTopic", &[("TopicArn", &arn("t"))]).await;
    done(&harness, "root", "DeleteTopic", &[("TopicArn", &arn("t"))]).await;
    let gone = refused(
        &harness,
        "root",
        "GetTopicAttributes",
        &[("TopicArn", &arn("t"))],
    )
    .await;
    assert_eq!(
        gone,
        ("NotFound".to_owned(), "Topic does not exist".to_owned())
    );
}

#[tokio::test]
async fn names_and_attributes_are_checked() {
    let harness = house().await;
    for name in ["a b", "a.fifo", "x.y", &"a".repeat(257)] {
        let (code, _) = refused(&harness, "root", "CreateTopic", &[("Name", name)]).await;
        assert_eq!(code, "InvalidParameter", "{name}");
    }
    topic(&harness, "t").await;
    for (name, value) in [
        ("Nonsense", "1"),
        ("MaximumMessageSize", "1023"),
        ("MaximumMessageSize", "1048577"),
        ("SignatureVersion", "3"),
        ("Policy", "{}"),
        ("Policy", "x"),
        ("DeliveryPolicy", "x"),
        (
            "DeliveryPolicy",
            r#"{"http":{"defaultHealthyRetryPolicy":{"numRetries":101}}}"#,
        ),
        ("ContentBasedDeduplication", "true"),
        ("TracingConfig", "Active"),
        (
            "SQSSuccessFeedbackRoleArn",
            "arn:aws:iam::111122223333:role/r",
        ),
        ("ArchivePolicy", "{}"),
        ("FifoTopic", "true"),
    ] {
        let input = [
            ("TopicArn", arn("t")),
            ("AttributeName", name.to_owned()),
            ("AttributeValue", value.to_owned()),
        ];
        let input: Vec<_> = input
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let (code, text) = refused(&harness, "root", "SetTopicAttributes", &input).await;
        assert_eq!(code, "InvalidParameter", "{name}={value}: {text}");
    }
    let input = [
        ("TopicArn", &*arn("t")),
        ("AttributeName", "DisplayName"),
        ("AttributeValue", "A topic"),
    ];
    done(&harness, "root", "SetTopicAttributes", &input).await;
    let input = [
        ("Name", "t"),
        ("Attributes.entry.1.key", "DisplayName"),
        ("Attributes.entry.1.value", "Another"),
    ];
    let (_, text) = refused(&harness, "root", "CreateTopic", &input).await;
    let expected =
        "Invalid parameter: Attributes Reason: Topic already exists with different attributes";
    assert_eq!(text, expected);
}

#[tokio::test]
async fn arns_are_checked() {
    let harness = house().await;
    let expect = [
        (
            "x",
            "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1",
        ),
        (
            "arn:aws:sns:eu-west-2:111122223333:t",
            "Invalid parameter: TopicArn",
        ),
        (
            "arn:aws:sqs:us-east-1:111122223333:t",
            "Invalid parameter: TopicArn",
        ),
    ];
    for (given, expected) in expect {
        let (_, text) = refused(
            &harness,
            "root",
            "GetTopicAttributes",
            &[("TopicArn", given)],
        )
        .await;
        assert_eq!(text, expected);
    }
}

#[tokio::test]
async fn topics_are_listed_in_pages() {
    let harness = house().await;
    for index in 0..101 {
        topic(&harness, &format!("t{index:03}")).await;
    }
    let first = done(&harness, "root", "ListTopics", &[]).await;
    assert_eq!(first.text.matches("<TopicArn>").count(), 100);
    let token = first.element("NextToken");
    let second = done(&harness, "root", "ListTopics", &[("NextToken", &token)]).await;
    assert_eq!(second.element("TopicArn"), arn("t100"));
    assert_eq!(second.text.matches("<TopicArn>").count(), 1);
    let (code, _) = refused(&harness, "root", "ListTopics", &[("NextToken", "zz")]).await;
    assert_eq!(code, "InvalidParameter");
}

#[tokio::test]
async fn tags_come_and_go_and_decide() {
    let harness = house().await;
    topic(&harness, "t").await;
    let resource = ("ResourceArn", &*arn("t"));
    let input = [
        resource,
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "blue"),
    ];
    done(&harness, "root", "TagResource", &input).await;
    let listed = done(&harness, "root", "ListTagsForResource", &[resource]).await;
    assert!(
        listed.text.contains("<Key>team</Key><Value>blue</Value>"),
        "{}",
        listed.text
    );
    let blue = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sns:*",
        "Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"blue"}}}}"#;
    harness.user("blue", &[blue]);
    done(
        &harness,
        "blue",
        "GetTopicAttributes",
        &[("TopicArn", &arn("t"))],
    )
    .await;
    let input = [resource, ("TagKeys.member.1", "team")];
    done(&harness, "root", "UntagResource", &input).await;
    let denied = call(
        &harness,
        "blue",
        "GetTopicAttributes",
        &[("TopicArn", &arn("t"))],
    )
    .await;
    assert_eq!(
        (denied.status, &*denied.element("Code")),
        (403, "AuthorizationError")
    );
    let expected = format!(
        "User: arn:aws:iam::{ACCOUNT}:user/blue is not authorized to perform: \
         SNS:GetTopicAttributes on resource: {} because no identity-based policy allows the \
         SNS:GetTopicAttributes action",
        arn("t")
    );
    assert_eq!(denied.element("Message"), expected);
    let other = arn("u");
    let (code, _) = refused(
        &harness,
        "root",
        "ListTagsForResource",
        &[("ResourceArn", &other)],
    )
    .await;
    assert_eq!(code, "ResourceNotFound");
    let input = [
        resource,
        ("Tags.member.1.Key", "aws:x"),
        ("Tags.member.1.Value", "y"),
    ];
    let (code, text) = refused(&harness, "root", "TagResource", &input).await;
    let expected = "Invalid parameter: Tags Reason: Caller is an end user and not allowed to mutate \
                    system tags";
    assert_eq!((&*code, &*text), ("InvalidParameter", expected));
}
