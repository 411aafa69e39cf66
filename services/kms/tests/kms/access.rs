//! Who may call what: every operation as nobody, as a user without policies, and across accounts.

use crate::house::{
    ACCOUNT, Answer, Kms, NO_KEY, OTHER, REGION, Value, allow, arn, delegation, json, key_policy,
    statement, text, user_arn,
};

/// Every operation, with an input that only permissions keep from succeeding, and the action and
/// resource that are decided on first.
fn operations(key: &str, blob: &str) -> Vec<(&'static str, Value, String, String)> {
    let on_key = |operation: &'static str, mut input: Value| {
        input["KeyId"] = json!(key);
        (operation, input, format!("kms:{operation}"), arn(key))
    };
    let on_all = |operation: &'static str, input: Value| {
        (operation, input, format!("kms:{operation}"), "*".to_owned())
    };
    let on_alias = |operation: &'static str, mut input: Value| {
        input["AliasName"] = json!("alias/x");
        let alias = format!("arn:aws:kms:{REGION}:{ACCOUNT}:alias/x");
        (operation, input, format!("kms:{operation}"), alias)
    };
    let policy = key_policy(&[delegation(ACCOUNT)]).to_string();
    vec![
        on_key("CancelKeyDeletion", json!({})),
        on_alias("CreateAlias", json!({ "TargetKeyId": key })),
        on_key(
            "CreateGrant",
            json!({
                "GranteePrincipal": user_arn(ACCOUNT, "nobody"),
                "Operations": ["DescribeKey"],
            }),
        ),
        on_all("CreateKey", json!({})),
        on_key(
            "Decapsulate",
            json!({ "SharedSecretCiphertextBlob": "eA==", "EncapsulationAlgorithm": "ML_KEM" }),
        ),
        on_key("Decrypt", json!({ "CiphertextBlob": blob })),
        on_alias("DeleteAlias", json!({})),
        on_key("DeleteImportedKeyMaterial", json!({})),
        on_key(
            "DeriveSharedSecret",
            json!({ "PublicKey": "eA==", "KeyAgreementAlgorithm": "ECDH" }),
        ),
        on_key("DescribeKey", json!({})),
        on_key("DisableKey", json!({})),
        on_key("DisableKeyRotation", json!({})),
        on_key("EnableKey", json!({})),
        on_key("EnableKeyRotation", json!({})),
        on_key("Encapsulate", json!({ "EncapsulationAlgorithm": "ML_KEM" })),
        on_key("Encrypt", json!({ "Plaintext": "eA==" })),
        on_key("GenerateDataKey", json!({ "KeySpec": "AES_256" })),
        on_key(
            "GenerateDataKeyPair",
            json!({ "KeyPairSpec": "ECC_NIST_P256" }),
        ),
        on_key(
            "GenerateDataKeyPairWithoutPlaintext",
            json!({ "KeyPairSpec": "ECC_NIST_P256" }),
        ),
        on_key(
            "GenerateDataKeyWithoutPlaintext",
            json!({ "KeySpec": "AES_256" }),
        ),
        on_key(
            "GenerateMac",
            json!({ "Message": "eA==", "MacAlgorithm": "HMAC_SHA_256" }),
        ),
        on_all("GenerateRandom", json!({ "NumberOfBytes": 1 })),
        on_key("GetKeyLastUsage", json!({})),
        on_key("GetKeyPolicy", json!({})),
        on_key("GetKeyRotationStatus", json!({})),
        on_key(
            "GetParametersForImport",
            json!({ "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048" }),
        ),
        on_key("GetPublicKey", json!({})),
        on_key(
            "ImportKeyMaterial",
            json!({ "ImportToken": "eA==", "EncryptedKeyMaterial": "eA==" }),
        ),
        on_all("ListAliases", json!({})),
        on_key("ListGrants", json!({})),
        on_key("ListKeyPolicies", json!({})),
        on_key("ListKeyRotations", json!({})),
        on_all("ListKeys", json!({})),
        on_key("ListResourceTags", json!({})),
        on_all(
            "ListRetirableGrants",
            json!({ "RetiringPrincipal": user_arn(ACCOUNT, "nobody") }),
        ),
        on_key("PutKeyPolicy", json!({ "Policy": policy })),
        (
            "ReEncrypt",
            json!({ "CiphertextBlob": blob, "DestinationKeyId": key }),
            "kms:ReEncryptFrom".to_owned(),
            arn(key),
        ),
        on_key("ReplicateKey", json!({ "ReplicaRegion": "us-east-1" })),
        on_key("RetireGrant", json!({ "GrantId": "0".repeat(64) })),
        on_key("RevokeGrant", json!({ "GrantId": "0".repeat(64) })),
        on_key("RotateKeyOnDemand", json!({})),
        on_key("ScheduleKeyDeletion", json!({})),
        on_key(
            "Sign",
            json!({ "Message": "eA==", "SigningAlgorithm": "ECDSA_SHA_256" }),
        ),
        on_key(
            "TagResource",
            json!({ "Tags": [{ "TagKey": "a", "TagValue": "b" }] }),
        ),
        on_key("UntagResource", json!({ "TagKeys": ["a"] })),
        on_alias("UpdateAlias", json!({ "TargetKeyId": key })),
        on_key("UpdateKeyDescription", json!({ "Description": "x" })),
        on_key(
            "UpdatePrimaryRegion",
            json!({ "PrimaryRegion": "us-east-1" }),
        ),
        on_key(
            "Verify",
            json!({
                "Message": "eA==",
                "Signature": "eA==",
                "SigningAlgorithm": "ECDSA_SHA_256",
            }),
        ),
        on_key(
            "VerifyMac",
            json!({ "Message": "eA==", "Mac": "eA==", "MacAlgorithm": "HMAC_SHA_256" }),
        ),
    ]
}

#[tokio::test]
async fn every_operation_refuses_callers_without_credentials_or_permission() {
    let kms = Kms::new().await;
    kms.harness.user("nobody", &[]);
    let key = kms.key().await;
    let blob = kms.encrypt(&key, b"x", json!({})).await;
    let operations = operations(&key, &blob);
    let names: Vec<_> = operations.iter().map(|(name, ..)| *name).collect();
    let known: Vec<_> = api::kms::SERVICE
        .operations
        .iter()
        .map(|table| table.name)
        .collect();
    assert_eq!(names, known);
    for (operation, input, action, resource) in operations {
        let answer = kms.call("anonymous", operation, input.clone()).await;
        let code = Some("MissingAuthenticationTokenException");
        assert_eq!(answer.code.as_deref(), code, "{operation}");
        let failed = kms.fails("nobody", operation, input).await;
        let text = format!(
            "User: {} is not authorized to perform: {action} on resource: {resource} because no \
             identity-based policy allows the {action} action",
            user_arn(ACCOUNT, "nobody"),
        );
        assert_eq!(
            failed,
            ("AccessDeniedException".to_owned(), text),
            "{operation}"
        );
    }
}

#[tokio::test]
async fn a_caller_without_permission_does_not_learn_which_keys_exist() {
    let kms = Kms::new().await;
    kms.harness.user("nobody", &[]);
    let key = kms.key().await;
    let blob = kms.encrypt(&key, b"x", json!({})).await;
    for ((operation, here, ..), (_, absent, ..)) in operations(&key, &blob)
        .into_iter()
        .zip(operations(NO_KEY, &blob))
    {
        let here = kms.fails("nobody", operation, here).await;
        let absent = kms.fails("nobody", operation, absent).await;
        let absent = (absent.0, absent.1.replace(NO_KEY, &key));
        assert_eq!(here, absent, "{operation}");
    }
}

/// The inputs that name a key of this account by ARN, for every operation that takes a key.
fn by_arn(key: &str, blob: &str) -> Vec<(&'static str, Value)> {
    let inputs = operations(key, blob)
        .into_iter()
        .map(|(operation, mut input, ..)| {
            for member in ["KeyId", "TargetKeyId", "DestinationKeyId"] {
                if input.get(member).is_some() {
                    input[member] = json!(arn(key));
                }
            }
            if operation == "ListAliases" {
                input["KeyId"] = json!(arn(key));
            }
            (operation, input)
        });
    let takes_no_key = [
        "CreateKey",
        "GenerateRandom",
        "ListKeys",
        "ListRetirableGrants",
        "DeleteAlias",
    ];
    inputs
        .filter(|(operation, _)| !takes_no_key.contains(operation))
        .collect()
}

/// What a caller sees of an answer, with the name of the key made the same.
fn seen(answer: &Answer, key: &str) -> (u16, String) {
    (answer.status, answer.text.replace(key, "KEY"))
}

#[tokio::test]
async fn another_accounts_key_looks_the_same_as_none() {
    let kms = Kms::new().await;
    kms.harness
        .user_of(OTHER, "mallory", &[&allow("kms:*", "*")]);
    let key = kms.key().await;
    let blob = kms.encrypt(&key, b"x", json!({})).await;
    for who in ["mallory", "other-root"] {
        let own = text(&kms.ok(who, "CreateKey", json!({})).await["KeyMetadata"]["KeyId"]);
        let alias = json!({ "AliasName": "alias/x", "TargetKeyId": own });
        let _ = kms.call(who, "CreateAlias", alias).await;
        for ((operation, here), (_, absent)) in
            by_arn(&key, &blob).into_iter().zip(by_arn(NO_KEY, &blob))
        {
            let here = kms.call(who, operation, here).await;
            let absent = kms.call(who, operation, absent).await;
            assert_eq!(
                seen(&here, &key),
                seen(&absent, NO_KEY),
                "{who} {operation}"
            );
            assert_eq!(here.status, 400, "{who} {operation}: {}", here.text);
            let expected = match operation {
                "ListAliases" => "NotFoundException",
                _ => "AccessDeniedException",
            };
            assert_eq!(here.code.as_deref(), Some(expected), "{who} {operation}");
        }
    }
    // Nothing happened to the key.
    let described = kms.ok("root", "DescribeKey", json!({ "KeyId": key })).await;
    assert_eq!(described["KeyMetadata"]["KeyState"], "Enabled");
    let listed = kms
        .ok("root", "ListResourceTags", json!({ "KeyId": key }))
        .await;
    assert_eq!(listed["Tags"], json!([]));
}

#[tokio::test]
async fn the_refusal_across_accounts_is_aws_sentence() {
    let kms = Kms::new().await;
    kms.harness
        .user_of(OTHER, "mallory", &[&allow("kms:*", "*")]);
    let key = kms.key().await;
    kms.ok(
        "root",
        "CreateAlias",
        json!({ "AliasName": "alias/x", "TargetKeyId": key }),
    )
    .await;
    let alias = |name: &str| format!("arn:aws:kms:{REGION}:{ACCOUNT}:alias/{name}");
    for name in [arn(&key), arn(NO_KEY), alias("x"), alias("none")] {
        let failed = kms
            .fails("mallory", "DescribeKey", json!({ "KeyId": name }))
            .await;
        let text = format!(
            "User: {} is not authorized to perform: kms:DescribeKey on resource: {name} because \
             the resource does not exist in this Region, no resource-based policies allow \
             access, or a resource-based policy explicitly denies access",
            user_arn(OTHER, "mallory"),
        );
        assert_eq!(failed, ("AccessDeniedException".to_owned(), text));
    }
}

#[tokio::test]
async fn a_foreign_ciphertext_does_not_tell_whether_its_key_exists() {
    let kms = Kms::new().await;
    kms.harness
        .user_of(OTHER, "mallory", &[&allow("kms:*", "*")]);
    let key = kms.key().await;
    let blob = kms.encrypt(&key, b"x", json!({})).await;
    let text = "The ciphertext refers to a customer master key that does not exist, does not \
                exist in this region, or you are not allowed to access.";
    let denied = ("AccessDeniedException".to_owned(), text.to_owned());
    let input = json!({ "CiphertextBlob": blob });
    assert_eq!(kms.fails("mallory", "Decrypt", input.clone()).await, denied);
    kms.ok("root", "ScheduleKeyDeletion", json!({ "KeyId": key }))
        .await;
    assert_eq!(kms.fails("mallory", "Decrypt", input.clone()).await, denied);
    kms.harness.clock.advance(31 * 86_400);
    assert_eq!(kms.fails("mallory", "Decrypt", input).await, denied);
}

#[tokio::test]
async fn pol_6_across_accounts_both_sides_must_allow() {
    let kms = Kms::new().await;
    kms.harness
        .user_of(OTHER, "partner", &[&allow("kms:*", "*")]);
    kms.harness.user_of(OTHER, "clerk", &[]);
    let sharing = json!({
        "Effect": "Allow",
        "Principal": { "AWS": format!("arn:aws:iam::{OTHER}:root") },
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey", "kms:DisableKey"],
        "Resource": "*",
        "Condition": { "StringEquals": { "kms:CallerAccount": OTHER } },
    });
    let key = kms
        .key_under(&key_policy(&[delegation(ACCOUNT), sharing]))
        .await;
    kms.ok(
        "root",
        "CreateAlias",
        json!({ "AliasName": "alias/shared", "TargetKeyId": key }),
    )
    .await;
    let input = json!({ "KeyId": arn(&key), "Plaintext": "eA==" });
    let encrypted = kms.ok("partner", "Encrypt", input.clone()).await;
    assert_eq!(encrypted["KeyId"], json!(arn(&key)));
    let decrypting = json!({ "CiphertextBlob": encrypted["CiphertextBlob"] });
    kms.ok("partner", "Decrypt", decrypting.clone()).await;
    kms.ok("root", "Decrypt", decrypting.clone()).await;
    let by_alias = format!("arn:aws:kms:{REGION}:{ACCOUNT}:alias/shared");
    kms.ok("partner", "DescribeKey", json!({ "KeyId": by_alias }))
        .await;
    // By alias name and by id, one means a key of one's own.
    for own in ["alias/shared", key.as_str()] {
        let code = kms
            .code("partner", "DescribeKey", json!({ "KeyId": own }))
            .await;
        assert_eq!(code, "NotFoundException");
    }
    for (who, operation, input) in [
        ("clerk", "Encrypt", input),
        ("clerk", "Decrypt", decrypting),
        // The key policy does not share this.
        (
            "partner",
            "GenerateDataKey",
            json!({ "KeyId": arn(&key), "KeySpec": "AES_256" }),
        ),
        // AWS does not offer this across accounts, whatever policies say.
        ("partner", "DisableKey", json!({ "KeyId": arn(&key) })),
    ] {
        let code = kms.code(who, operation, input).await;
        assert_eq!(code, "AccessDeniedException", "{who} {operation}");
    }
}

#[tokio::test]
async fn grant_tokens_that_nobody_issued_are_invalid() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    let input = json!({ "KeyId": key, "Plaintext": "eA==", "GrantTokens": ["AQpAM2RhZGIzY2Q"] });
    assert_eq!(
        kms.code("root", "Encrypt", input).await,
        "InvalidGrantTokenException"
    );
    let input = json!({ "KeyId": key, "GrantTokens": ["AQpAM2RhZGIzY2Q"] });
    assert_eq!(
        kms.code("root", "DescribeKey", input).await,
        "InvalidGrantTokenException"
    );
}

#[tokio::test]
async fn an_explicit_deny_wins_everywhere() {
    let kms = Kms::new().await;
    let denying = statement(&json!({ "Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*" }));
    kms.harness.user("alice", &[&allow("kms:*", "*"), &denying]);
    let key = kms.key().await;
    let blob = kms.encrypt(&key, b"x", json!({})).await;
    let (code, message) = kms
        .fails("alice", "Decrypt", json!({ "CiphertextBlob": blob }))
        .await;
    assert_eq!(code, "AccessDeniedException");
    assert!(
        message.ends_with("with an explicit deny in an identity-based policy"),
        "{message}"
    );
    kms.ok(
        "alice",
        "Encrypt",
        json!({ "KeyId": key, "Plaintext": "eA==" }),
    )
    .await;
}
