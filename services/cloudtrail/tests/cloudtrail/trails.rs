//! Trails, and what they deliver.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::{Arc, Mutex};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use platform::{BucketObject, Buckets, PutFailure, PutFuture};

use crate::house::*;

/// Objects by key, with their metadata.
type Objects = BTreeMap<String, (Vec<u8>, BTreeMap<String, String>)>;

/// One bucket, `logs`, in memory.
#[derive(Default)]
pub(crate) struct Bucket {
    objects: Mutex<Objects>,
    is_broken: Mutex<bool>,
}

impl Buckets for Bucket {
    fn exists(&self, bucket: &str) -> bool {
        bucket == "logs"
    }

    fn encrypts(&self) -> bool {
        true
    }

    fn put(&self, object: BucketObject) -> PutFuture<'_> {
        let is_broken = *self.is_broken.lock().expect("whole");
        let put = match object.bucket == "logs" && !is_broken {
            true => {
                let kept = (object.body.to_vec(), object.metadata.into_iter().collect());
                let mut objects = self.objects.lock().expect("whole");
                objects.insert(object.key, kept);
                Ok(())
            }
            false => Err(PutFailure::new("NoSuchBucket", "it is gone")),
        };
        Box::pin(std::future::ready(put))
    }
}

impl Bucket {
    pub(crate) fn keys(&self, of: &str) -> Vec<String> {
        let objects = self.objects.lock().expect("whole");
        objects
            .keys()
            .filter(|key| key.contains(of))
            .cloned()
            .collect()
    }

    fn text(&self, key: &str) -> Vec<u8> {
        let objects = self.objects.lock().expect("whole");
        let mut text = Vec::new();
        let mut decoder = flate2::read::GzDecoder::new(objects[key].0.as_slice());
        decoder.read_to_end(&mut text).expect("gzip");
        text
    }

    fn swap(&self, one: &str, other: &str) {
        let mut objects = self.objects.lock().expect("whole");
        let (first, second) = (objects[one].clone(), objects[other].clone());
        objects.insert(one.to_owned(), second);
        objects.insert(other.to_owned(), first);
    }

    pub(crate) fn events(&self) -> Vec<Value> {
        let mut events = Vec::new();
        for key in self.keys("/CloudTrail/") {
            let file: Value = serde_json::from_slice(&self.text(&key)).expect("JSON");
            events.extend(file["Records"].as_array().expect("a list").clone());
        }
        events.sort_by_key(|event| event["eventTime"].as_str().expect("text").to_owned());
        events
    }
}

pub(crate) struct Trailed {
    pub(crate) house: House,
    pub(crate) bucket: Arc<Bucket>,
}

impl Trailed {
    pub(crate) async fn new() -> Self {
        let (house, bucket) = (House::new().await, Arc::new(Bucket::default()));
        house.harness.pipeline.deliver_to(Arc::clone(&bucket) as _);
        Self { house, bucket }
    }

    /// A trail that logs.
    pub(crate) async fn logging(&self, settings: Value) {
        let mut input = json!({ "Name": "trail", "S3BucketName": "logs" });
        for (name, value) in settings.as_object().expect("an object") {
            input[name] = value.clone();
        }
        self.house.ok("CreateTrail", input).await;
        self.house
            .ok("StartLogging", json!({ "Name": "trail" }))
            .await;
    }

    pub(crate) async fn deliver(&self) -> usize {
        let pipeline = &self.house.harness.pipeline;
        let buckets = Arc::clone(&self.bucket) as Arc<dyn Buckets>;
        let delivered =
            service_cloudtrail::deliver(&pipeline.upkeep(), &buckets, pipeline.now()).await;
        delivered.ok().expect("a store")
    }

    pub(crate) async fn status(&self) -> Value {
        self.house
            .ok("GetTrailStatus", json!({ "Name": "trail" }))
            .await
    }
}

#[tokio::test]
async fn settings_are_shown() {
    let trailed = Trailed::new().await;
    let house = &trailed.house;
    let input = json!({
        "Name": "trail", "S3BucketName": "logs", "S3KeyPrefix": "a/b",
        "IsMultiRegionTrail": true, "EnableLogFileValidation": true,
    });
    let made = house.ok("CreateTrail", input.clone()).await;
    let arn = format!("arn:aws:cloudtrail:eu-west-2:{ACCOUNT}:trail/trail");
    assert_eq!(made["TrailARN"], arn);
    let status = trailed.status().await;
    for never in [
        "LatestDeliveryAttemptTime",
        "LatestDeliveryAttemptSucceeded",
        "LatestNotificationAttemptTime",
        "LatestNotificationAttemptSucceeded",
        "TimeLoggingStarted",
        "TimeLoggingStopped",
    ] {
        assert_eq!(status[never], "", "{never}");
    }
    let shown = house.ok("GetTrail", json!({ "Name": arn })).await["Trail"].clone();
    for (name, value) in made.as_object().expect("an object") {
        assert_eq!(shown[name], *value, "{name}");
    }
    assert_eq!(shown["HomeRegion"], "eu-west-2");
    assert_eq!(
        house.ok("DescribeTrails", json!({})).await["trailList"],
        json!([shown])
    );
    let elsewhere = house
        .call_in("us-east-1", "DescribeTrails", json!({}))
        .await;
    assert_eq!(elsewhere.body["trailList"], json!([shown]));
    let own = json!({ "includeShadowTrails": false });
    let elsewhere = house.call_in("us-east-1", "DescribeTrails", own).await;
    assert_eq!(elsewhere.body["trailList"], json!([]));
    let listed = house.ok("ListTrails", json!({})).await;
    assert_eq!(listed["Trails"][0]["TrailARN"], arn);
    assert_eq!(
        house.refused("CreateTrail", input).await,
        "TrailAlreadyExistsException"
    );
    let named = json!({ "Name": arn });
    for operation in ["StartLogging", "StopLogging", "DeleteTrail"] {
        let answer = house.call_in("us-east-1", operation, named.clone()).await;
        assert_eq!(
            answer.code.as_deref(),
            Some("InvalidHomeRegionException"),
            "{operation}"
        );
    }
    house.ok("DeleteTrail", named.clone()).await;
    assert_eq!(
        house.refused("GetTrail", named).await,
        "TrailNotFoundException"
    );
}

#[tokio::test]
async fn what_cannot_be_made_is_refused() {
    let trailed = Trailed::new().await;
    let house = &trailed.house;
    for (member, value, code) in [
        ("Name", json!("a--b"), "InvalidTrailNameException"),
        (
            "S3BucketName",
            json!("../logs"),
            "InvalidS3BucketNameException",
        ),
        (
            "S3BucketName",
            json!("other"),
            "S3BucketDoesNotExistException",
        ),
        ("S3KeyPrefix", json!("a/../b"), "InvalidS3PrefixException"),
        ("KmsKeyId", json!("x y"), "InvalidKmsKeyIdException"),
        (
            "KmsKeyId",
            json!("arn:aws:kms:us-east-1:111122223333:key/x"),
            "KmsKeyNotFoundException",
        ),
        ("SnsTopicName", json!("x y"), "InvalidSnsTopicNameException"),
        (
            "IsOrganizationTrail",
            json!(true),
            "OrganizationsNotInUseException",
        ),
    ] {
        let mut input = json!({ "Name": "trail", "S3BucketName": "logs" });
        input[member] = value;
        assert_eq!(house.refused("CreateTrail", input).await, code, "{member}");
    }
    for number in 0..5 {
        let input = json!({ "Name": format!("trail{number}"), "S3BucketName": "logs" });
        house.ok("CreateTrail", input).await;
    }
    let input = json!({ "Name": "trail5", "S3BucketName": "logs" });
    let code = house.refused("CreateTrail", input).await;
    assert_eq!(code, "MaximumNumberOfTrailsExceededException");
    for name in [
        "trail9",
        "arn:aws:cloudtrail:eu-west-2:444455556666:trail/trail0",
    ] {
        let code = house
            .refused("GetTrailStatus", json!({ "Name": name }))
            .await;
        assert!(
            ["TrailNotFoundException", "AccessDeniedException"].contains(&&*code),
            "{code}"
        );
        let answer = house
            .call("nobody", "GetTrailStatus", json!({ "Name": name }))
            .await;
        assert_eq!(answer.code.as_deref(), Some("AccessDeniedException"));
    }
    let code = house
        .refused("GetTrail", json!({ "Name": "arn:aws:s3:::x" }))
        .await;
    assert_eq!(code, "CloudTrailARNInvalidException");
}

#[tokio::test]
async fn events_are_delivered_once_from_start_to_stop() {
    let trailed = Trailed::new().await;
    let house = &trailed.house;
    house.harness.root_of("444455556666", "stranger");
    house.call("alice", "ListTrails", json!({})).await;
    trailed.logging(json!({ "S3KeyPrefix": "p" })).await;
    house.call("alice", "LookupEvents", json!({})).await;
    house.call("stranger", "LookupEvents", json!({})).await;
    house.call_in("us-east-1", "LookupEvents", json!({})).await;
    assert_eq!(trailed.status().await["IsLogging"], true);
    assert_eq!(trailed.deliver().await, 1);
    assert_eq!(trailed.deliver().await, 0);
    house.ok("StopLogging", json!({ "Name": "trail" })).await;
    house.call("alice", "DescribeTrails", json!({})).await;
    trailed.deliver().await;
    trailed.deliver().await;
    let events = trailed.bucket.events();
    let names: Vec<_> = events
        .iter()
        .map(|event| event["eventName"].as_str().expect("text"))
        .collect();
    assert_eq!(names, ["StartLogging", "LookupEvents", "GetTrailStatus"]);
    assert!(events.iter().all(|event| event["awsRegion"] == "eu-west-2"));
    let key = &trailed.bucket.keys("/CloudTrail/")[0];
    let start = format!(
        "p/AWSLogs/{ACCOUNT}/CloudTrail/eu-west-2/2026/01/01/{ACCOUNT}_CloudTrail_eu-west-2_20260101T0000Z_"
    );
    let unique = key
        .strip_prefix(&start)
        .and_then(|rest| rest.strip_suffix(".json.gz"));
    assert_eq!(unique.map(str::len), Some(16), "{key}");
    let status = trailed.status().await;
    assert_eq!(status["IsLogging"], false);
    assert!(status["StopLoggingTime"].is_number() && status["LatestDeliveryTime"].is_number());
}

#[tokio::test]
async fn what_a_bucket_does_not_take_is_delivered_later() {
    let trailed = Trailed::new().await;
    trailed.logging(json!({})).await;
    *trailed.bucket.is_broken.lock().expect("whole") = true;
    assert_eq!(trailed.deliver().await, 0);
    assert!(trailed.status().await["LatestDeliveryError"].is_string());
    *trailed.bucket.is_broken.lock().expect("whole") = false;
    assert_eq!(trailed.deliver().await, 1);
    assert_eq!(trailed.bucket.events().len(), 2);
    assert_eq!(trailed.status().await.get("LatestDeliveryError"), None);
}

/// As "Validating CloudTrail log file integrity" says: the chain backwards, each signature, each
/// hash. The keys of digests that are valid, the last one first.
async fn valid(trailed: &Trailed) -> Vec<String> {
    let range = json!({ "StartTime": 1_767_225_600, "EndTime": 1_767_312_000 });
    let keys = trailed.house.ok("ListPublicKeys", range).await["PublicKeyList"].clone();
    let public = |print: &Value| {
        let keys = keys.as_array().expect("a list").iter();
        let mut found = keys.filter(|key| key["Fingerprint"] == *print);
        let value = found.next().expect("a key")["Value"]
            .as_str()
            .expect("text");
        STANDARD.decode(value).expect("base64")
    };
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let mut key = trailed.bucket.keys("CloudTrail-Digest").pop();
    let mut valid = Vec::new();
    while let Some(name) = key {
        let body = trailed.bucket.text(&name);
        let said: Value = serde_json::from_slice(&body).expect("JSON");
        let signature = trailed.bucket.objects.lock().expect("whole")[&name].1["signature"].clone();
        let signature: Vec<u8> = (0..signature.len() / 2)
            .map(|at| u8::from_str_radix(&signature[2 * at..2 * at + 2], 16).expect("hex"))
            .collect();
        let previous = said["previousDigestSignature"].as_str().unwrap_or("null");
        let end = said["digestEndTime"].as_str().expect("text");
        let hash = hex(digest(&SHA256, &body).as_ref());
        let signed = format!("{end}\nlogs/{name}\n{hash}\n{previous}");
        let public = public(&said["digestPublicKeyFingerprint"]);
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public);
        if public.verify(signed.as_bytes(), &signature).is_err() {
            break;
        }
        for file in said["logFiles"].as_array().expect("a list") {
            let text = trailed
                .bucket
                .text(file["s3Object"].as_str().expect("text"));
            assert_eq!(file["hashValue"], hex(digest(&SHA256, &text).as_ref()));
        }
        valid.push(name);
        key = said["previousDigestS3Object"].as_str().map(str::to_owned);
    }
    valid
}

#[tokio::test]
async fn digests_are_chained_and_signed() {
    let trailed = Trailed::new().await;
    trailed
        .logging(json!({ "EnableLogFileValidation": true }))
        .await;
    for _ in 0..3 {
        trailed.deliver().await;
        trailed.house.call("alice", "ListTrails", json!({})).await;
        trailed.house.harness.clock.advance(3600);
    }
    trailed.deliver().await;
    let digests = trailed.bucket.keys("CloudTrail-Digest");
    assert_eq!(digests.len(), 3);
    let name = format!(
        "AWSLogs/{ACCOUNT}/CloudTrail-Digest/eu-west-2/2026/01/01/{ACCOUNT}_CloudTrail-Digest_eu-west-2_trail_eu-west-2_20260101T010000Z.json.gz"
    );
    assert_eq!(digests[0], name);
    let mut backwards = digests.clone();
    backwards.reverse();
    assert_eq!(valid(&trailed).await, backwards);
    assert!(trailed.status().await["LatestDigestDeliveryTime"].is_number());

    // A digest in the place of another one is none.
    trailed.bucket.swap(&digests[0], &digests[1]);
    assert_eq!(valid(&trailed).await, [digests[2].clone()]);
}
