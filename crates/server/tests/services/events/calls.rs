//! Calls on record as events, with a log group as their target.

use std::sync::Arc;

use events::Sources;
use platform::testing::{ACCOUNT, REGION};
use platform::{LoggedCalls, PortFuture, Trails, Whose};
use serde_json::json;
use store::Txn;

use crate::events::house::{done, house};

/// A trail that logs all calls.
struct All;

impl Trails for All {
    fn logging<'a>(&'a self, _: &'a mut Txn) -> PortFuture<'a, Vec<LoggedCalls>> {
        let all = LoggedCalls {
            whose: Whose::Account(ACCOUNT.to_owned()),
            region: None,
            selects: Arc::new(|_, _| true),
        };
        Box::pin(std::future::ready(Ok(vec![all])))
    }
}

#[tokio::test]
async fn a_rule_for_all_calls_does_not_hear_of_its_own_deliveries_without_end() {
    let harness = house().await;
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Resource": "*", "Principal": { "Service": "events.amazonaws.com" },
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
    }]});
    let policy = json!({ "policyName": "p", "policyDocument": policy.to_string() });
    for (operation, input) in [
        ("CreateLogGroup", json!({ "logGroupName": "calls" })),
        ("PutResourcePolicy", policy),
    ] {
        let target = format!("Logs_20140328.{operation}");
        let answer = harness.json("root", &target, input).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let pattern = json!({ "detail-type": ["AWS API Call via CloudTrail"] });
    let rule = json!({ "Name": "calls", "EventPattern": pattern.to_string() });
    done(&harness, "root", "PutRule", rule).await;
    let group = format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:calls");
    let target = json!({ "Rule": "calls", "Targets": [{ "Id": "group", "Arn": group }] });
    done(&harness, "root", "PutTargets", target).await;
    let mut sources = Sources::new(harness.pipeline.own_work(), Arc::new(All));
    assert!(sources.go().await.is_ok());
    let first = harness
        .json("root", "TrentService.CreateKey", json!({}))
        .await;
    assert_eq!(first.status, 200, "{}", first.text);

    let mut made = Vec::new();
    for _ in 0..6 {
        assert!(sources.go().await.is_ok());
        made.push(harness.run_deliveries().await);
    }
    // The key; the stream that the first delivery made; then nothing more.
    assert_eq!(made, [1, 1, 0, 0, 0, 0]);
}
