//! Events of trails in CloudWatch Logs.

use platform::testing::{ACCOUNT, REGION};
use serde_json::{Value, json};

use crate::trails::House;

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

fn role() -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/CloudTrail_CloudWatchLogs_Role")
}

fn group() -> String {
    format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:trail:*")
}

/// The policy of the user guide's role.
fn writes() -> String {
    let streams = format!(
        "arn:aws:logs:{REGION}:{ACCOUNT}:log-group:trail:log-stream:{ACCOUNT}_CloudTrail_{REGION}*"
    );
    let actions = ["logs:CreateLogStream", "logs:PutLogEvents"];
    let allow = |action| json!({ "Effect": "Allow", "Action": action, "Resource": streams });
    json!({ "Version": "2012-10-17", "Statement": actions.map(allow) }).to_string()
}

fn input() -> Value {
    json!({
        "Name": "trail", "S3BucketName": "logs", "RecursiveLogging": false,
        "CloudWatchLogsLogGroupArn": group(), "CloudWatchLogsRoleArn": role(),
    })
}

impl House {
    async fn logged(&self) -> Vec<String> {
        let input = json!({
            "logGroupName": "trail", "logStreamName": format!("{ACCOUNT}_CloudTrail_{REGION}"),
            "startFromHead": true,
        });
        let found = self.ok("logs:GetLogEvents", input).await;
        let events = found["events"].as_array().expect("a list").iter();
        events
            .map(|event| {
                let text = event["message"].as_str().expect("text");
                let event: Value = serde_json::from_str(text).expect("JSON");
                event["eventName"].as_str().expect("a name").to_owned()
            })
            .collect()
    }
}

#[tokio::test]
async fn a_group_and_a_role_have_to_fit_together() {
    let house = House::new().await;
    let identities = &house.harness.identities;
    let fails = async |member: &str, value: Value| {
        let mut input = input();
        input[member] = value;
        let target = "CreateTrail";
        let answer = house.call(target, input).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        let code = answer.code.clone().unwrap_or_default();
        let code = code
            .strip_prefix("InvalidCloudWatchLogs")
            .map(str::to_owned);
        (code.unwrap_or_default(), answer.message().to_owned())
    };
    let of = |code: &str, text: &str| (code.to_owned(), text.to_owned());
    let bad_group = || {
        let text = "Check the log group ARN: CloudTrail can't validate it.";
        of("LogGroupArnException", text)
    };
    identities.role(&role(), TRUST, &[&writes()]);
    assert_eq!(
        fails("Name", json!("trail")).await,
        bad_group(),
        "no such group"
    );
    house
        .ok("logs:CreateLogGroup", json!({ "logGroupName": "trail" }))
        .await;
    let member = "CloudWatchLogsLogGroupArn";
    let (plain, _) = group()
        .rsplit_once(':')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .expect("two");
    for wrong in [
        plain,
        group().replace(REGION, "ap-south-2"),
        "trail".to_owned(),
    ] {
        assert_eq!(fails(member, json!(wrong)).await, bad_group());
    }
    let text = "You must specify a log group as well as a role ARN.";
    assert_eq!(
        fails(member, json!("")).await,
        of("LogGroupArnException", text)
    );
    let member = "CloudWatchLogsRoleArn";
    let text = "You must specify a role ARN as well as a log group.";
    assert_eq!(fails(member, json!("")).await, of("RoleArnException", text));
    let text = "CloudTrail cannot validate the specified role ARN.";
    let nobody = format!("arn:aws:iam::{ACCOUNT}:role/nobody");
    assert_eq!(
        fails(member, json!(nobody)).await,
        of("RoleArnException", text)
    );
    identities.role(&role(), TRUST, &[]);
    let text = "Access denied. Check the permissions for your role.";
    assert_eq!(
        fails(member, json!(role())).await,
        of("LogGroupArnException", text)
    );
    identities.role(
        &role(),
        &TRUST.replace("cloudtrail", "config"),
        &[&writes()],
    );
    let text = "Access denied. Check the trust relationships for your role.";
    assert_eq!(
        fails(member, json!(role())).await,
        of("RoleArnException", text)
    );
    identities.role(&role(), TRUST, &[&writes()]);
    let made = house.ok("CreateTrail", input()).await;
    assert_eq!(made["CloudWatchLogsLogGroupArn"], group());
    assert_eq!(made["CloudWatchLogsRoleArn"], role());
    let nothing = json!({
        "Name": "trail", "CloudWatchLogsLogGroupArn": "", "CloudWatchLogsRoleArn": "",
    });
    let changed = house.ok("UpdateTrail", nothing).await;
    assert_eq!(changed.get("CloudWatchLogsLogGroupArn"), None);
}

#[tokio::test]
async fn events_are_logged_once_and_a_refusal_is_told() {
    let house = House::new().await;
    let identities = &house.harness.identities;
    identities.role(&role(), TRUST, &[&writes()]);
    house
        .ok("logs:CreateLogGroup", json!({ "logGroupName": "trail" }))
        .await;
    house.ok("CreateTrail", input()).await;
    let named = json!({ "Name": "trail" });
    house.ok("StartLogging", named.clone()).await;
    house.ok("DescribeTrails", json!({})).await;
    assert_eq!(house.deliver().await, 1);
    let logged = house.logged().await;
    assert_eq!(logged, ["StartLogging", "DescribeTrails"]);
    let status = house.ok("GetTrailStatus", named.clone()).await;
    assert!(
        status["LatestCloudWatchLogsDeliveryTime"].is_number(),
        "{status}"
    );
    assert_eq!(status.get("LatestCloudWatchLogsDeliveryError"), None);

    // What the group does not take lies in the bucket alone, and the trail goes on.
    identities.role(&role(), TRUST, &[]);
    assert_eq!(house.deliver().await, 1);
    let status = house.ok("GetTrailStatus", named.clone()).await;
    assert_eq!(
        status["LatestCloudWatchLogsDeliveryError"],
        "AccessDeniedException"
    );
    assert_eq!(status.get("LatestDeliveryError"), None);
    identities.role(&role(), TRUST, &[&writes()]);
    house.deliver().await;
    let status = house.ok("GetTrailStatus", named).await;
    assert_eq!(status.get("LatestCloudWatchLogsDeliveryError"), None);
    let logged = house.logged().await;
    assert_eq!(
        logged.iter().filter(|name| *name == "StartLogging").count(),
        1
    );
    assert!(
        logged.iter().any(|name| name == "GetTrailStatus"),
        "{logged:?}"
    );
}
