//! Calls to services that are in no Region: on record, in trails and on buses of `us-east-1` alone
//! ("Understanding global service events", CloudTrail user guide).

use std::sync::Arc;

use cloudtrail::LoggingTrails;
use events::Sources;
use platform::testing::{ACCOUNT, REGION, form_request};
use serde_json::{Value, json};

use crate::trails::{House, gunzip};

const GLOBAL: &str = "us-east-1";
const CLOUDTRAIL: &str = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101";

impl House {
    async fn done_in(&self, region: &str, target: &str, input: Value) -> Value {
        let harness = &self.harness;
        let answer = harness.json_in(region, "root", target, input).await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.text);
        answer.body
    }

    async fn trail(&self, region: &str, name: &str, further: Value) {
        let mut input = further;
        input["Name"] = json!(name);
        input["S3BucketName"] = json!("logs");
        input["S3KeyPrefix"] = json!(name);
        let target = format!("{CLOUDTRAIL}.CreateTrail");
        self.done_in(region, &target, input).await;
        let target = format!("{CLOUDTRAIL}.StartLogging");
        self.done_in(region, &target, json!({ "Name": name })).await;
    }

    /// Calls IAM, Organizations and STS with signatures for [`REGION`].
    async fn call_all(&self) {
        for form in [
            "Action=CreateUser&Version=2010-05-08&UserName=Bob",
            "Action=GetCallerIdentity&Version=2011-06-15",
        ] {
            let form = form.as_bytes().to_vec();
            let answer = self
                .harness
                .send(REGION, "root", form_request(), form)
                .await;
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        let target = "AWSOrganizationsV20161128.CreateOrganization";
        self.done_in(REGION, target, json!({})).await;
    }

    /// Those of the three calls that LookupEvents tells of in a Region, with `awsRegion`.
    async fn looked_up(&self, region: &str) -> Vec<(String, String)> {
        let target = format!("{CLOUDTRAIL}.LookupEvents");
        let shown = self.done_in(region, &target, json!({})).await;
        let events = shown["Events"].as_array().expect("a list").iter();
        let events = events.map(|event| event["CloudTrailEvent"].as_str().expect("text"));
        let events = events.map(|event| serde_json::from_str(event).expect("JSON"));
        chosen(events)
    }

    /// Those of the three calls that a trail delivered, with the Region of the file.
    fn in_trail(&self, name: &str) -> Vec<(String, String)> {
        let objects = self.bucket.0.lock().expect("whole");
        let mut found = Vec::new();
        for object in objects.values() {
            let key = object
                .key
                .strip_prefix(&format!("{name}/AWSLogs/{ACCOUNT}/CloudTrail/"));
            let Some((region, _)) = key.and_then(|key| key.split_once('/')) else {
                continue;
            };
            let file: Value = serde_json::from_slice(&gunzip(&object.body)).expect("JSON");
            let events = chosen(file["Records"].as_array().expect("a list").iter().cloned());
            assert!(events.iter().all(|(_, of)| of == region), "{events:?}");
            found.extend(events);
        }
        found.sort();
        found
    }
}

fn chosen(events: impl Iterator<Item = Value>) -> Vec<(String, String)> {
    let mut found: Vec<_> = events
        .map(|event| {
            let text = |name: &str| event[name].as_str().expect("text").to_owned();
            (text("eventName"), text("awsRegion"))
        })
        .filter(|(name, _)| {
            ["CreateUser", "GetCallerIdentity", "CreateOrganization"].contains(&name.as_str())
        })
        .collect();
    found.sort();
    found
}

fn named(events: &[(&str, &str)]) -> Vec<(String, String)> {
    let events = events.iter();
    events
        .map(|(name, region)| ((*name).to_owned(), (*region).to_owned()))
        .collect()
}

#[tokio::test]
async fn calls_to_services_in_no_region_are_on_record_in_one() {
    let house = House::new().await;
    house.call_all().await;
    let in_one = [("CreateOrganization", GLOBAL), ("CreateUser", GLOBAL)];
    assert_eq!(house.looked_up(GLOBAL).await, named(&in_one));
    // The endpoint of STS that was called is one of a Region.
    let elsewhere = [("GetCallerIdentity", REGION)];
    assert_eq!(house.looked_up(REGION).await, named(&elsewhere));
}

#[tokio::test]
async fn trails_of_other_regions_have_no_calls_to_services_in_no_region() {
    let house = House::new().await;
    house.trail(REGION, "here", json!({})).await;
    house.trail(GLOBAL, "there", json!({})).await;
    let without = json!({ "IncludeGlobalServiceEvents": false });
    house.trail(GLOBAL, "without", without).await;
    let all = json!({ "IsMultiRegionTrail": true });
    house.trail(REGION, "all", all).await;
    house.call_all().await;
    house.harness.clock.advance(600);
    house.deliver().await;
    let in_one = [("CreateOrganization", GLOBAL), ("CreateUser", GLOBAL)];
    let elsewhere = ("GetCallerIdentity", REGION);
    assert_eq!(house.in_trail("here"), named(&[elsewhere]));
    assert_eq!(house.in_trail("there"), named(&in_one));
    assert_eq!(house.in_trail("without"), named(&[]));
    assert_eq!(
        house.in_trail("all"),
        named(&[in_one[0], in_one[1], elsewhere])
    );
}

#[tokio::test]
async fn only_the_bus_of_one_region_hears_of_services_in_no_region() {
    let house = House::new().await;
    let all = json!({ "IsMultiRegionTrail": true });
    house.trail(REGION, "all", all).await;
    let pattern = json!({
        "detail-type": ["AWS API Call via CloudTrail"], "source": ["aws.iam", "aws.organizations"],
    });
    for region in [GLOBAL, REGION] {
        let bus = format!("arn:aws:events:{region}:{ACCOUNT}:event-bus/default");
        let archive = json!({
            "ArchiveName": "global", "EventSourceArn": bus, "EventPattern": pattern.to_string(),
        });
        house
            .done_in(region, "AWSEvents.CreateArchive", archive)
            .await;
    }
    let own_work = house.harness.pipeline.own_work();
    let mut sources = Sources::new(own_work, Arc::new(LoggingTrails));
    assert!(sources.go().await.is_ok());
    house.call_all().await;
    for _ in 0..2 {
        assert!(sources.go().await.is_ok());
    }
    let mut heard = Vec::new();
    for region in [GLOBAL, REGION] {
        let input = json!({ "ArchiveName": "global" });
        let shown = house
            .done_in(region, "AWSEvents.DescribeArchive", input)
            .await;
        heard.push(shown["EventCount"].as_i64().expect("a number"));
    }
    assert_eq!(heard, [2, 0]);
}
