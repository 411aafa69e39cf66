//! Subscription filters that send to functions of Lambda.

use std::io::Read as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::read::GzDecoder;
use platform::FunctionCaller;

use crate::house::{ACCOUNT, House, NOW, REGION, Value, arn, json};

const NO_FUNCTION: &str = "Could not execute the lambda function. Make sure you have given \
                           CloudWatch Logs permission to execute your function.";

fn function(account: &str, name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{account}:function:{name}")
}

fn filter(name: &str, function: &str) -> Value {
    json!({
        "logGroupName": "g", "filterName": name, "filterPattern": "ERROR",
        "destinationArn": function,
    })
}

/// The document in an event.
fn document(event: &[u8]) -> Value {
    let event: Value = serde_json::from_slice(event).expect("JSON");
    let data = event["awslogs"]["data"].as_str().expect("text");
    let compressed = BASE64_STANDARD.decode(data).expect("base64");
    let mut text = String::new();
    GzDecoder::new(&*compressed)
        .read_to_string(&mut text)
        .expect("gzip");
    serde_json::from_str(&text).expect("JSON")
}

/// Makes the deliveries that are due, and gives what functions got.
async fn ran(house: &House) -> Vec<(FunctionCaller, Value)> {
    house.harness.run_deliveries().await;
    let ran = house.harness.functions.ran().into_iter();
    ran.map(|(caller, event)| (caller, document(&event)))
        .collect()
}

#[tokio::test]
async fn a_function_gets_what_matches_in_awss_shape() {
    let house = House::furnished().await;
    let function = function(ACCOUNT, "f:live");
    house.harness.functions.answer(&function, "null");
    house
        .ok("PutSubscriptionFilter", filter("f", &function))
        .await;
    // No control message goes to functions.
    assert!(ran(&house).await.is_empty());
    let shown = json!({ "logGroupName": "g" });
    let shown = house.ok("DescribeSubscriptionFilters", shown).await;
    assert_eq!(shown["subscriptionFilters"][0]["destinationArn"], function);
    assert!(shown["subscriptionFilters"][0]["roleArn"].is_null());

    house
        .put("s", &[(NOW - 1, "fine"), (NOW, "an ERROR")])
        .await;
    house.put("s", &[(NOW, "fine")]).await;
    let mut got = ran(&house).await;
    assert_eq!(got.len(), 1);
    let (caller, document) = got.remove(0);
    let expected = FunctionCaller {
        function,
        service: "logs.amazonaws.com".to_owned(),
        source_arn: format!("{}:*", arn("g")),
        source_account: ACCOUNT.to_owned(),
    };
    assert_eq!(caller, expected);
    let shown = json!({ "logGroupName": "g", "filterPattern": "ERROR" });
    let shown = house.ok("FilterLogEvents", shown).await;
    let expected = json!({
        "messageType": "DATA_MESSAGE", "owner": ACCOUNT, "logGroup": "g", "logStream": "s",
        "subscriptionFilters": ["f"],
        "logEvents": [{
            "id": shown["events"][0]["eventId"], "timestamp": NOW, "message": "an ERROR",
        }],
    });
    assert_eq!(document, expected);
    assert_eq!(house.harness.run_deliveries().await, 0);
}

#[tokio::test]
async fn a_function_that_may_not_be_run_is_refused() {
    let house = House::furnished().await;
    let own = function(ACCOUNT, "f");
    let other = function("444455556666", "f");
    let elsewhere = own.replace(REGION, "ap-south-2");
    for known in [&other, &elsewhere] {
        house.harness.functions.answer(known, "null");
    }
    let layer = own.replace(":function:", ":layer:");
    for arn in [&own, &elsewhere, &layer, &format!("{own}:1:2")] {
        let said = house.fails("PutSubscriptionFilter", filter("f", arn)).await;
        assert_eq!(
            (&*said.0, &*said.1),
            ("InvalidParameterException", NO_FUNCTION)
        );
    }
    let said = house
        .fails("PutSubscriptionFilter", filter("f", &other))
        .await;
    assert_eq!(said.0, "AccessDeniedException", "{}", said.1);
}

#[tokio::test]
async fn a_function_that_is_gone_gets_nothing_and_holds_nothing_up() {
    let house = House::furnished().await;
    let function = function(ACCOUNT, "f");
    house.harness.functions.answer(&function, "null");
    house
        .ok("PutSubscriptionFilter", filter("f", &function))
        .await;
    house.harness.functions.forget(&function);
    house.put("s", &[(NOW, "ERROR 1")]).await;
    assert!(ran(&house).await.is_empty());
    assert_eq!(house.harness.pipeline.deliveries().counts().given_up, 1);
    house.harness.functions.answer(&function, "null");
    house.put("s", &[(NOW, "ERROR 2")]).await;
    let got = ran(&house).await;
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].1["logEvents"][0]["message"], "ERROR 2");
}
