//! Tiers, and the setting that chooses among them.

use platform::testing::REGION;
use serde_json::json;

use crate::house::{OWN, code, done, house, make};

const TIER: &str = "/ssm/parameter-store/default-parameter-tier";

#[tokio::test]
async fn the_default_tier_is_a_setting() {
    let harness = house().await;
    let get = json!({ "SettingId": TIER });
    let shown = done(&harness, "root", "GetServiceSetting", get.clone()).await;
    let expected = json!({
        "SettingId": TIER, "SettingValue": "Standard", "LastModifiedUser": "System",
        "ARN": format!("arn:aws:ssm:{REGION}:{OWN}:servicesetting{TIER}"), "Status": "Default",
    });
    assert_eq!(shown["ServiceSetting"], expected);
    assert_eq!(make(&harness, "/a", json!({})).await["Tier"], "Standard");
    let by_arn = json!({ "SettingId": expected["ARN"], "SettingValue": "Advanced" });
    done(&harness, "root", "UpdateServiceSetting", by_arn).await;
    let shown = done(&harness, "root", "GetServiceSetting", get.clone()).await;
    assert_eq!(shown["ServiceSetting"]["Status"], "Customized");
    assert_eq!(make(&harness, "/b", json!({})).await["Tier"], "Advanced");
    let intelligent = json!({ "SettingId": TIER, "SettingValue": "Intelligent-Tiering" });
    done(&harness, "root", "UpdateServiceSetting", intelligent).await;
    let reset = done(&harness, "root", "ResetServiceSetting", get).await;
    assert_eq!(reset["ServiceSetting"]["SettingValue"], "Standard");
    assert_eq!(make(&harness, "/c", json!({})).await["Tier"], "Standard");
    for (input, expected) in [
        (
            json!({ "SettingId": TIER, "SettingValue": "Best" }),
            "ValidationException",
        ),
        (
            json!({ "SettingId": "/ssm/x", "SettingValue": "a" }),
            "ServiceSettingNotFound",
        ),
    ] {
        let refused = code(&harness, "root", "UpdateServiceSetting", input).await;
        assert_eq!(refused, expected);
    }
}

#[tokio::test]
async fn reading_is_limited_unless_the_account_sets_a_higher_throughput() {
    let harness = house().await;
    make(&harness, "/a", json!({})).await;
    harness.pipeline.limit_rates();
    // All operations that read count together.
    let read = async |calls: usize| {
        for number in 0..calls {
            let (operation, input) = match number % 3 {
                0 => ("GetParameter", json!({ "Name": "/a" })),
                1 => ("GetParameters", json!({ "Names": ["/a"] })),
                _ => ("GetParametersByPath", json!({ "Path": "/" })),
            };
            done(&harness, "root", operation, input).await;
        }
    };
    let refused = async || {
        let input = json!({ "Name": "/a" });
        let answer = harness.json("root", "AmazonSSM.GetParameter", input).await;
        assert_eq!(answer.message(), "Rate exceeded", "{}", answer.text);
        answer.code.unwrap_or_default()
    };
    read(40).await;
    assert_eq!(refused().await, "ThrottlingException");
    let id = "/ssm/parameter-store/high-throughput-enabled";
    let high = json!({ "SettingId": id, "SettingValue": "true" });
    done(&harness, "root", "UpdateServiceSetting", high).await;
    // What was taken stays taken.
    harness.clock.advance(1);
    read(120).await;
    harness.clock.advance(2);
    done(
        &harness,
        "root",
        "ResetServiceSetting",
        json!({ "SettingId": id }),
    )
    .await;
    read(40).await;
    assert_eq!(refused().await, "ThrottlingException");
}

#[tokio::test]
async fn intelligent_tiering_takes_what_is_needed() {
    let harness = house().await;
    let tier = json!({ "Tier": "Intelligent-Tiering" });
    let reminder = r#"[{"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"1","Unit":"Days"}}]"#;
    for (at, (more, expected)) in [
        (json!({ "Value": "a".repeat(4096) }), "Standard"),
        (json!({ "Value": "a".repeat(4097) }), "Advanced"),
        (json!({ "Value": "{}", "DataType": "json" }), "Advanced"),
        (json!({ "Policies": reminder }), "Advanced"),
        (json!({ "Policies": "[]" }), "Standard"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut input = tier.clone();
        crate::house::merge(&mut input, more);
        let made = make(&harness, &format!("/p{at}"), input).await;
        assert_eq!(made["Tier"], expected, "{at}");
    }
    // There is a way up and none down.
    let up = json!({ "Tier": "Advanced", "Overwrite": true });
    assert_eq!(make(&harness, "/p0", up).await["Tier"], "Advanced");
    let same = json!({ "Tier": "Intelligent-Tiering", "Overwrite": true });
    assert_eq!(make(&harness, "/p0", same).await["Tier"], "Advanced");
}

#[tokio::test]
async fn there_are_ten_thousand_standard_parameters_at_most() {
    let harness = house().await;
    for at in 0..10_000 {
        make(&harness, &format!("/many/{at}"), json!({})).await;
    }
    let input = json!({ "Name": "/more", "Value": "v", "Type": "String" });
    let refused = code(&harness, "root", "PutParameter", input).await;
    assert_eq!(refused, "ParameterLimitExceeded");
    make(&harness, "/many/1", json!({ "Overwrite": true })).await;
    let more = json!({ "Tier": "Intelligent-Tiering" });
    assert_eq!(make(&harness, "/more", more).await["Tier"], "Advanced");
    done(
        &harness,
        "root",
        "DeleteParameter",
        json!({ "Name": "/many/7" }),
    )
    .await;
    make(&harness, "/again", json!({})).await;
    let input =
        json!({ "ParameterFilters": [{ "Key": "Name", "Option": "Contains", "Values": ["99"] }] });
    let found = crate::house::all_names(&harness, "DescribeParameters", input).await;
    let expected = (0..10_000)
        .filter(|at| at.to_string().contains("99"))
        .count();
    assert_eq!(found.len(), expected);
    let input = json!({ "Path": "/many" });
    let found = crate::house::all_names(&harness, "GetParametersByPath", input).await;
    assert_eq!(found.len(), 9_999);
}
