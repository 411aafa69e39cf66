//! How an account is invited, and joins.

use serde_json::{Value, json};

use crate::organizations::house::{House, Login, NOW, all, statement, text};

/// An account that stands alone, and whoever runs it.
async fn alone(house: &House, admin: &Login, name: &str) -> (String, Login) {
    let (account, login) = house.member(admin, name).await;
    house.done(&login, "LeaveOrganization", json!({})).await;
    (account, login)
}

async fn invite(house: &House, admin: &Login, kind: &str, id: &str) -> Value {
    let input = json!({ "Target": { "Type": kind, "Id": id }, "Notes": "please",
        "Tags": [{ "Key": "via", "Value": "invitation" }] });
    let made = house
        .done(admin, "InviteAccountToOrganization", input)
        .await;
    made["Handshake"].clone()
}

#[tokio::test]
async fn an_invited_account_joins() {
    let (house, admin) = House::with_organization().await;
    for (name, kind) in [("one", "ACCOUNT"), ("two", "EMAIL")] {
        let (account, login) = alone(&house, &admin, name).await;
        let target = match kind {
            "ACCOUNT" => account.clone(),
            _ => "TWO@example.com".to_owned(),
        };
        let handshake = invite(&house, &admin, kind, &target).await;
        assert_eq!(
            (&handshake["State"], &handshake["Action"]),
            (&json!("OPEN"), &json!("INVITE"))
        );
        assert_eq!(handshake["ExpirationTimestamp"], NOW + 15 * 24 * 60 * 60);
        let id = text(&handshake["Id"]);
        assert!(text(&handshake["Arn"]).ends_with(&format!("/invite/{id}")));
        let parties = all(&handshake["Parties"], "Type");
        assert_eq!(parties, ["ORGANIZATION", kind]);
        let one = json!({ "HandshakeId": id });
        for who in [&admin, &login] {
            let shown = house.done(who, "DescribeHandshake", one.clone()).await;
            assert_eq!(shown["Handshake"], handshake);
        }
        let received = house
            .done(&login, "ListHandshakesForAccount", json!({}))
            .await;
        assert_eq!(received["Handshakes"], json!([handshake]));
        let code = "AccessDeniedException";
        house
            .refused(&admin, "AcceptHandshake", one.clone(), code)
            .await;
        house
            .refused(&login, "CancelHandshake", one.clone(), code)
            .await;
        let accepted = house.done(&login, "AcceptHandshake", one.clone()).await;
        assert_eq!(accepted["Handshake"]["State"], "ACCEPTED");
        let input = json!({ "AccountId": account });
        let shown = house.done(&admin, "DescribeAccount", input).await;
        assert_eq!(shown["Account"]["JoinedMethod"], "INVITED");
        let tags = json!({ "ResourceId": account });
        let tags = house.done(&admin, "ListTagsForResource", tags).await;
        assert_eq!(tags["Tags"][0]["Key"], "via");
        let code = "HandshakeAlreadyInStateException";
        house
            .refused(&login, "AcceptHandshake", one.clone(), code)
            .await;
        let code = "InvalidHandshakeTransitionException";
        house
            .refused(&login, "DeclineHandshake", one.clone(), code)
            .await;
        house.refused(&admin, "CancelHandshake", one, code).await;
    }
}

#[tokio::test]
async fn invitations_are_declined_canceled_and_expire() {
    let (house, admin) = House::with_organization().await;
    let (account, login) = alone(&house, &admin, "one").await;
    let target = json!({ "Target": { "Type": "ACCOUNT", "Id": account } });
    let transition = "InvalidHandshakeTransitionException";
    for (who, operation, state) in [
        (&login, "DeclineHandshake", "DECLINED"),
        (&admin, "CancelHandshake", "CANCELED"),
    ] {
        let handshake = invite(&house, &admin, "ACCOUNT", &account).await;
        let code = "DuplicateHandshakeException";
        house
            .refused(&admin, "InviteAccountToOrganization", target.clone(), code)
            .await;
        let one = json!({ "HandshakeId": handshake["Id"] });
        let ended = house.done(who, operation, one.clone()).await;
        assert_eq!(ended["Handshake"]["State"], state);
        house
            .refused(&login, "AcceptHandshake", one, transition)
            .await;
    }
    let handshake = invite(&house, &admin, "ACCOUNT", &account).await;
    let one = json!({ "HandshakeId": handshake["Id"] });
    house.clock.advance(15 * 24 * 60 * 60);
    let login = house.root_of(&admin, &account).await;
    let shown = house.done(&login, "DescribeHandshake", one.clone()).await;
    assert_eq!(shown["Handshake"]["State"], "EXPIRED");
    house
        .refused(&login, "AcceptHandshake", one, transition)
        .await;
    let listed = house
        .done(&admin, "ListHandshakesForOrganization", json!({}))
        .await;
    let mut states = all(&listed["Handshakes"], "State");
    states.sort();
    assert_eq!(states, ["CANCELED", "DECLINED", "EXPIRED"]);
    house.clock.advance(20 * 24 * 60 * 60);
    let listed = house
        .done(&admin, "ListHandshakesForOrganization", json!({}))
        .await;
    assert_eq!(all(&listed["Handshakes"], "State"), ["EXPIRED"]);
}

#[tokio::test]
async fn sec_i13_an_invitation_tells_nothing_of_accounts() {
    let (house, admin) = House::with_organization().await;
    let (other, _) = house.other_organization(&admin).await;
    let absent = invite(&house, &admin, "ACCOUNT", "999999999999").await;
    let there = invite(&house, &admin, "ACCOUNT", &other).await;
    assert_eq!(absent["State"], there["State"]);
    // A third party finds no handshake at all.
    let (_, third) = alone(&house, &admin, "third").await;
    let one = json!({ "HandshakeId": there["Id"] });
    let none = json!({ "HandshakeId": format!("h-{}", "0".repeat(32)) });
    for operation in [
        "DescribeHandshake",
        "AcceptHandshake",
        "DeclineHandshake",
        "CancelHandshake",
    ] {
        let found = house.call(&third, operation, one.clone()).await;
        let missing = house.call(&third, operation, none.clone()).await;
        assert_eq!(found.error(), "HandshakeNotFoundException");
        assert_eq!(found.text, missing.text);
    }
    let listed = house
        .done(&third, "ListHandshakesForAccount", json!({}))
        .await;
    assert_eq!(listed["Handshakes"], json!([]));
    for (target, code) in [
        (
            json!({ "Type": "ACCOUNT", "Id": "1" }),
            "InvalidInputException INVALID_PATTERN",
        ),
        (
            json!({ "Type": "EMAIL", "Id": "x" }),
            "InvalidInputException INVALID_EMAIL_ADDRESS_TARGET",
        ),
        (
            json!({ "Type": "ORGANIZATION", "Id": "o-x" }),
            "InvalidInputException INVALID_PARTY_TYPE_TARGET",
        ),
        (
            json!({ "Type": "ACCOUNT", "Id": house.account(&admin, "in").await }),
            "HandshakeConstraintViolationException ALREADY_IN_AN_ORGANIZATION",
        ),
    ] {
        let input = json!({ "Target": target });
        house
            .refused(&admin, "InviteAccountToOrganization", input, code)
            .await;
    }
}

#[tokio::test]
async fn a_member_of_another_organization_moves_over_if_it_may_leave() {
    let (house, admin) = House::with_organization().await;
    house.enable(&admin, "SERVICE_CONTROL_POLICY").await;
    let (other, other_admin) = house.other_organization(&admin).await;
    let (account, role) = house.member(&admin, "mover").await;
    let deny = statement("Deny", "organizations:LeaveOrganization");
    let stay = house.policy(&admin, "SERVICE_CONTROL_POLICY", &deny).await;
    house.attach(&admin, &stay, &account).await;
    let handshake = invite(&house, &other_admin, "ACCOUNT", &account).await;
    let one = json!({ "HandshakeId": handshake["Id"] });
    house
        .refused(
            &role,
            "AcceptHandshake",
            one.clone(),
            "AccessDeniedException",
        )
        .await;
    house.detach(&admin, &stay, &account).await;
    house.done(&role, "AcceptHandshake", one).await;
    let shown = house.done(&role, "DescribeOrganization", json!({})).await;
    assert_eq!(shown["Organization"]["MasterAccountId"], other);
    let input = json!({ "AccountId": account });
    house
        .refused(&admin, "DescribeAccount", input, "AccountNotFoundException")
        .await;
    // The head of an organization does not.
    let handshake = invite(&house, &admin, "ACCOUNT", &other).await;
    let one = json!({ "HandshakeId": handshake["Id"] });
    let code = "MasterCannotLeaveOrganizationException";
    house
        .refused(&other_admin, "AcceptHandshake", one, code)
        .await;
}
