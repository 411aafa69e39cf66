//! Trails of an organization: who may make them, whose events they deliver, and who sees them.

use std::sync::{Arc, Mutex};

use platform::{BucketObject, Buckets, PutFuture};
use serde_json::{Value, json};

use crate::organizations::house::{Answer, House, Login, MANAGEMENT};

/// Keys of what was put.
#[derive(Default)]
struct Bucket(Mutex<Vec<String>>);

impl Buckets for Bucket {
    fn exists(&self, _: &str) -> bool {
        true
    }

    fn encrypts(&self) -> bool {
        true
    }

    fn put(&self, object: BucketObject) -> PutFuture<'_> {
        self.0.lock().expect("whole").push(object.key);
        Box::pin(std::future::ready(Ok(())))
    }
}

async fn call(house: &House, who: &Login, operation: &str, input: Value) -> Answer {
    let target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101";
    let target = format!("{target}.{operation}");
    let scope = ("cloudtrail", "us-east-1");
    house.json(scope, who, &target, input).await
}

#[tokio::test]
async fn a_trail_of_an_organization_delivers_for_its_members() {
    let (house, admin) = House::with_organization().await;
    let bucket = Arc::new(Bucket::default());
    house.pipeline.deliver_to(Arc::clone(&bucket) as _);
    let (account, member) = house.member(&admin, "member").await;
    let input = json!({ "Name": "trail", "S3BucketName": "logs", "IsOrganizationTrail": true });
    for (who, code) in [
        (&admin, "CloudTrailAccessNotEnabledException"),
        (&member, "NotOrganizationMasterAccountException"),
    ] {
        let answer = call(&house, who, "CreateTrail", input.clone()).await;
        assert_eq!(answer.error(), code, "{}", answer.text);
    }
    let service = json!({ "ServicePrincipal": "cloudtrail.amazonaws.com" });
    house.done(&admin, "EnableAWSServiceAccess", service).await;
    let made = call(&house, &admin, "CreateTrail", input).await;
    assert_eq!(made.body["IsOrganizationTrail"], true, "{}", made.text);
    let arn = made.body["TrailARN"].clone();
    let named = json!({ "Name": arn });
    let started = call(&house, &admin, "StartLogging", named.clone()).await;
    assert_eq!(started.status, 200, "{}", started.text);

    let seen = call(&house, &member, "DescribeTrails", json!({})).await;
    assert_eq!(seen.body["trailList"][0]["TrailARN"], arn, "{}", seen.text);
    let own = json!({ "includeShadowTrails": false });
    let seen = call(&house, &member, "DescribeTrails", own).await;
    assert_eq!(seen.body["trailList"], json!([]));
    let shown = call(&house, &member, "GetTrail", named.clone()).await;
    assert_eq!(shown.body["Trail"]["TrailARN"], arn, "{}", shown.text);
    let answer = call(&house, &member, "StopLogging", named).await;
    assert_eq!(answer.error(), "NotOrganizationMasterAccountException");

    let buckets = Arc::clone(&bucket) as Arc<dyn Buckets>;
    let (upkeep, now) = (house.pipeline.upkeep(), house.pipeline.now());
    let delivered = cloudtrail::deliver(&upkeep, &buckets, now).await;
    assert_eq!(delivered.ok(), Some(2));
    let organization = house.done(&admin, "DescribeOrganization", json!({})).await;
    let id = organization["Organization"]["Id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let keys = bucket.0.lock().expect("whole").clone();
    for account in [MANAGEMENT, &account] {
        let prefix = format!("AWSLogs/{id}/{account}/CloudTrail/");
        assert!(keys.iter().any(|key| key.starts_with(&prefix)), "{keys:?}");
    }
}
