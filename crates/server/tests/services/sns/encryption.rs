use platform::testing::{ACCOUNT, Harness};
use serde_json::json;

use crate::sns::house::{
    REGION, arn, done, envelope, house, publish, queue, receive, refused, subscribe,
};

async fn key(harness: &Harness) -> String {
    let target = "TrentService.CreateKey";
    let made = harness.json_in(REGION, "root", target, json!({})).await;
    made.body["KeyMetadata"]["Arn"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

async fn encrypted(harness: &Harness, key: &str) -> String {
    let input = [
        ("Name", "t"),
        ("Attributes.entry.1.key", "KmsMasterKeyId"),
        ("Attributes.entry.1.value", key),
    ];
    done(harness, "root", "CreateTopic", &input)
        .await
        .element("TopicArn")
}

#[tokio::test]
async fn who_publishes_needs_the_key() {
    let harness = house().await;
    let key = key(&harness).await;
    let topic = encrypted(&harness, &key).await;
    let queue = queue(&harness, "root", "q").await;
    subscribe(&harness, &topic, &queue, &[]).await;
    publish(&harness, &topic, "secret").await;
    assert_eq!(
        envelope(&receive(&harness, &queue).await[0])["Message"],
        "secret"
    );
    let publish_alone = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow",
        "Action":["sns:Publish"SOME],"Resource":"*"}}"#;
    harness.user("none", &[&publish_alone.replace("SOME", "")]);
    harness.user(
        "half",
        &[&publish_alone.replace("SOME", r#","kms:GenerateDataKey""#)],
    );
    let both = r#","kms:GenerateDataKey","kms:Decrypt""#;
    harness.user("both", &[&publish_alone.replace("SOME", both)]);
    let message = [("TopicArn", &*topic), ("Message", "m")];
    for who in ["none", "half"] {
        let (code, _) = refused(&harness, who, "Publish", &message).await;
        assert_eq!(code, "KMSAccessDenied", "{who}");
    }
    done(&harness, "both", "Publish", &message).await;
    let input = json!({ "KeyId": key });
    harness
        .json_in(REGION, "root", "TrentService.DisableKey", input)
        .await;
    let (code, _) = refused(&harness, "root", "Publish", &message).await;
    assert_eq!(code, "KMSDisabled");
    // What was accepted before is delivered.
    assert_eq!(receive(&harness, &queue).await.len(), 1);
}

#[tokio::test]
async fn a_key_that_is_not_there_and_one_that_aws_manages() {
    let harness = house().await;
    let absent = format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012");
    let topic = encrypted(&harness, &absent).await;
    let message = [("TopicArn", &*topic), ("Message", "m")];
    let (code, _) = refused(&harness, "root", "Publish", &message).await;
    assert_eq!(code, "KMSNotFound");
    let input = [
        ("TopicArn", &*arn("t")),
        ("AttributeName", "KmsMasterKeyId"),
        ("AttributeValue", "alias/aws/sns"),
    ];
    done(&harness, "root", "SetTopicAttributes", &input).await;
    done(&harness, "root", "Publish", &message).await;
}
