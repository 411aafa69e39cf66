//! An increase is granted at once, and kept.

use crate::house::*;

#[tokio::test]
async fn quo_3_an_increase_changes_the_live_rate() {
    let house = House::new().await;
    assert_eq!(house.passed(REGION, "ListKeys", 5).await, 3);
    // Another operation, and a request that counts against the same rate.
    assert_eq!(house.passed(REGION, "EnableKey", 5).await, 0);
    house.increase(RATE, 10.0).await;
    house.harness.clock.advance(1);
    assert_eq!(house.passed(REGION, "ListKeys", 6).await, 6);
    assert_eq!(house.passed(REGION, "EnableKey", 6).await, 4);
    // Another region has its own.
    assert_eq!(house.passed("eu-west-1", "ListKeys", 5).await, 2);
}

#[tokio::test]
async fn quo_3_an_increase_changes_the_live_count() {
    let house = House::new().await;
    let things = async || {
        house.harness.clock.advance(1);
        let target = "TrentService.ListKeys";
        let answer = house.harness.json("root", target, json!({})).await;
        answer.body["NextMarker"]
            .as_str()
            .expect("a number")
            .to_owned()
    };
    assert_eq!(things().await, "5");
    house.increase(COUNT, 8.5).await;
    assert_eq!(things().await, "8");
}

#[tokio::test]
async fn a_granted_request_is_shown_and_listed() {
    let house = House::new().await;
    let asked = house.increase(COUNT, 6.0).await;
    assert_eq!(asked["Status"], "APPROVED");
    assert_eq!(asked["DesiredValue"], 6.0);
    assert_eq!(asked["QuotaName"], "Things");
    assert_eq!(asked["QuotaArn"], arn(COUNT));
    assert_eq!(asked["ServiceName"], "The key service");
    assert_eq!(asked["QuotaRequestedAtLevel"], "ACCOUNT");
    let requester: Value =
        serde_json::from_str(asked["Requester"].as_str().expect("a text")).expect("JSON");
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    assert_eq!(
        requester,
        json!({ "accountId": ACCOUNT, "callerArn": root })
    );

    let input = json!({ "RequestId": asked["Id"] });
    let shown = house
        .ok("GetRequestedServiceQuotaChange", input.clone())
        .await;
    assert_eq!(shown["RequestedQuota"], asked);
    house.harness.root_of("444455556666", "other");
    let other = house
        .call("other", "GetRequestedServiceQuotaChange", input)
        .await;
    assert_eq!(other.code.as_deref(), Some("NoSuchResourceException"));

    house.harness.clock.advance(60);
    let newer = house.increase(COUNT, 7.0).await;
    house.increase(RATE, 7.0).await;
    let history = "ListRequestedServiceQuotaChangeHistory";
    let by_quota = house.ok(&format!("{history}ByQuota"), quota(COUNT)).await;
    assert_eq!(by_quota["RequestedQuotas"], json!([newer, asked]));
    let all = house.ok(history, json!({})).await;
    assert_eq!(all["RequestedQuotas"].as_array().expect("a list").len(), 3);
    for (filter, count) in [
        (json!({ "Status": "APPROVED" }), 3),
        (json!({ "Status": "PENDING" }), 0),
        (json!({ "QuotaRequestedAtLevel": "RESOURCE" }), 0),
        (json!({ "ServiceCode": "keys" }), 3),
    ] {
        let listed = house.ok(history, filter.clone()).await;
        let listed = listed["RequestedQuotas"].as_array().expect("a list").len();
        assert_eq!(listed, count, "{filter}");
    }
    house.harness.clock.advance(91 * 24 * 60 * 60);
    let old = house.ok(history, json!({})).await;
    assert_eq!(old["RequestedQuotas"], json!([]));
}

#[tokio::test]
async fn an_increase_is_more_than_before_of_what_can_be_raised() {
    let house = House::new().await;
    let operation = "RequestServiceQuotaIncrease";
    let asking = |code: &str, value: f64| json!({ "ServiceCode": "keys", "QuotaCode": code, "DesiredValue": value });
    for value in [0.0, 4.0, 5.0] {
        let (code, text) = house.fails(operation, asking(COUNT, value)).await;
        assert_eq!(code, "IllegalArgumentException");
        assert_eq!(
            text,
            "You must provide a quota value greater than the current quota value"
        );
    }
    let (code, text) = house.fails(operation, asking(FIXED, 9.0)).await;
    assert_eq!(code, "IllegalArgumentException");
    assert_eq!(
        text,
        "The request failed because the specified quota is not adjustable."
    );
    let (code, text) = house.fails(operation, asking("L-99999999", 9.0)).await;
    assert_eq!(code, "NoSuchResourceException");
    assert_eq!(
        text,
        "The request failed because the specified quota does not exist."
    );
    let mut elsewhere = asking(COUNT, 9.0);
    elsewhere["ContextId"] = json!("arn:aws:kms:eu-west-2:111122223333:key/1");
    let (code, _) = house.fails(operation, elsewhere).await;
    assert_eq!(code, "IllegalArgumentException");
    let shown = house.ok("GetServiceQuota", quota(COUNT)).await;
    assert_eq!(shown["Quota"]["Value"], 5.0);
}
