//! Grants as records: the quota, and that nothing is left behind.

use platform::testing::{ACCOUNT, Harness, REGION};
use serde_json::json;

use super::*;

async fn call(harness: &Harness, operation: &str, input: serde_json::Value) -> serde_json::Value {
    let target = format!("TrentService.{operation}");
    harness.json("root", &target, input).await.body
}

/// How many records of this kind stand under the key, or whatever else the key's id leads to.
async fn kept<R: Record>(harness: &Harness, segment: &str) -> usize {
    let mut txn = harness.pipeline.store().begin();
    let prefix = RecordKey::new(ACCOUNT, REGION, [segment]);
    let page = txn.scan::<R>(&prefix, None, 100).await.expect("a scan");
    page.rows.len()
}

/// The records of all tables of grants.
async fn kept_of_all(harness: &Harness, key_id: &str) -> [usize; 5] {
    [
        kept::<GrantRecord>(harness, key_id).await,
        kept::<GrantId>(harness, key_id).await,
        kept::<GrantRequest>(harness, key_id).await,
        kept::<GrantCount>(harness, key_id).await,
        kept::<RetirableGrant>(harness, ACCOUNT).await,
    ]
}

#[tokio::test]
async fn nothing_stays_of_a_grant_that_ended_or_whose_key_is_gone() {
    let harness = Harness::new(vec![crate::service()]).await;
    let made = call(&harness, "CreateKey", json!({})).await;
    let key = made["KeyMetadata"]["KeyId"].as_str().expect("an id");
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let mut input = json!({
        "KeyId": key, "GranteePrincipal": root, "RetiringPrincipal": root,
        "Operations": ["Encrypt"],
    });
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        input["Name"] = json!(name);
        let made = call(&harness, "CreateGrant", input.clone()).await;
        ids.push(made["GrantId"].clone());
    }
    assert_eq!(kept_of_all(&harness, key).await, [3, 3, 3, 1, 3]);
    for (operation, id) in [("RevokeGrant", &ids[0]), ("RetireGrant", &ids[1])] {
        call(&harness, operation, json!({ "KeyId": key, "GrantId": id })).await;
    }
    assert_eq!(kept_of_all(&harness, key).await, [1, 1, 1, 1, 1]);
    call(&harness, "ScheduleKeyDeletion", json!({ "KeyId": key })).await;
    harness.clock.advance(31 * 86_400);
    let now = platform::Clock::now(&*harness.clock);
    let deleted = crate::delete_expired(&harness.pipeline.upkeep(), now).await;
    assert!(matches!(deleted, Ok(1)));
    assert_eq!(kept_of_all(&harness, key).await, [0; 5]);
}

/// Says that the key has as many grants, without making them.
async fn set_count(harness: &Harness, key_id: &str, count: u32) {
    let store = harness.pipeline.store();
    let mut txn = store.begin();
    let place = RecordKey::new(ACCOUNT, REGION, [key_id]);
    txn.put(place, GrantCount { count });
    store.commit(txn, None).await.expect("a commit");
}

/// The default.
const MAX_GRANTS: u32 = 50_000;

#[tokio::test]
async fn a_key_has_as_many_grants_as_the_quota_says() {
    let harness = Harness::new(vec![crate::service()]).await;
    let made = call(&harness, "CreateKey", json!({})).await;
    let key = made["KeyMetadata"]["KeyId"].as_str().expect("an id");
    let grantee = format!("arn:aws:iam::{ACCOUNT}:root");
    let mut input = json!({
        "KeyId": key, "GranteePrincipal": grantee, "Operations": ["Encrypt"], "Name": "n",
    });
    set_count(&harness, key, MAX_GRANTS - 1).await;
    let last = call(&harness, "CreateGrant", input.clone()).await;
    let id = last["GrantId"].as_str().expect("a grant").to_owned();
    // The same request makes no new one.
    let again = call(&harness, "CreateGrant", input.clone()).await;
    assert_eq!(again["GrantId"], id.as_str());
    input["Name"] = json!("m");
    let refused = call(&harness, "CreateGrant", input.clone()).await;
    let code = refused["__type"].as_str().expect("a code");
    assert!(code.ends_with("LimitExceededException"), "{code}");
    let revoked = json!({ "KeyId": key, "GrantId": id });
    call(&harness, "RevokeGrant", revoked).await;
    let made = call(&harness, "CreateGrant", input).await;
    assert!(made["GrantId"].is_string(), "{made}");
}
