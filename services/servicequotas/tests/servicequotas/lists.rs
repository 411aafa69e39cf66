//! What quotas look like.

use crate::house::*;

#[tokio::test]
async fn quotas_are_shown_with_the_value_that_holds_and_the_default() {
    let house = House::new().await;
    house.increase(RATE, 30.0).await;
    let applied = house.ok("GetServiceQuota", quota(RATE)).await["Quota"].clone();
    let expected = json!({
        "ServiceCode": "keys",
        "ServiceName": "The key service",
        "QuotaArn": arn(RATE),
        "QuotaCode": RATE,
        "QuotaName": "ListKeys request rate",
        "Value": 30.0,
        "Unit": "None",
        "Adjustable": true,
        "GlobalQuota": false,
        "UsageMetric": {
            "MetricNamespace": "AWS/Usage",
            "MetricName": "CallCount",
            "MetricDimensions": {
                "Class": "None", "Resource": "ListKeys", "Service": "KEYS", "Type": "API",
            },
            "MetricStatisticRecommendation": "Sum",
        },
        "Period": { "PeriodValue": 1, "PeriodUnit": "SECOND" },
        "QuotaAppliedAtLevel": "ACCOUNT",
        "Description": "Calls.",
    });
    assert_eq!(applied, expected);
    let default = house.ok("GetAWSDefaultServiceQuota", quota(RATE)).await["Quota"].clone();
    assert_eq!(default["Value"], 3.0);
    assert_eq!(
        default["QuotaArn"],
        format!("arn:aws:servicequotas:{REGION}::keys/{RATE}")
    );
    assert!(default["QuotaAppliedAtLevel"].is_null());
    let elsewhere = house
        .call_in("eu-west-1", "root", "GetServiceQuota", quota(RATE))
        .await;
    assert_eq!(elsewhere.body["Quota"]["Value"], 2.0);
    let in_china = house
        .call_in("cn-north-1", "root", "GetServiceQuota", quota(RATE))
        .await;
    let arn = format!("arn:aws-cn:servicequotas:cn-north-1:{ACCOUNT}:keys/{RATE}");
    assert_eq!(in_china.body["Quota"]["QuotaArn"], arn);
}

#[tokio::test]
async fn lists_come_in_pages() {
    let house = House::new().await;
    for operation in ["ListServiceQuotas", "ListAWSDefaultServiceQuotas"] {
        let input = json!({ "ServiceCode": "keys", "MaxResults": 2 });
        let first = house.ok(operation, input.clone()).await;
        let codes = |page: &Value| -> Vec<Value> {
            let quotas = page["Quotas"].as_array().expect("a list").iter();
            quotas.map(|quota| quota["QuotaCode"].clone()).collect()
        };
        assert_eq!(codes(&first), [RATE, COUNT]);
        let mut input = input;
        input["NextToken"] = first["NextToken"].clone();
        let second = house.ok(operation, input).await;
        assert_eq!(codes(&second), [FIXED]);
        assert!(second["NextToken"].is_null());
        let input = json!({ "ServiceCode": "keys", "NextToken": "zz" });
        let (code, _) = house.fails(operation, input).await;
        assert_eq!(code, "InvalidPaginationTokenException");
    }
    let services = house.ok("ListServices", json!({})).await;
    let expected = json!([{ "ServiceCode": "keys", "ServiceName": "The key service" }]);
    assert_eq!(services["Services"], expected);
    let one = json!({ "ServiceCode": "keys", "QuotaCode": COUNT, "QuotaAppliedAtLevel": "ALL" });
    let listed = house.ok("ListServiceQuotas", one).await;
    assert_eq!(listed["Quotas"][0]["QuotaCode"], COUNT);
    assert_eq!(listed["Quotas"].as_array().expect("a list").len(), 1);
    let of_resources = json!({ "ServiceCode": "keys", "QuotaAppliedAtLevel": "RESOURCE" });
    let listed = house.ok("ListServiceQuotas", of_resources).await;
    assert_eq!(listed["Quotas"], json!([]));
}

#[tokio::test]
async fn what_is_unknown_does_not_exist() {
    let house = House::new().await;
    let nowhere = json!({ "ServiceCode": "KEYS", "QuotaCode": RATE });
    for operation in [
        "GetAWSDefaultServiceQuota",
        "GetServiceQuota",
        "ListAWSDefaultServiceQuotas",
        "ListRequestedServiceQuotaChangeHistory",
        "ListRequestedServiceQuotaChangeHistoryByQuota",
        "ListServiceQuotas",
    ] {
        let (code, text) = house.fails(operation, nowhere.clone()).await;
        assert_eq!(code, "NoSuchResourceException");
        assert_eq!(
            text,
            "The request failed because the specified service does not exist."
        );
    }
    let mut of_key = quota(COUNT);
    of_key["ContextId"] = json!("arn:aws:kms:eu-west-2:111122223333:key/1");
    let (code, _) = house.fails("GetServiceQuota", of_key).await;
    assert_eq!(code, "NoSuchResourceException");
}
