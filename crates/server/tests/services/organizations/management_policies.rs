//! Management policies: what the levels come to for an account.

use serde_json::{Value, json};

use crate::organizations::house::{House, text};

#[tokio::test]
async fn an_account_has_what_all_levels_come_to() {
    let (house, admin) = House::with_organization().await;
    let kind = "TAG_POLICY";
    house.enable(&admin, kind).await;
    let root = house.root_id(&admin).await;
    let unit = house.unit(&admin, &root, "unit").await;
    let (account, member) = house.member(&admin, "one").await;
    let to = json!({ "AccountId": account, "SourceParentId": root, "DestinationParentId": unit });
    house.done(&admin, "MoveAccount", to).await;
    let own = json!({ "PolicyType": kind });
    let none = "EffectivePolicyNotFoundException";
    house
        .refused(&member, "DescribeEffectivePolicy", own.clone(), none)
        .await;

    let above = r#"{"tags":{"center":{"tag_key":{"@@assign":"Center","@@operators_allowed_for_child_policies":["@@none"]},"tag_value":{"@@assign":["100"]}}}}"#;
    let below =
        r#"{"tags":{"center":{"tag_key":{"@@assign":"CENTER"},"tag_value":{"@@append":["200"]}}}}"#;
    for (content, target) in [(above, &root), (below, &unit)] {
        let policy = house.policy(&admin, kind, content).await;
        house.attach(&admin, &policy, target).await;
    }
    let shown = house.done(&member, "DescribeEffectivePolicy", own).await;
    let effective = &shown["EffectivePolicy"];
    assert_eq!(
        (&effective["TargetId"], &effective["PolicyType"]),
        (&json!(account), &json!(kind))
    );
    let content: Value = serde_json::from_str(&text(&effective["PolicyContent"])).expect("JSON");
    let expected =
        json!({ "tags": { "center": { "tag_key": "Center", "tag_value": ["100", "200"] } } });
    assert_eq!(content, expected);
    let about = |target: &str| json!({ "PolicyType": kind, "TargetId": target });
    let same = house
        .done(&admin, "DescribeEffectivePolicy", about(&account))
        .await;
    assert_eq!(same, shown);
    let code = "InvalidInputException TARGET_NOT_SUPPORTED";
    house
        .refused(&admin, "DescribeEffectivePolicy", about(&unit), code)
        .await;
    // A member may ask about itself alone.
    let two = house.account(&admin, "two").await;
    let code = "AccessDeniedException";
    house
        .refused(&member, "DescribeEffectivePolicy", about(&two), code)
        .await;
    let code = "TargetNotFoundException";
    house
        .refused(
            &admin,
            "DescribeEffectivePolicy",
            about("999999999999"),
            code,
        )
        .await;
}
