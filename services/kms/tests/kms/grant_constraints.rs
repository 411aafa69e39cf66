//! Constraints of grants, and the condition keys of CreateGrant.

use crate::grants::{House, alice, denied};
use crate::house::{ACCOUNT, Value, json, statement, user_arn};

#[tokio::test]
async fn a_subset_is_contained_and_an_equal_is_all() {
    let house = House::new().await;
    for (constraint, accepted, refused) in [
        (
            "EncryptionContextSubset",
            vec![
                json!({ "Department": "IT" }),
                json!({ "department": "IT", "x": "y" }),
            ],
            vec![
                json!({}),
                json!({ "Department": "it" }),
                json!({ "x": "IT" }),
            ],
        ),
        (
            "EncryptionContextEquals",
            vec![json!({ "Department": "IT" }), json!({ "DEPARTMENT": "IT" })],
            vec![json!({}), json!({ "Department": "IT", "x": "y" })],
        ),
    ] {
        let constraints = json!({ "Constraints": { constraint: { "Department": "IT" } } });
        let operations = ["Encrypt", "DescribeKey"];
        let grant = house.grant(&alice(), &operations, constraints).await;
        for context in accepted {
            assert_eq!(
                house.encrypt("alice", context.clone()).await,
                None,
                "{context}"
            );
        }
        for context in refused {
            assert_eq!(
                house.encrypt("alice", context.clone()).await,
                denied(),
                "{context}"
            );
        }
        // What has no encryption context is not constrained.
        let key = json!({ "KeyId": house.key });
        house.kms.ok("alice", "DescribeKey", key).await;
        let input = json!({ "KeyId": house.key, "GrantId": grant.id });
        house.kms.ok("root", "RevokeGrant", input).await;
    }
}

#[tokio::test]
async fn both_sides_of_a_reencryption_keep_the_constraint() {
    let house = House::new().await;
    let constraints = json!({ "Constraints": { "EncryptionContextSubset": { "a": "1" } } });
    let operations = ["ReEncryptFrom", "ReEncryptTo"];
    house.grant(&alice(), &operations, constraints).await;
    let kms = &house.kms;
    for (from, to, code) in [
        (json!({ "a": "1" }), json!({ "a": "1", "b": "2" }), None),
        (json!({ "a": "1" }), json!({ "b": "2" }), denied()),
        (json!({ "b": "2" }), json!({ "a": "1" }), denied()),
    ] {
        let blob = kms.encrypt(&house.key, b"x", from.clone()).await;
        let input = json!({
            "CiphertextBlob": blob,
            "SourceEncryptionContext": from,
            "DestinationKeyId": house.key,
            "DestinationEncryptionContext": to,
        });
        assert_eq!(kms.call("alice", "ReEncrypt", input).await.code, code);
    }
}

/// No call here comes from a service on behalf of a resource.
#[tokio::test]
async fn a_grant_for_a_source_allows_no_direct_call() {
    let house = House::new().await;
    let source = "arn:aws:s3:eu-west-2:111122223333:bucket";
    let constraints = json!({ "Constraints": { "SourceArn": source } });
    house
        .grant(&alice(), &["Encrypt", "DescribeKey"], constraints)
        .await;
    assert_eq!(house.encrypt("alice", json!({})).await, denied());
    let code = house
        .kms
        .code("alice", "DescribeKey", json!({ "KeyId": house.key }));
    assert_eq!(code.await, "AccessDeniedException");
}

/// The policy of a user who may make grants under a condition.
fn granter(condition: &Value) -> String {
    statement(&json!({
        "Effect": "Allow",
        "Action": "kms:CreateGrant",
        "Resource": "*",
        "Condition": condition,
    }))
}

#[tokio::test]
async fn conditions_see_what_a_grant_is_to_say() {
    let house = House::new().await;
    let bob = user_arn(ACCOUNT, "bob");
    let equals = |key: &str, value: &str| json!({ "StringEquals": { key: value } });
    let constrained = json!({
        "RetiringPrincipal": bob,
        "Constraints": { "EncryptionContextSubset": { "Department": "IT" } },
    });
    let plain = json!({});
    let subset = "EncryptionContextSubset";
    let operations = json!({
        "ForAllValues:StringEquals": { "kms:GrantOperations": ["Encrypt", "DescribeKey"] }
    });
    let for_services = json!({ "Bool": { "kms:GrantIsForAWSResource": "true" } });
    let for_others = json!({ "Bool": { "kms:GrantIsForAWSResource": "false" } });
    for (number, (condition, more, is_allowed)) in [
        (equals("kms:GranteePrincipal", &alice()), &plain, true),
        (equals("kms:GranteePrincipal", &bob), &plain, false),
        (equals("kms:RetiringPrincipal", &bob), &constrained, true),
        (equals("kms:RetiringPrincipal", &bob), &plain, false),
        (
            equals("kms:GrantConstraintType", subset),
            &constrained,
            true,
        ),
        (equals("kms:GrantConstraintType", subset), &plain, false),
        (
            equals("kms:EncryptionContext:department", "IT"),
            &constrained,
            true,
        ),
        (
            equals("kms:EncryptionContext:Department", "it"),
            &constrained,
            false,
        ),
        (
            equals("kms:EncryptionContext:Department", "IT"),
            &plain,
            false,
        ),
        (
            equals("kms:EncryptionContextKeys", "Department"),
            &constrained,
            true,
        ),
        (operations, &plain, true),
        (
            json!({ "ForAllValues:StringEquals": { "kms:GrantOperations": "Decrypt" } }),
            &plain,
            false,
        ),
        (for_services, &plain, false),
        (for_others, &plain, true),
    ]
    .into_iter()
    .enumerate()
    {
        let who = format!(
            "granter-{}",
            char::from(b'a' + u8::try_from(number).expect("few"))
        );
        house.kms.harness.user(&who, &[&granter(&condition)]);
        let input = house.input(&alice(), &["Encrypt"], more.clone());
        let code = house.kms.call(&who, "CreateGrant", input).await.code;
        let expected = if is_allowed { None } else { denied() };
        assert_eq!(code, expected, "{condition}");
    }
}
