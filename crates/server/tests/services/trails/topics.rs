//! Topics that hear of the files of trails.

use platform::testing::{ACCOUNT, Answer, REGION, form_request};
use serde_json::{Value, json};

use crate::trails::{House, trail_arn};

fn topic_arn(name: &str) -> String {
    format!("arn:aws:sns:{REGION}:{ACCOUNT}:{name}")
}

/// The policy of the user guide, for the trail of this name.
fn lets(trail: &str) -> String {
    json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": "AWSCloudTrailSNSPolicy20131101", "Effect": "Allow",
        "Principal": { "Service": "cloudtrail.amazonaws.com" },
        "Action": "SNS:Publish", "Resource": "*",
        "Condition": { "StringEquals": { "aws:SourceArn": trail_arn(trail) } },
    }]})
    .to_string()
}

impl House {
    async fn sns(&self, form: &[(&str, &str)]) {
        let form: Vec<_> = form
            .iter()
            .map(|(name, value)| {
                let escape = |byte: u8| format!("%{byte:02X}");
                format!("{name}={}", value.bytes().map(escape).collect::<String>())
            })
            .collect();
        let body = format!("{}&Version=2010-03-31", form.join("&")).into_bytes();
        let answer = self
            .harness
            .send(REGION, "root", form_request(), body)
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    async fn sqs(&self, operation: &str, input: Value) -> Value {
        let target = format!("AmazonSQS.{operation}");
        let answer = self.harness.json("root", &target, input).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }

    /// Makes a topic with a queue of the same name, which lets the trails `trail` in.
    async fn topic(&self, name: &str) {
        let policy = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": { "Service": "sns.amazonaws.com" },
            "Action": "sqs:SendMessage", "Resource": "*",
        }]});
        let attributes = json!({ "Policy": policy.to_string() });
        let input = json!({ "QueueName": name, "Attributes": attributes });
        self.sqs("CreateQueue", input).await;
        self.sns(&[("Action", "CreateTopic"), ("Name", name)]).await;
        let queue = format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}");
        let subscription = [
            ("Action", "Subscribe"),
            ("TopicArn", &topic_arn(name)),
            ("Protocol", "sqs"),
            ("Endpoint", &queue),
        ];
        self.sns(&subscription).await;
        self.policy(name, &lets("trail")).await;
    }

    async fn policy(&self, name: &str, policy: &str) {
        let form = [
            ("Action", "SetTopicAttributes"),
            ("TopicArn", &topic_arn(name)),
            ("AttributeName", "Policy"),
            ("AttributeValue", policy),
        ];
        self.sns(&form).await;
    }

    /// What the topic was told since the last time.
    async fn told(&self, name: &str) -> Vec<String> {
        self.harness.run_deliveries().await;
        let url = format!("http://localhost/{ACCOUNT}/{name}");
        let input = json!({ "QueueUrl": url, "MaxNumberOfMessages": 10 });
        let received = self.sqs("ReceiveMessage", input).await;
        let mut told = Vec::new();
        for message in received["Messages"].as_array().into_iter().flatten() {
            let input = json!({ "QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"] });
            self.sqs("DeleteMessage", input).await;
            let text = message["Body"].as_str().expect("text");
            let envelope: Value = serde_json::from_str(text).expect("JSON");
            assert_eq!(envelope["TopicArn"], topic_arn(name));
            assert_eq!(envelope.get("Subject"), None);
            told.push(envelope["Message"].as_str().expect("text").to_owned());
        }
        told
    }

    fn keys(&self) -> Vec<String> {
        self.bucket
            .0
            .lock()
            .expect("whole")
            .keys()
            .cloned()
            .collect()
    }

    async fn status(&self) -> Value {
        self.ok("GetTrailStatus", json!({ "Name": "trail" })).await
    }
}

fn refusal(answer: &Answer) -> (&str, &str) {
    (answer.code.as_deref().unwrap_or_default(), answer.message())
}

#[tokio::test]
async fn a_topic_has_to_be_well_named_and_to_let_cloudtrail_in() {
    let house = House::new().await;
    house.topic("files").await;
    let create = async |name: &str, topic: &str| {
        let input = json!({ "Name": name, "S3BucketName": "logs", "SnsTopicName": topic });
        house.call("CreateTrail", input).await
    };
    for topic in [
        "files.fifo",
        "a b",
        "arn:aws:sns",
        "arn:aws:sqs:us-east-1:111122223333:files",
        &format!("{}.fifo", topic_arn("files")),
        &"x".repeat(257),
    ] {
        let code = refusal(&create("trail", topic).await).0.to_owned();
        assert_eq!(code, "InvalidSnsTopicNameException", "{topic}");
    }
    let closed = (
        "InsufficientSnsTopicPolicyException",
        "SNS Topic does not exist or the topic policy is incorrect!",
    );
    assert_eq!(refusal(&create("trail", "none").await), closed);
    assert_eq!(refusal(&create("other", "files").await), closed);
    assert!(
        house.told("files").await.is_empty(),
        "refusals tell nothing"
    );
    let elsewhere = topic_arn("files").replace(REGION, "ap-south-2");
    let answer = create("trail", &elsewhere).await;
    assert_eq!(refusal(&answer).0, "UnsupportedOperationException");

    let made = create("trail", "files").await.body;
    assert_eq!(made["SnsTopicName"], "files");
    assert_eq!(made["SnsTopicARN"], topic_arn("files"));
    assert_eq!(
        house.told("files").await,
        ["CloudTrail validation message."]
    );
    assert_eq!(house.status().await.get("LatestNotificationTime"), None);

    let by_arn = json!({ "Name": "trail", "SnsTopicName": topic_arn("files") });
    let changed = house.ok("UpdateTrail", by_arn).await;
    assert_eq!(changed["SnsTopicName"], topic_arn("files"));
    assert_eq!(changed["SnsTopicARN"], topic_arn("files"));

    // A topic that stays is asked again, and one that goes is not.
    house.policy("files", &lets("other")).await;
    let update = json!({ "Name": "trail", "IsMultiRegionTrail": true });
    assert_eq!(refusal(&house.call("UpdateTrail", update).await), closed);
    let shown = house.ok("GetTrail", json!({ "Name": "trail" })).await;
    assert_eq!(shown["Trail"]["IsMultiRegionTrail"], false);
    let nothing = json!({ "Name": "trail", "SnsTopicName": "" });
    let changed = house.ok("UpdateTrail", nothing).await;
    assert_eq!(changed.get("SnsTopicARN"), None);
    assert_eq!(changed.get("SnsTopicName"), None);
}

#[tokio::test]
async fn a_topic_hears_of_each_file() {
    let house = House::new().await;
    house.topic("files").await;
    let input = json!({
        "Name": "trail", "S3BucketName": "logs", "SnsTopicName": "files",
        "EnableLogFileValidation": true,
    });
    house.ok("CreateTrail", input).await;
    house.ok("StartLogging", json!({ "Name": "trail" })).await;
    house.told("files").await;
    house.deliver().await;
    let known = house.keys();
    assert_eq!(known.len(), 1);
    let message = |key: &String| format!(r#"{{"s3Bucket":"logs","s3ObjectKey":["{key}"]}}"#);
    let told = house.told("files").await;
    assert_eq!(told, known.iter().map(message).collect::<Vec<_>>());
    let status = house.status().await;
    let time = status["LatestNotificationTime"].clone();
    assert!(time.is_number(), "{status}");
    assert_eq!(status.get("LatestNotificationError"), None);

    // A topic that is closed holds nothing up, and hears of later files alone.
    house.policy("files", &lets("other")).await;
    assert_eq!(house.deliver().await, 1);
    let status = house.status().await;
    assert_eq!(status["LatestNotificationError"], "AuthorizationError");
    assert_eq!(status["LatestNotificationTime"], time);
    assert_eq!(status.get("LatestDeliveryError"), None);
    assert!(house.told("files").await.is_empty());
    let known = house.keys();
    house.policy("files", &lets("trail")).await;
    house.deliver().await;
    let mut new = house.keys();
    new.retain(|key| !known.contains(key));
    assert_eq!(new.len(), 1);
    assert_eq!(house.told("files").await, [message(&new[0])]);
    assert_eq!(house.status().await.get("LatestNotificationError"), None);
}

#[tokio::test]
async fn notifications_make_no_files() {
    let house = House::new().await;
    house.topic("files").await;
    let input = json!({ "Name": "trail", "S3BucketName": "logs", "SnsTopicName": "files" });
    house.ok("CreateTrail", input).await;
    house.ok("StartLogging", json!({ "Name": "trail" })).await;
    assert_eq!(house.deliver().await, 1);
    house.harness.run_deliveries().await;
    assert_eq!(house.deliver().await, 0);
}
