//! Trails with KMS: files under a trail's key, and what the key's policy and state mean to them.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is all test code: a surprise fails the test"
)]

mod global;
mod log_groups;
mod topics;
mod watching;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crypto::DataKey;
use platform::testing::{ACCOUNT, Answer, Harness, REGION};
use platform::{BucketObject, Buckets, PutFuture};
use serde_json::{Value, json};

/// One bucket that does not encrypt.
#[derive(Default)]
struct Bucket(Mutex<BTreeMap<String, BucketObject>>);

impl Buckets for Bucket {
    fn exists(&self, bucket: &str) -> bool {
        bucket == "logs"
    }

    fn encrypts(&self) -> bool {
        false
    }

    fn put(&self, object: BucketObject) -> PutFuture<'_> {
        let mut objects = self.0.lock().expect("whole");
        objects.insert(object.key.clone(), object);
        Box::pin(std::future::ready(Ok(())))
    }
}

struct House {
    harness: Harness,
    bucket: Arc<Bucket>,
}

impl House {
    async fn new() -> Self {
        let harness = Harness::new(server::registry::services()).await;
        let bucket = Arc::new(Bucket::default());
        harness.pipeline.deliver_to(Arc::clone(&bucket) as _);
        Self { harness, bucket }
    }

    async fn call(&self, target: &str, input: Value) -> Answer {
        let target = match target.split_once(':') {
            Some(("kms", operation)) => format!("TrentService.{operation}"),
            Some(("logs", operation)) => format!("Logs_20140328.{operation}"),
            Some(("events", operation)) => format!("AWSEvents.{operation}"),
            _ => format!("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.{target}"),
        };
        self.harness.json("root", &target, input).await
    }

    async fn ok(&self, target: &str, input: Value) -> Value {
        let answer = self.call(target, input).await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.text);
        answer.body
    }

    async fn fails(&self, target: &str, input: Value) -> String {
        let answer = self.call(target, input).await;
        assert_eq!(answer.status, 400, "{target}: {}", answer.text);
        answer.code.unwrap_or_default()
    }

    /// A key that lets CloudTrail in for the trails `name`.
    async fn key(&self, name: &str) -> String {
        let policy = json!({ "Version": "2012-10-17", "Statement": [
            {
                "Effect": "Allow", "Action": "kms:*", "Resource": "*",
                "Principal": { "AWS": format!("arn:aws:iam::{ACCOUNT}:root") },
            },
            {
                "Sid": "Allow CloudTrail to encrypt logs", "Effect": "Allow",
                "Principal": { "Service": "cloudtrail.amazonaws.com" },
                "Action": "kms:GenerateDataKey*", "Resource": "*",
                "Condition": {
                    "StringEquals": { "aws:SourceArn": trail_arn(name) },
                    "StringLike": {
                        "kms:EncryptionContext:aws:cloudtrail:arn":
                            format!("arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"),
                    },
                },
            },
        ] });
        let input = json!({ "Policy": policy.to_string() });
        let made = self.ok("kms:CreateKey", input).await;
        let arn = &made["KeyMetadata"]["Arn"];
        arn.as_str().expect("an ARN").to_owned()
    }

    async fn deliver(&self) -> usize {
        let pipeline = &self.harness.pipeline;
        let buckets = Arc::clone(&self.bucket) as Arc<dyn Buckets>;
        let delivered = cloudtrail::deliver(&pipeline.upkeep(), &buckets, pipeline.now()).await;
        delivered.ok().expect("a store")
    }

    /// The names of all events that were delivered, read as somebody who may decrypt reads them.
    async fn delivered(&self) -> Vec<String> {
        let objects = self.bucket.0.lock().expect("whole").clone();
        let mut names = Vec::new();
        for object in objects.values() {
            let said: BTreeMap<_, _> = object.metadata.iter().cloned().collect();
            assert_eq!(said["encryption"], "aws:kms");
            let opened = self
                .ok(
                    "kms:Decrypt",
                    json!({
                        "CiphertextBlob": base64(&unhex(&said["encryption-data-key"])),
                        "EncryptionContext": { "aws:cloudtrail:arn": trail_arn("trail") },
                    }),
                )
                .await;
            assert_eq!(opened["KeyId"], said["encryption-key-id"]);
            let plaintext = unbase64(opened["Plaintext"].as_str().expect("text"));
            let key = DataKey::new(&plaintext).expect("32 bytes");
            let place = format!("logs/{}", object.key);
            let body = key.open(place.as_bytes(), &object.body).expect("whole");
            let file: Value = serde_json::from_slice(&gunzip(&body)).expect("JSON");
            let events = file["Records"].as_array().expect("a list").iter();
            names.extend(events.map(|event| event["eventName"].as_str().expect("text").to_owned()));
        }
        names
    }
}

fn trail_arn(name: &str) -> String {
    format!("arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{name}")
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16));
    digits.map(|byte| byte.expect("hex")).collect()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn unbase64(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    let decoded = base64::engine::general_purpose::STANDARD.decode(text);
    decoded.expect("base64")
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Read as _;
    let mut text = Vec::new();
    let mut decoder = flate2::read::GzDecoder::new(bytes);
    decoder.read_to_end(&mut text).expect("gzip");
    text
}

#[tokio::test]
async fn a_key_has_to_let_cloudtrail_in() {
    let house = House::new().await;
    let key = house.key("trail").await;
    let input =
        |name: &str, key: &str| json!({ "Name": name, "S3BucketName": "logs", "KmsKeyId": key });
    let refused = house.fails("CreateTrail", input("other", &key)).await;
    assert_eq!(refused, "InsufficientEncryptionPolicyException");
    let refused = house
        .fails("CreateTrail", input("trail", "alias/none"))
        .await;
    assert_eq!(refused, "KmsKeyNotFoundException");
    let id = json!({ "KeyId": key });
    house.ok("kms:DisableKey", id.clone()).await;
    let refused = house.fails("CreateTrail", input("trail", &key)).await;
    assert_eq!(refused, "KmsException");
    house.ok("kms:EnableKey", id).await;
    let alias = json!({ "AliasName": "alias/trail", "TargetKeyId": key });
    house.ok("kms:CreateAlias", alias).await;
    let made = house.ok("CreateTrail", input("trail", "alias/trail")).await;
    assert_eq!(made["KmsKeyId"], key);
    let update = json!({ "Name": "trail", "KmsKeyId": "" });
    let changed = house.ok("UpdateTrail", update).await;
    assert_eq!(changed.get("KmsKeyId"), None);
    let (_, id) = key.rsplit_once('/').expect("an id");
    let update = json!({ "Name": "trail", "KmsKeyId": id });
    assert_eq!(house.ok("UpdateTrail", update).await["KmsKeyId"], key);
}

#[tokio::test]
async fn files_wait_for_a_key_that_is_disabled() {
    let house = House::new().await;
    let key = house.key("trail").await;
    let input = json!({
        "Name": "trail", "S3BucketName": "logs", "KmsKeyId": key, "RecursiveLogging": false,
    });
    house.ok("CreateTrail", input).await;
    let named = json!({ "Name": "trail" });
    house.ok("StartLogging", named.clone()).await;
    assert_eq!(house.deliver().await, 1);
    // What the delivery itself called is not delivered.
    assert_eq!(house.deliver().await, 0);
    house.ok("kms:DisableKey", json!({ "KeyId": key })).await;
    assert_eq!(house.deliver().await, 0);
    let status = house.ok("GetTrailStatus", named.clone()).await;
    assert_eq!(status["LatestDeliveryError"], "KMS.DisabledException");
    house.ok("kms:EnableKey", json!({ "KeyId": key })).await;
    assert_eq!(house.deliver().await, 1);
    let status = house.ok("GetTrailStatus", named).await;
    assert_eq!(status.get("LatestDeliveryError"), None);
    let names = house.delivered().await;
    for name in ["StartLogging", "DisableKey", "GetTrailStatus", "EnableKey"] {
        assert!(names.iter().any(|known| known == name), "{name}: {names:?}");
    }
    assert!(
        !names.iter().any(|known| known == "GenerateDataKey"),
        "{names:?}"
    );
}
