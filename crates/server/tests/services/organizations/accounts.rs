//! The organization and its accounts.

use serde_json::json;

use crate::organizations::house::{House, MANAGEMENT, all, text};

#[tokio::test]
async fn an_organization_is_made_shown_and_deleted() {
    let (house, admin) = House::new().await;
    let none = "AWSOrganizationsNotInUseException";
    for operation in ["DescribeOrganization", "ListRoots", "DeleteOrganization"] {
        house.refused(&admin, operation, json!({}), none).await;
    }
    let made = house.done(&admin, "CreateOrganization", json!({})).await;
    let shown = house.done(&admin, "DescribeOrganization", json!({})).await;
    assert_eq!(made, shown);
    let organization = &made["Organization"];
    let id = text(&organization["Id"]);
    assert!(id.starts_with("o-") && id.len() == 12, "{id}");
    let arn = format!("arn:aws:organizations::{MANAGEMENT}:organization/{id}");
    assert_eq!(organization["Arn"], arn);
    let master = format!("arn:aws:organizations::{MANAGEMENT}:account/{id}/{MANAGEMENT}");
    assert_eq!(organization["MasterAccountArn"], master);
    assert_eq!(organization["MasterAccountId"], MANAGEMENT);
    assert_eq!(organization["FeatureSet"], "ALL");
    let available = &organization["AvailablePolicyTypes"][0];
    assert_eq!(available["Type"], "SERVICE_CONTROL_POLICY");
    let root = house.done(&admin, "ListRoots", json!({})).await["Roots"][0].clone();
    assert_eq!(
        (&root["Name"], &root["PolicyTypes"]),
        (&json!("Root"), &json!([]))
    );

    let again = "AlreadyInOrganizationException";
    house
        .refused(&admin, "CreateOrganization", json!({}), again)
        .await;
    let account = house.account(&admin, "one").await;
    let full = "OrganizationNotEmptyException";
    house
        .refused(&admin, "DeleteOrganization", json!({}), full)
        .await;
    let one = json!({ "AccountId": account });
    house
        .done(&admin, "RemoveAccountFromOrganization", one)
        .await;
    house.done(&admin, "DeleteOrganization", json!({})).await;
    house
        .refused(&admin, "DescribeOrganization", json!({}), none)
        .await;
    // Nothing is left of the first one in the next.
    let next = house.done(&admin, "CreateOrganization", json!({})).await;
    assert_ne!(next["Organization"]["Id"], id);
}

#[tokio::test]
async fn an_account_is_made_with_a_role_that_works() {
    let (house, admin) = House::with_organization().await;
    let input = json!({ "AccountName": "Dev One", "Email": "Dev@Example.com",
        "Tags": [{ "Key": "team", "Value": "red" }] });
    let made = house.done(&admin, "CreateAccount", input).await["CreateAccountStatus"].clone();
    let account = text(&made["AccountId"]);
    let request = text(&made["Id"]);
    assert!(
        request.starts_with("car-") && request.len() == 36,
        "{request}"
    );
    assert_eq!(
        (&made["State"], &made["AccountName"]),
        (&json!("SUCCEEDED"), &json!("Dev One"))
    );
    assert!(made["CompletedTimestamp"].is_number() && made["FailureReason"].is_null());
    let input = json!({ "CreateAccountRequestId": request });
    let status = house
        .done(&admin, "DescribeCreateAccountStatus", input)
        .await;
    assert_eq!(status["CreateAccountStatus"], made);

    let input = json!({ "AccountId": account });
    let shown = house.done(&admin, "DescribeAccount", input).await["Account"].clone();
    let organization = house.done(&admin, "DescribeOrganization", json!({})).await;
    let id = text(&organization["Organization"]["Id"]);
    let root = house.root_id(&admin).await;
    assert_eq!(
        shown,
        json!({
            "Id": account,
            "Arn": format!("arn:aws:organizations::{MANAGEMENT}:account/{id}/{account}"),
            "Email": "Dev@Example.com", "Name": "Dev One", "Status": "ACTIVE",
            "State": "ACTIVE", "Paths": [format!("{id}/{root}/{account}/")],
            "JoinedMethod": "CREATED", "JoinedTimestamp": 1_767_225_600,
        })
    );
    let tags = json!({ "ResourceId": account });
    let tags = house.done(&admin, "ListTagsForResource", tags).await;
    assert_eq!(tags["Tags"], json!([{ "Key": "team", "Value": "red" }]));

    let member = house.enter(&admin, &account).await;
    let who = house
        .query("sts", &member, "Action=GetCallerIdentity")
        .await;
    assert_eq!(who.xml("Account"), account);
    let organization = house.done(&member, "DescribeOrganization", json!({})).await;
    assert_eq!(organization["Organization"]["Id"], id);
    // The role has every permission.
    house.key(&member, None).await;
}

#[tokio::test]
async fn an_address_is_an_account_s_alone() {
    let (house, admin) = House::with_organization().await;
    house.account(&admin, "one").await;
    let input = json!({ "AccountName": "two", "Email": "ONE@example.com" });
    let made = house.done(&admin, "CreateAccount", input).await;
    let status = &made["CreateAccountStatus"];
    assert_eq!(status["State"], "FAILED");
    assert_eq!(status["FailureReason"], "EMAIL_ALREADY_EXISTS");
    assert!(status["AccountId"].is_null());
    for (states, expected) in [
        (json!(["FAILED"]), 1),
        (json!(["SUCCEEDED"]), 1),
        (json!(["IN_PROGRESS"]), 0),
        (json!([]), 2),
    ] {
        let input = json!({ "States": states });
        let listed = house.done(&admin, "ListCreateAccountStatus", input).await;
        let count = listed["CreateAccountStatuses"].as_array().map(Vec::len);
        assert_eq!(count, Some(expected), "{states}");
    }
    let accounts = house.done(&admin, "ListAccounts", json!({})).await;
    assert_eq!(all(&accounts["Accounts"], "Id").len(), 2);
}

#[tokio::test]
async fn two_calls_at_once_do_not_share_an_address() {
    let (house, admin) = House::with_organization().await;
    let input = json!({ "AccountName": "twin", "Email": "twin@example.com" });
    let (first, second) = tokio::join!(
        house.done(&admin, "CreateAccount", input.clone()),
        house.done(&admin, "CreateAccount", input)
    );
    let mut states = [first, second].map(|made| text(&made["CreateAccountStatus"]["State"]));
    states.sort();
    assert_eq!(states, ["FAILED", "SUCCEEDED"]);
}

#[tokio::test]
async fn role_names_and_gov_cloud_are_refused() {
    let (house, admin) = House::with_organization().await;
    let input = json!({ "AccountName": "a", "Email": "a@example.com",
        "RoleName": "AWSServiceRoleForX" });
    let code = "InvalidInputException INVALID_ROLE_NAME";
    house.refused(&admin, "CreateAccount", input, code).await;
    let input = json!({ "AccountName": "a", "Email": "a@example.com" });
    let code = "ConstraintViolationException MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED";
    house
        .refused(&admin, "CreateGovCloudAccount", input, code)
        .await;
    let input = json!({ "CreateAccountRequestId": format!("car-{}", "0".repeat(32)) });
    let code = "CreateAccountStatusNotFoundException";
    house
        .refused(&admin, "DescribeCreateAccountStatus", input, code)
        .await;
}

#[tokio::test]
async fn accounts_are_listed_in_pages() {
    let (house, admin) = House::with_organization().await;
    let mut expected = vec![MANAGEMENT.to_owned()];
    for name in ["a", "b", "c", "d"] {
        expected.push(house.account(&admin, &format!("{name}{name}")).await);
    }
    expected.sort();
    for operation in ["ListAccounts", "ListAccountsForParent", "ListChildren"] {
        let root = house.root_id(&admin).await;
        let (mut seen, mut token) = (Vec::new(), json!(null));
        loop {
            let mut input = json!({ "MaxResults": 2, "NextToken": token });
            if operation != "ListAccounts" {
                input["ParentId"] = json!(root);
            }
            if operation == "ListChildren" {
                input["ChildType"] = json!("ACCOUNT");
            }
            let page = house.done(&admin, operation, input).await;
            let list = page.get("Accounts").or(page.get("Children"));
            seen.extend(all(list.expect("a list"), "Id"));
            token = page["NextToken"].clone();
            if token.is_null() {
                break;
            }
        }
        assert_eq!(seen, expected, "{operation}");
    }
    let code = "InvalidInputException INVALID_NEXT_TOKEN";
    let input = json!({ "NextToken": "nonsense" });
    house.refused(&admin, "ListAccounts", input, code).await;
}

#[tokio::test]
async fn an_account_leaves_or_is_removed_and_the_management_account_stays() {
    let (house, admin) = House::with_organization().await;
    let (one, member) = house.member(&admin, "one").await;
    let two = house.account(&admin, "two").await;
    house.done(&member, "LeaveOrganization", json!({})).await;
    let none = "AWSOrganizationsNotInUseException";
    house
        .refused(&member, "DescribeOrganization", json!({}), none)
        .await;
    let gone = "AccountNotFoundException";
    let input = json!({ "AccountId": one });
    house
        .refused(&admin, "DescribeAccount", input.clone(), gone)
        .await;
    house
        .refused(&admin, "RemoveAccountFromOrganization", input, gone)
        .await;
    let tags = json!({ "ResourceId": two, "Tags": [{ "Key": "a", "Value": "b" }] });
    house.done(&admin, "TagResource", tags).await;
    let input = json!({ "AccountId": two });
    house
        .done(&admin, "RemoveAccountFromOrganization", input)
        .await;
    let accounts = house.done(&admin, "ListAccounts", json!({})).await;
    assert_eq!(all(&accounts["Accounts"], "Id"), [MANAGEMENT]);

    let master = "MasterCannotLeaveOrganizationException";
    house
        .refused(&admin, "LeaveOrganization", json!({}), master)
        .await;
    let input = json!({ "AccountId": MANAGEMENT });
    house
        .refused(&admin, "RemoveAccountFromOrganization", input, master)
        .await;
    // Who comes back has nothing of what it had.
    let runs_two = house.enter(&admin, &two).await;
    let input = json!({ "Target": { "Type": "ACCOUNT", "Id": two } });
    let invited = house
        .done(&admin, "InviteAccountToOrganization", input)
        .await;
    let one = json!({ "HandshakeId": invited["Handshake"]["Id"] });
    house.done(&runs_two, "AcceptHandshake", one).await;
    let tags = json!({ "ResourceId": two });
    let tags = house.done(&admin, "ListTagsForResource", tags).await;
    assert_eq!(tags["Tags"], json!([]));
    // Whoever left stands alone and may begin anew.
    house.done(&member, "CreateOrganization", json!({})).await;
}
