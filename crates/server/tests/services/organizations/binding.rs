//! What organizations let their members do: service and resource control policies, and the
//! condition keys about organizations.

use serde_json::json;

use crate::organizations::house::{House, Login, MANAGEMENT, statement, text};

const SCP: &str = "SERVICE_CONTROL_POLICY";
const RCP: &str = "RESOURCE_CONTROL_POLICY";

/// Whether `who` may call `kms:ListKeys`, and otherwise why not.
async fn lists(house: &House, who: &Login) -> Result<(), String> {
    let answer = house.kms(who, "ListKeys", json!({})).await;
    match answer.status {
        200 => Ok(()),
        _ => Err(answer.message().to_owned()),
    }
}

#[tokio::test]
async fn an_scp_binds_users_roles_and_the_root_user_of_members_alone() {
    let (house, admin) = House::with_organization().await;
    house.enable(&admin, SCP).await;
    let root = house.root_id(&admin).await;
    let (account, role) = house.member(&admin, "one").await;
    let user = house
        .user(&role, "user", crate::organizations::house::ALLOW_ALL)
        .await;
    let root_user = house.root_of(&admin, &account).await;
    let policy = house
        .policy(&admin, SCP, &statement("Deny", "kms:ListKeys"))
        .await;
    for who in [&role, &user, &root_user, &admin] {
        assert_eq!(lists(&house, who).await, Ok(()));
    }
    house.attach(&admin, &policy, &root).await;
    for who in [&role, &user, &root_user] {
        let because = lists(&house, who).await.expect_err("a denial");
        // Members of an organization learn which policy it was.
        let reason = "with an explicit deny in a service control policy: arn:aws:organizations::";
        assert!(because.contains(reason), "{because}");
        assert!(because.ends_with(&policy), "{because}");
    }
    assert_eq!(
        lists(&house, &admin).await,
        Ok(()),
        "the management account is not bound"
    );
    // Other actions are as before, and the end counts with the next call.
    assert_eq!(house.kms(&user, "ListAliases", json!({})).await.status, 200);
    house.detach(&admin, &policy, &root).await;
    assert_eq!(lists(&house, &user).await, Ok(()));
}

#[tokio::test]
async fn every_level_has_to_allow_and_a_moved_account_is_bound_anew() {
    let (house, admin) = House::with_organization().await;
    house.enable(&admin, SCP).await;
    let root = house.root_id(&admin).await;
    let narrow = house.unit(&admin, &root, "narrow").await;
    let wide = house.unit(&admin, &root, "wide").await;
    let (account, role) = house.member(&admin, "one").await;
    let s3 = house.policy(&admin, SCP, &statement("Allow", "s3:*")).await;
    house.attach(&admin, &s3, &narrow).await;
    house.detach(&admin, "p-FullAWSAccess", &narrow).await;
    let moved = async |from: &str, to: &str| {
        let input =
            json!({ "AccountId": account, "SourceParentId": from, "DestinationParentId": to });
        house.done(&admin, "MoveAccount", input).await;
        lists(&house, &role).await
    };
    let because = moved(&root, &narrow).await.expect_err("no allow");
    let reason = "because no service control policy allows the kms:ListKeys action";
    assert!(because.ends_with(reason), "{because}");
    // A change of the document counts at once, too.
    let input = json!({ "PolicyId": s3, "Content": statement("Allow", "kms:*") });
    house.done(&admin, "UpdatePolicy", input).await;
    assert_eq!(lists(&house, &role).await, Ok(()));
    let input = json!({ "PolicyId": s3, "Content": statement("Allow", "sqs:*") });
    house.done(&admin, "UpdatePolicy", input).await;
    assert!(lists(&house, &role).await.is_err());
    assert_eq!(moved(&narrow, &wide).await, Ok(()));
    assert!(moved(&wide, &narrow).await.is_err());
    // Once the type is disabled nothing of it binds.
    let input = json!({ "RootId": root, "PolicyType": SCP });
    house.done(&admin, "DisablePolicyType", input).await;
    assert_eq!(lists(&house, &role).await, Ok(()));
}

#[tokio::test]
async fn who_leaves_is_not_bound_and_who_may_not_leave_stays() {
    let (house, admin) = House::with_organization().await;
    house.enable(&admin, SCP).await;
    let root = house.root_id(&admin).await;
    let (account, role) = house.member(&admin, "one").await;
    let deny = statement("Deny", "organizations:LeaveOrganization");
    let stay = house.policy(&admin, SCP, &deny).await;
    let keys = house
        .policy(&admin, SCP, &statement("Deny", "kms:ListKeys"))
        .await;
    house.attach(&admin, &keys, &root).await;
    house.attach(&admin, &stay, &account).await;
    let answer = house.call(&role, "LeaveOrganization", json!({})).await;
    assert_eq!(answer.error(), "AccessDeniedException");
    house.detach(&admin, &stay, &account).await;
    assert!(lists(&house, &role).await.is_err());
    house.done(&role, "LeaveOrganization", json!({})).await;
    assert_eq!(lists(&house, &role).await, Ok(()));
}

/// A key policy that lets every principal of every account use the key.
fn open_to_all(owner: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[
        {{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{owner}:root"}},"Action":"kms:*","Resource":"*"}},
        {{"Effect":"Allow","Principal":{{"AWS":"*"}},"Action":"kms:Encrypt","Resource":"*"}}]}}"#
    )
}

/// The error of encrypting under a key, empty if there is none.
async fn encrypts(house: &House, who: &Login, key: &str) -> String {
    let input = json!({ "KeyId": key, "Plaintext": "eA==" });
    house.kms(who, "Encrypt", input).await.error()
}

#[tokio::test]
async fn an_rcp_binds_everybody_at_the_resources_of_members() {
    let (house, admin) = House::with_organization().await;
    house.enable(&admin, RCP).await;
    let root = house.root_id(&admin).await;
    let (_, stranger) = house.other_organization(&admin).await;
    let (account, role) = house.member(&admin, "one").await;
    let key = house.key(&role, Some(open_to_all(&account))).await;
    let own = house.key(&admin, Some(open_to_all(MANAGEMENT))).await;
    for who in [&role, &admin, &stranger] {
        assert_eq!(encrypts(&house, who, &key).await, "");
    }
    let organization = house.done(&admin, "DescribeOrganization", json!({})).await;
    let id = text(&organization["Organization"]["Id"]);
    let fence = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*",
        "Condition":{{"StringNotEquals":{{"aws:PrincipalOrgID":"{id}"}}}}}}}}"#
    );
    let fence = house.policy(&admin, RCP, &fence).await;
    house.attach(&admin, &fence, &root).await;
    assert_eq!(encrypts(&house, &role, &key).await, "");
    assert_eq!(encrypts(&house, &admin, &key).await, "");
    assert_eq!(
        encrypts(&house, &stranger, &key).await,
        "AccessDeniedException"
    );
    // The management account's resources are not bound.
    assert_eq!(encrypts(&house, &stranger, &own).await, "");
    let all = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"kms:Encrypt","Resource":"*"}}"#;
    let all = house.policy(&admin, RCP, all).await;
    house.attach(&admin, &all, &account).await;
    for who in [&role, &admin] {
        assert_eq!(encrypts(&house, who, &key).await, "AccessDeniedException");
    }
    house.detach(&admin, &all, &account).await;
    assert_eq!(encrypts(&house, &role, &key).await, "");
}

#[tokio::test]
async fn an_rcp_binds_the_assuming_of_roles() {
    let (house, admin) = House::with_organization().await;
    house.enable(&admin, RCP).await;
    let (account, _) = house.member(&admin, "one").await;
    let deny = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}}"#;
    let policy = house.policy(&admin, RCP, deny).await;
    house.attach(&admin, &policy, &account).await;
    assert_eq!(house.assume(&admin, &account).await.error(), "AccessDenied");
    house.detach(&admin, &policy, &account).await;
    assert_eq!(house.assume(&admin, &account).await.status, 200);
}

#[tokio::test]
async fn paths_and_ids_of_organizations_are_condition_keys() {
    let (house, admin) = House::with_organization().await;
    let root = house.root_id(&admin).await;
    let unit = house.unit(&admin, &root, "unit").await;
    let (_, stranger) = house.other_organization(&admin).await;
    let (account, role) = house.member(&admin, "one").await;
    let organization = house.done(&admin, "DescribeOrganization", json!({})).await;
    let id = text(&organization["Organization"]["Id"]);
    let key = |operator: &str, condition: &str, value: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{MANAGEMENT}:root"}},"Action":"kms:*","Resource":"*"}},
            {{"Effect":"Allow","Principal":{{"AWS":"*"}},"Action":"kms:Encrypt","Resource":"*",
            "Condition":{{"{operator}":{{"{condition}":"{value}"}}}}}}]}}"#
        )
    };
    let path = format!("{id}/{root}/{unit}/*");
    let by_id = key("StringEquals", "aws:PrincipalOrgID", &id);
    let by_path = key("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", &path);
    let owner_id = key("StringEquals", "aws:ResourceOrgID", &id);
    let owner_path = format!("{id}/{root}/");
    let owner_path = key(
        "ForAnyValue:StringEquals",
        "aws:ResourceOrgPaths",
        &owner_path,
    );
    let mut keys = Vec::new();
    for policy in [by_id, by_path, owner_id, owner_path] {
        keys.push(house.key(&admin, Some(policy)).await);
    }
    let denied = "AccessDeniedException";
    let tried = async |who: &Login| {
        let mut found = Vec::new();
        for key in &keys {
            found.push(encrypts(&house, who, key).await);
        }
        found
    };
    assert_eq!(tried(&role).await, ["", denied, "", ""]);
    assert_eq!(tried(&stranger).await, [denied, denied, "", ""]);
    let input =
        json!({ "AccountId": account, "SourceParentId": root, "DestinationParentId": unit });
    house.done(&admin, "MoveAccount", input).await;
    assert_eq!(tried(&role).await, ["", "", "", ""]);
    house.done(&role, "LeaveOrganization", json!({})).await;
    assert_eq!(tried(&role).await, [denied, denied, "", ""]);
}
