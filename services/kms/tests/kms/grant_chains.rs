//! Grants made by whoever may make them by a grant alone.

use crate::grants::{House, alice, denied};
use crate::house::{ACCOUNT, Value, json, user_arn};

fn bob() -> String {
    user_arn(ACCOUNT, "bob")
}

async fn create(house: &House, who: &str, operations: &[&str], more: Value) -> Option<String> {
    let input = house.input(&bob(), operations, more);
    house.kms.call(who, "CreateGrant", input).await.code
}

#[tokio::test]
async fn sec_i11_a_grant_passes_on_no_more_operations_than_it_has() {
    let house = House::new().await;
    house
        .grant(&alice(), &["CreateGrant", "Encrypt"], json!({}))
        .await;
    for (operations, code) in [
        (vec!["Encrypt"], None),
        (vec!["CreateGrant", "Encrypt"], None),
        (vec!["Decrypt"], denied()),
        (vec!["Encrypt", "Decrypt"], denied()),
        (vec!["RetireGrant"], denied()),
    ] {
        assert_eq!(
            create(&house, "alice", &operations, json!({})).await,
            code,
            "{operations:?}"
        );
    }
    assert_eq!(house.encrypt("bob", json!({})).await, None);
    // Bob got CreateGrant too, but no more than alice had.
    assert_eq!(create(&house, "bob", &["Encrypt"], json!({})).await, None);
    assert_eq!(
        create(&house, "bob", &["DescribeKey"], json!({})).await,
        denied()
    );
}

#[tokio::test]
async fn two_grants_do_not_add_up() {
    let house = House::new().await;
    house
        .grant(&alice(), &["CreateGrant", "Encrypt"], json!({}))
        .await;
    house
        .grant(&alice(), &["CreateGrant", "Decrypt"], json!({}))
        .await;
    assert_eq!(
        create(&house, "alice", &["Encrypt", "Decrypt"], json!({})).await,
        denied()
    );
    assert_eq!(create(&house, "alice", &["Decrypt"], json!({})).await, None);
}

#[tokio::test]
async fn sec_i11_a_grant_passes_on_its_constraints() {
    let house = House::new().await;
    let constraints = |constraints: Value| json!({ "Constraints": constraints });
    let parent = constraints(json!({ "EncryptionContextSubset": { "a": "1" } }));
    house
        .grant(&alice(), &["CreateGrant", "Encrypt"], parent)
        .await;
    for (child, code) in [
        (
            json!({ "EncryptionContextSubset": { "a": "1", "b": "2" } }),
            None,
        ),
        (json!({ "EncryptionContextEquals": { "A": "1" } }), None),
        (json!({ "EncryptionContextSubset": { "b": "2" } }), denied()),
        (json!({ "EncryptionContextEquals": {} }), denied()),
        (json!({}), denied()),
    ] {
        let made = create(&house, "alice", &["Encrypt"], constraints(child.clone())).await;
        assert_eq!(made, code, "{child}");
    }
    assert_eq!(
        create(&house, "alice", &["Encrypt"], json!({})).await,
        denied()
    );
    assert_eq!(house.encrypt("bob", json!({ "a": "2" })).await, denied());
    assert_eq!(house.encrypt("bob", json!({ "a": "1" })).await, None);
}
