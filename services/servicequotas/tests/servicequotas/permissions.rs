//! Who may ask what.

use crate::house::*;

#[tokio::test]
async fn quotas_are_resources_with_a_service() {
    let house = House::new().await;
    let action = "servicequotas:RequestServiceQuotaIncrease";
    let of = |service: &str| json!({ "StringEquals": { "servicequotas:service": service } });
    let one = statement(action, &arn(COUNT), &json!({}));
    house.harness.user("one", &[&one]);
    house
        .harness
        .user("keys", &[&statement(action, "*", &of("keys"))]);
    house
        .harness
        .user("other", &[&statement(action, "*", &of("s3"))]);
    let asking = |code: &str, value: f64| json!({ "ServiceCode": "keys", "QuotaCode": code, "DesiredValue": value });
    let code = async |who: &str, input: Value| {
        let answer = house.call(who, "RequestServiceQuotaIncrease", input).await;
        answer.code.clone()
    };
    let denied = Some("AccessDeniedException".to_owned());
    assert_eq!(code("one", asking(COUNT, 6.0)).await, None);
    assert_eq!(code("one", asking(RATE, 9.0)).await, denied);
    assert_eq!(code("keys", asking(RATE, 9.0)).await, None);
    assert_eq!(code("other", asking(RATE, 10.0)).await, denied);
    // Who may not ask does not learn what there is.
    assert_eq!(code("other", asking("L-99999999", 10.0)).await, denied);
}

#[tokio::test]
async fn tags_of_quotas_count() {
    let house = House::new().await;
    let tags = json!([{ "Key": "team", "Value": "a" }]);
    let input = json!({ "ResourceARN": arn(COUNT), "Tags": tags });
    house.ok("TagResource", input).await;
    let condition = json!({ "StringEquals": { "aws:ResourceTag/Team": "a" } });
    let policy = statement("servicequotas:GetServiceQuota", "*", &condition);
    house.harness.user("someone", &[&policy]);
    let own = house.call("someone", "GetServiceQuota", quota(COUNT)).await;
    assert_eq!(own.status, 200, "{}", own.text);
    let other = house.call("someone", "GetServiceQuota", quota(RATE)).await;
    assert_eq!(other.code.as_deref(), Some("AccessDeniedException"));
}

#[tokio::test]
async fn a_change_is_on_record() {
    let house = House::new().await;
    let first = house.harness.pipeline.store().journal_head().seq + 1;
    let asked = house.increase(COUNT, 6.0).await;
    let mut reader = house.harness.pipeline.store().journal_reader(first);
    let entry = reader.next().expect("a journal").expect("an event");
    let event: Value = serde_json::from_slice(&entry.payload).expect("JSON");
    assert_eq!(event["eventSource"], "servicequotas.amazonaws.com");
    assert_eq!(event["eventName"], "RequestServiceQuotaIncrease");
    assert_eq!(event["requestParameters"]["desiredValue"], 6.0);
    assert_eq!(
        event["responseElements"]["requestedQuota"]["id"],
        asked["Id"]
    );
}
