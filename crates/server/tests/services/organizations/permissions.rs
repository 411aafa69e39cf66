//! Which permission an operation asks for, about which resource and with which condition keys.

use serde_json::json;

use crate::organizations::house::{House, MANAGEMENT, statement, text};

fn allow(actions: &str, resource: &str, condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":{actions},"Resource":{resource},"Condition":{condition}}}}}"#
    )
}

#[tokio::test]
async fn permissions_are_about_arns_and_nothing_is_told_without_them() {
    let (house, admin) = House::with_organization().await;
    let root = house.root_id(&admin).await;
    let unit = house.unit(&admin, &root, "unit").await;
    let shown = house.done(&admin, "DescribeOrganization", json!({})).await;
    let id = text(&shown["Organization"]["Id"]);
    let arn = format!("arn:aws:organizations::{MANAGEMENT}:ou/{id}/{unit}");
    let policy = allow(r#""organizations:Describe*""#, &format!("\"{arn}\""), "{}");
    let user = house.user(&admin, "reader", &policy).await;
    let one = json!({ "OrganizationalUnitId": unit });
    house.done(&user, "DescribeOrganizationalUnit", one).await;
    let absent = format!("ou-{}-zzzzzzzz", &root[2..]);
    let input = json!({ "OrganizationalUnitId": absent });
    let answer = house.call(&user, "DescribeOrganizationalUnit", input).await;
    assert_eq!(answer.error(), "AccessDeniedException");
    assert_eq!(
        answer.message(),
        format!(
            "User: arn:aws:iam::{MANAGEMENT}:user/reader is not authorized to perform: \
             organizations:DescribeOrganizationalUnit on resource: \
             arn:aws:organizations::{MANAGEMENT}:ou/{id}/{absent} because no identity-based \
             policy allows the organizations:DescribeOrganizationalUnit action"
        )
    );
    house
        .refused(
            &user,
            "DescribeOrganization",
            json!({}),
            "AccessDeniedException",
        )
        .await;
}

#[tokio::test]
async fn attaching_asks_about_the_policy_and_about_the_target() {
    let (house, admin) = House::with_organization().await;
    house.enable(&admin, "SERVICE_CONTROL_POLICY").await;
    let account = house.account(&admin, "one").await;
    let shown = house.done(&admin, "DescribeOrganization", json!({})).await;
    let id = text(&shown["Organization"]["Id"]);
    let policy = house
        .policy(&admin, "SERVICE_CONTROL_POLICY", &statement("Deny", "s3:*"))
        .await;
    let base = format!("arn:aws:organizations::{MANAGEMENT}");
    let about_policy = format!("{base}:policy/{id}/service_control_policy/{policy}");
    let about_target = format!("{base}:account/{id}/{account}");
    let action = r#""organizations:AttachPolicy""#;
    let input = json!({ "PolicyId": policy, "TargetId": account });
    for (name, resources) in [
        ("one", format!("[\"{about_policy}\"]")),
        ("other", format!("[\"{about_target}\"]")),
    ] {
        let user = house
            .user(&admin, name, &allow(action, &resources, "{}"))
            .await;
        house
            .refused(
                &user,
                "AttachPolicy",
                input.clone(),
                "AccessDeniedException",
            )
            .await;
    }
    let both = format!("[\"{about_policy}\",\"{about_target}\"]");
    let condition = r#"{"StringEquals":{"organizations:PolicyType":"TAG_POLICY"}}"#;
    let user = house
        .user(&admin, "tags", &allow(action, &both, condition))
        .await;
    house
        .refused(
            &user,
            "AttachPolicy",
            input.clone(),
            "AccessDeniedException",
        )
        .await;
    let condition = r#"{"StringEquals":{"organizations:PolicyType":"SERVICE_CONTROL_POLICY"}}"#;
    let user = house
        .user(&admin, "both", &allow(action, &both, condition))
        .await;
    house.done(&user, "AttachPolicy", input).await;
}

#[tokio::test]
async fn tags_and_services_are_condition_keys() {
    let (house, admin) = House::with_organization().await;
    let root = house.root_id(&admin).await;
    let actions = r#"["organizations:CreateOrganizationalUnit","organizations:TagResource","organizations:DescribeOrganizationalUnit","organizations:EnableAWSServiceAccess"]"#;
    let by_tag = r#"{"StringEquals":{"aws:RequestTag/team":"red"}}"#;
    let user = house
        .user(&admin, "by-tag", &allow(actions, "\"*\"", by_tag))
        .await;
    let with = |name: &str, value: &str| json!({ "ParentId": root, "Name": name, "Tags": [{ "Key": "team", "Value": value }] });
    let denied = "AccessDeniedException";
    house
        .refused(&user, "CreateOrganizationalUnit", with("a", "blue"), denied)
        .await;
    let made = house
        .done(&user, "CreateOrganizationalUnit", with("a", "red"))
        .await;
    let one = json!({ "OrganizationalUnitId": made["OrganizationalUnit"]["Id"] });
    let other = json!({ "OrganizationalUnitId": house.unit(&admin, &root, "b").await });
    let by_resource = r#"{"StringEquals":{"aws:ResourceTag/team":"red"}}"#;
    let user = house
        .user(&admin, "by-resource", &allow(actions, "\"*\"", by_resource))
        .await;
    house.done(&user, "DescribeOrganizationalUnit", one).await;
    house
        .refused(&user, "DescribeOrganizationalUnit", other, denied)
        .await;
    // Who may make a unit may not thereby give tags.
    let create = r#""organizations:CreateOrganizationalUnit""#;
    let user = house
        .user(&admin, "no-tags", &allow(create, "\"*\"", "{}"))
        .await;
    house
        .refused(&user, "CreateOrganizationalUnit", with("c", "red"), denied)
        .await;
    let plain = json!({ "ParentId": root, "Name": "c" });
    house.done(&user, "CreateOrganizationalUnit", plain).await;
    let by_service =
        r#"{"StringEquals":{"organizations:ServicePrincipal":"config.amazonaws.com"}}"#;
    let user = house
        .user(&admin, "by-service", &allow(actions, "\"*\"", by_service))
        .await;
    let service = |name: &str| json!({ "ServicePrincipal": name });
    house
        .done(
            &user,
            "EnableAWSServiceAccess",
            service("config.amazonaws.com"),
        )
        .await;
    house
        .refused(
            &user,
            "EnableAWSServiceAccess",
            service("ram.amazonaws.com"),
            denied,
        )
        .await;
}
