//! ListGrants and ListRetirableGrants, and what the journal says of grants.

use std::collections::BTreeSet;

use crate::grants::{House, alice};
use crate::house::{ACCOUNT, OTHER, Value, arn, json, text, user_arn};

fn ids(listed: &Value) -> Vec<String> {
    let grants = listed["Grants"].as_array().expect("a list");
    grants.iter().map(|grant| text(&grant["GrantId"])).collect()
}

#[tokio::test]
async fn a_list_shows_a_grant_as_it_was_made() {
    let house = House::new().await;
    let more = json!({
        "Name": "n",
        "RetiringPrincipal": user_arn(OTHER, "olga"),
        "Constraints": { "EncryptionContextSubset": { "a": "1" } },
    });
    let grant = house.grant(&alice(), &["Encrypt", "Decrypt"], more).await;
    let input = json!({ "KeyId": house.key });
    let listed = house.kms.ok("root", "ListGrants", input.clone()).await;
    let expected = json!({
        "KeyId": arn(&house.key),
        "GrantId": grant.id,
        "Name": "n",
        "CreationDate": listed["Grants"][0]["CreationDate"],
        "GranteePrincipal": alice(),
        "RetiringPrincipal": user_arn(OTHER, "olga"),
        "IssuingAccount": format!("arn:aws:iam::{ACCOUNT}:root"),
        "Operations": ["Decrypt", "Encrypt"],
        "Constraints": { "EncryptionContextSubset": { "a": "1" } },
    });
    assert_eq!(listed, json!({ "Grants": [expected], "Truncated": false }));
    // The retiring principal finds it in its own account, in the region of the key.
    let retiring = json!({ "RetiringPrincipal": user_arn(OTHER, "olga") });
    let retirable = house
        .kms
        .ok("other-root", "ListRetirableGrants", retiring.clone());
    assert_eq!(retirable.await["Grants"], listed["Grants"]);
    let elsewhere = house.kms.call_in(
        "us-east-1",
        "other-root",
        "ListRetirableGrants",
        retiring.clone(),
    );
    assert_eq!(elsewhere.await.body["Grants"], json!([]));
    let code = house
        .kms
        .code("root", "ListRetirableGrants", retiring)
        .await;
    assert_eq!(code, "AccessDeniedException");
}

#[tokio::test]
async fn lists_come_in_pages_and_filtered() {
    let house = House::new().await;
    let (kms, bob) = (&house.kms, user_arn(ACCOUNT, "bob"));
    let retiring = json!({ "RetiringPrincipal": user_arn(ACCOUNT, "carol") });
    let mut made = BTreeSet::new();
    for grantee in [alice(), bob.clone(), alice(), bob.clone(), alice()] {
        let grant = house.grant(&grantee, &["Encrypt"], retiring.clone()).await;
        made.insert(grant.id);
    }
    for (operation, base) in [
        ("ListGrants", json!({ "KeyId": arn(&house.key) })),
        ("ListRetirableGrants", retiring.clone()),
    ] {
        let (mut seen, mut pages, mut input) = (BTreeSet::new(), 0, base.clone());
        input["Limit"] = json!(2);
        loop {
            let listed = kms.ok("root", operation, input.clone()).await;
            seen.extend(ids(&listed));
            pages += 1;
            match listed.get("NextMarker") {
                Some(next) => input["Marker"] = next.clone(),
                None => break,
            }
        }
        assert_eq!((&seen, pages), (&made, 3), "{operation}");
        input["Marker"] = json!("x");
        let code = kms.code("root", operation, input).await;
        assert_eq!(code, "InvalidMarkerException");
        let mut input = base;
        input["Limit"] = json!(101);
        let code = kms.code("root", operation, input).await;
        assert_eq!(code, "ValidationException");
    }
    let input = |member: &str, value: &str| json!({ "KeyId": house.key, member: value });
    let listed = kms
        .ok("root", "ListGrants", input("GranteePrincipal", &bob))
        .await;
    assert_eq!(ids(&listed).len(), 2);
    let one = ids(&listed).remove(0);
    let listed = kms.ok("root", "ListGrants", input("GrantId", &one)).await;
    assert_eq!(ids(&listed), [one]);
    let listed = kms
        .ok("root", "ListGrants", input("GrantId", &"0".repeat(64)))
        .await;
    assert_eq!(ids(&listed), [""; 0]);
    let code = kms.code("root", "ListGrants", input("GrantId", "x")).await;
    assert_eq!(code, "InvalidGrantIdException");
}

/// More grants to one grantee than are read at once: the last one counts like the first.
#[tokio::test]
async fn many_grants_to_one_grantee_all_count() {
    let house = House::new().await;
    for number in 0..230 {
        let constraints = json!({ "EncryptionContextEquals": { "n": number.to_string() } });
        let more = json!({ "Constraints": constraints });
        house.grant(&alice(), &["Encrypt"], more).await;
    }
    for number in [0, 99, 100, 128, 229] {
        let context = json!({ "n": number.to_string() });
        assert_eq!(house.encrypt("alice", context).await, None, "{number}");
    }
    let context = json!({ "n": "230" });
    assert_eq!(
        house.encrypt("alice", context).await,
        crate::grants::denied()
    );
}
