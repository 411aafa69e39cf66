//! Requests for grants: names, forms, limits, dry runs, and what goes on record.

use crate::grants::{House, alice, denied};
use crate::house::{ACCOUNT, json, user_arn};

#[tokio::test]
async fn the_same_request_with_a_name_makes_one_grant() {
    let house = House::new().await;
    let named = json!({ "Name": "n", "Constraints": { "EncryptionContextSubset": { "a": "1" } } });
    let one = house
        .grant(&alice(), &["Encrypt", "Decrypt"], named.clone())
        .await;
    let again = house
        .grant(&alice(), &["Decrypt", "Encrypt"], named.clone())
        .await;
    assert_eq!(one.id, again.id);
    assert_ne!(one.token, again.token);
    assert_eq!(one.id.len(), 64);
    let others = [
        house.grant(&alice(), &["Encrypt"], named.clone()).await,
        house
            .grant(&user_arn(ACCOUNT, "bob"), &["Encrypt"], named.clone())
            .await,
        house
            .grant(&alice(), &["Encrypt", "Decrypt"], json!({ "Name": "n" }))
            .await,
        house
            .grant(&alice(), &["Encrypt", "Decrypt"], json!({}))
            .await,
        house
            .grant(&alice(), &["Encrypt", "Decrypt"], json!({}))
            .await,
    ];
    let mut ids: Vec<_> = others
        .iter()
        .map(|grant| &grant.id)
        .chain([&one.id])
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 6);
    // Once it has ended, the same request makes another one.
    let input = json!({ "KeyId": house.key, "GrantId": one.id });
    house.kms.ok("root", "RevokeGrant", input).await;
    let anew = house.grant(&alice(), &["Encrypt", "Decrypt"], named).await;
    assert_ne!(anew.id, one.id);
}

#[tokio::test]
async fn operations_and_constraints_fit_the_key() {
    let house = House::new().await;
    let kms = &house.kms;
    for (spec, usage, fitting, unfit) in [
        (
            "SYMMETRIC_DEFAULT",
            "ENCRYPT_DECRYPT",
            "GenerateDataKeyPair",
            "GetPublicKey",
        ),
        (
            "RSA_2048",
            "ENCRYPT_DECRYPT",
            "ReEncryptFrom",
            "GenerateDataKey",
        ),
        ("ECC_NIST_P256", "SIGN_VERIFY", "Sign", "Encrypt"),
        (
            "ECC_NIST_P256",
            "KEY_AGREEMENT",
            "DeriveSharedSecret",
            "Sign",
        ),
        (
            "HMAC_256",
            "GENERATE_VERIFY_MAC",
            "VerifyMac",
            "GetPublicKey",
        ),
        (
            "ML_KEM_512",
            "ENCAPSULATE_DECAPSULATE",
            "Decapsulate",
            "Decrypt",
        ),
    ] {
        let key = kms.key_of(spec, usage).await;
        let input = |operation: &str, constraints: serde_json::Value| {
            json!({
                "KeyId": key,
                "GranteePrincipal": alice(),
                "Operations": [operation, "DescribeKey", "CreateGrant", "RetireGrant"],
                "Constraints": constraints,
            })
        };
        kms.ok("root", "CreateGrant", input(fitting, json!({})))
            .await;
        let code = kms
            .code("root", "CreateGrant", input(unfit, json!({})))
            .await;
        assert_eq!(code, "ValidationException", "{spec} {unfit}");
        let constraints = json!({ "EncryptionContextSubset": { "a": "1" } });
        let answer = kms
            .call("root", "CreateGrant", input(fitting, constraints))
            .await;
        let is_symmetric = spec == "SYMMETRIC_DEFAULT";
        assert_eq!(answer.code.is_none(), is_symmetric, "{spec}");
        kms.ok("alice", "DescribeKey", json!({ "KeyId": key }))
            .await;
    }
}

#[tokio::test]
async fn every_cryptographic_operation_is_open_to_its_grantee() {
    let house = House::new().await;
    let kms = &house.kms;
    let key = kms.key_of("ECC_NIST_P256", "SIGN_VERIFY").await;
    let input = json!({ "KeyId": key, "Message": "eA==", "SigningAlgorithm": "ECDSA_SHA_256" });
    assert_eq!(
        kms.call("alice", "Sign", input.clone()).await.code,
        denied()
    );
    let grant = json!({ "KeyId": key, "GranteePrincipal": alice(), "Operations": ["Sign"] });
    kms.ok("root", "CreateGrant", grant).await;
    kms.ok("alice", "Sign", input.clone()).await;
    let mut verify = input;
    verify["Signature"] = json!("eA==");
    assert_eq!(kms.call("alice", "Verify", verify).await.code, denied());
}

#[tokio::test]
async fn principals_come_one_of_a_kind_and_services_with_a_source() {
    let house = House::new().await;
    let kms = &house.kms;
    let source = json!({ "SourceArn": "arn:aws:s3:eu-west-2:111122223333:bucket" });
    let service = "ec2.amazonaws.com";
    for (more, code) in [
        (
            json!({ "GranteePrincipal": null }),
            Some("ValidationException"),
        ),
        (
            json!({ "GranteeServicePrincipal": service }),
            Some("ValidationException"),
        ),
        (
            json!({ "GranteePrincipal": null, "GranteeServicePrincipal": service }),
            Some("ValidationException"),
        ),
        (
            json!({
                "GranteePrincipal": null,
                "GranteeServicePrincipal": service,
                "Constraints": source,
            }),
            Some("ValidationException"),
        ),
        (
            json!({
                "GranteePrincipal": null,
                "GranteeServicePrincipal": service,
                "Constraints": source,
                "RetiringServicePrincipal": service,
            }),
            None,
        ),
        (
            json!({ "RetiringPrincipal": alice(), "RetiringServicePrincipal": service }),
            Some("ValidationException"),
        ),
        (json!({ "Operations": [] }), Some("ValidationException")),
        (json!({ "Name": "a b" }), Some("ValidationException")),
        (json!({ "KeyId": "alias/x" }), Some("InvalidArnException")),
    ] {
        let input = house.input(&alice(), &["Encrypt"], more.clone());
        let answer = kms.call("root", "CreateGrant", input).await;
        assert_eq!(answer.code.as_deref(), code, "{more}: {}", answer.text);
    }
    let listed = kms
        .ok("root", "ListGrants", json!({ "KeyId": house.key }))
        .await;
    assert_eq!(listed["Grants"][0]["GranteeServicePrincipal"], service);
    assert_eq!(listed["Grants"][0]["RetiringServicePrincipal"], service);
    assert_eq!(listed["Grants"][0].get("GranteePrincipal"), None);
}

#[tokio::test]
async fn a_dry_run_makes_and_ends_nothing() {
    let house = House::new().await;
    let kms = &house.kms;
    let input = house.input(&alice(), &["Encrypt"], json!({ "DryRun": true }));
    let dry = "DryRunOperationException";
    assert_eq!(kms.code("root", "CreateGrant", input.clone()).await, dry);
    assert_eq!(Some(kms.code("bob", "CreateGrant", input).await), denied());
    assert_eq!(house.encrypt("alice", json!({})).await, denied());
    let grant = house.grant(&alice(), &["Encrypt"], json!({})).await;
    let input = json!({ "KeyId": house.key, "GrantId": grant.id, "DryRun": true });
    for operation in ["RevokeGrant", "RetireGrant"] {
        assert_eq!(kms.code("root", operation, input.clone()).await, dry);
        assert_eq!(
            Some(kms.code("bob", operation, input.clone()).await),
            denied()
        );
    }
    assert_eq!(house.encrypt("alice", json!({})).await, None);
}
