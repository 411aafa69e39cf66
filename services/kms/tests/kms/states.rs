//! Every operation in every state of a key ("Key states of AWS KMS keys").

use crate::house::{ACCOUNT, Kms, Value, arn, delegation, json, key_policy, text};

const OK: &str = "";
const DISABLED: &str = "DisabledException";
const STATE: &str = "KMSInvalidStateException";

/// An operation on `key`, where `other` is an enabled key with the alias `alias/other`, `blob` what
/// `key` made of a message (a ciphertext, a signature..) and `alias/key` an alias of it.
pub(crate) type Call = fn(key: &str, other: &str, blob: &str) -> Value;

/// Whom grants are to.
const GRANTEE: &str = "arn:aws:iam::111122223333:root";

/// Operation, input, and the code for an enabled, a disabled, and a key pending deletion.
pub(crate) const TABLE: &[(&str, Call, [&str; 3])] = &[
    (
        "CancelKeyDeletion",
        |key, _, _| json!({ "KeyId": key }),
        [STATE, STATE, OK],
    ),
    (
        "CreateAlias",
        |key, _, _| json!({ "AliasName": "alias/new", "TargetKeyId": key }),
        [OK, OK, STATE],
    ),
    (
        "CreateGrant",
        |key, _, _| json!({ "KeyId": key, "GranteePrincipal": GRANTEE, "Operations": ["DescribeKey"] }),
        [OK, DISABLED, STATE],
    ),
    (
        "Decapsulate",
        |key, _, blob| json!({ "KeyId": key, "SharedSecretCiphertextBlob": blob, "EncapsulationAlgorithm": "ML_KEM" }),
        [OK, DISABLED, STATE],
    ),
    (
        "Decrypt",
        |_, _, blob| json!({ "CiphertextBlob": blob }),
        [OK, DISABLED, STATE],
    ),
    (
        "DeleteAlias",
        |_, _, _| json!({ "AliasName": "alias/key" }),
        [OK, OK, OK],
    ),
    (
        "DeriveSharedSecret",
        |key, _, blob| json!({ "KeyId": key, "PublicKey": blob, "KeyAgreementAlgorithm": "ECDH" }),
        [OK, DISABLED, STATE],
    ),
    (
        "DescribeKey",
        |key, _, _| json!({ "KeyId": key }),
        [OK, OK, OK],
    ),
    (
        "DisableKey",
        |key, _, _| json!({ "KeyId": key }),
        [OK, OK, STATE],
    ),
    (
        "DisableKeyRotation",
        |key, _, _| json!({ "KeyId": key }),
        [OK, DISABLED, STATE],
    ),
    (
        "EnableKey",
        |key, _, _| json!({ "KeyId": key }),
        [OK, OK, STATE],
    ),
    (
        "EnableKeyRotation",
        |key, _, _| json!({ "KeyId": key }),
        [OK, DISABLED, STATE],
    ),
    (
        "Encapsulate",
        |key, _, _| json!({ "KeyId": key, "EncapsulationAlgorithm": "ML_KEM" }),
        [OK, DISABLED, STATE],
    ),
    (
        "Encrypt",
        |key, _, _| json!({ "KeyId": key, "Plaintext": "eA==" }),
        [OK, DISABLED, STATE],
    ),
    (
        "GenerateDataKey",
        |key, _, _| json!({ "KeyId": key, "KeySpec": "AES_256" }),
        [OK, DISABLED, STATE],
    ),
    (
        "GenerateDataKeyPair",
        |key, _, _| json!({ "KeyId": key, "KeyPairSpec": "ECC_NIST_P256" }),
        [OK, DISABLED, STATE],
    ),
    (
        "GenerateDataKeyPairWithoutPlaintext",
        |key, _, _| json!({ "KeyId": key, "KeyPairSpec": "ECC_NIST_P256" }),
        [OK, DISABLED, STATE],
    ),
    (
        "GenerateDataKeyWithoutPlaintext",
        |key, _, _| json!({ "KeyId": key, "KeySpec": "AES_256" }),
        [OK, DISABLED, STATE],
    ),
    (
        "GenerateMac",
        |key, _, _| json!({ "KeyId": key, "Message": "eA==", "MacAlgorithm": "HMAC_SHA_256" }),
        [OK, DISABLED, STATE],
    ),
    (
        "GetKeyLastUsage",
        |key, _, _| json!({ "KeyId": key }),
        [OK, OK, OK],
    ),
    (
        "GetKeyPolicy",
        |key, _, _| json!({ "KeyId": key }),
        [OK, OK, OK],
    ),
    (
        "GetKeyRotationStatus",
        |key, _, _| json!({ "KeyId": key }),
        [OK, OK, OK],
    ),
    (
        "GetPublicKey",
        |key, _, _| json!({ "KeyId": key }),
        [OK, OK, STATE],
    ),
    (
        "ListAliases",
        |key, _, _| json!({ "KeyId": key }),
        [OK, OK, OK],
    ),
    (
        "ListGrants",
        |key, _, _| json!({ "KeyId": key }),
        [OK, OK, OK],
    ),
    (
        "ListKeyPolicies",
        |key, _, _| json!({ "KeyId": key }),
        [OK, OK, OK],
    ),
    (
        "ListKeyRotations",
        |key, _, _| json!({ "KeyId": key }),
        [OK, OK, OK],
    ),
    (
        "ListResourceTags",
        |key, _, _| json!({ "KeyId": key }),
        [OK, OK, OK],
    ),
    (
        "ListRetirableGrants",
        |_, _, _| json!({ "RetiringPrincipal": GRANTEE }),
        [OK, OK, OK],
    ),
    (
        "PutKeyPolicy",
        |key, _, _| {
            let policy = key_policy(&[delegation(ACCOUNT)]).to_string();
            json!({ "KeyId": key, "Policy": policy })
        },
        [OK, OK, OK],
    ),
    (
        "ReEncrypt",
        |_, other, blob| json!({ "CiphertextBlob": blob, "DestinationKeyId": other }),
        [OK, DISABLED, STATE],
    ),
    (
        "RetireGrant",
        |key, _, grant| json!({ "KeyId": key, "GrantId": grant }),
        [OK, OK, OK],
    ),
    (
        "RevokeGrant",
        |key, _, grant| json!({ "KeyId": key, "GrantId": grant }),
        [OK, OK, OK],
    ),
    (
        "RotateKeyOnDemand",
        |key, _, _| json!({ "KeyId": key }),
        [OK, DISABLED, STATE],
    ),
    (
        "ScheduleKeyDeletion",
        |key, _, _| json!({ "KeyId": key }),
        [OK, OK, STATE],
    ),
    (
        "Sign",
        |key, _, _| json!({ "KeyId": key, "Message": "eA==", "SigningAlgorithm": "ECDSA_SHA_256" }),
        [OK, DISABLED, STATE],
    ),
    (
        "TagResource",
        |key, _, _| json!({ "KeyId": key, "Tags": [{ "TagKey": "a", "TagValue": "b" }] }),
        [OK, OK, STATE],
    ),
    (
        "UntagResource",
        |key, _, _| json!({ "KeyId": key, "TagKeys": ["a"] }),
        [OK, OK, STATE],
    ),
    // Away from this key, and towards it.
    (
        "UpdateAlias",
        |_, other, _| json!({ "AliasName": "alias/key", "TargetKeyId": other }),
        [OK, OK, OK],
    ),
    (
        "UpdateAlias",
        |key, _, _| json!({ "AliasName": "alias/other", "TargetKeyId": key }),
        [OK, OK, STATE],
    ),
    (
        "UpdateKeyDescription",
        |key, _, _| json!({ "KeyId": key, "Description": "x" }),
        [OK, OK, STATE],
    ),
    (
        "Verify",
        |key, _, blob| json!({ "KeyId": key, "Message": "eA==", "Signature": blob, "SigningAlgorithm": "ECDSA_SHA_256" }),
        [OK, DISABLED, STATE],
    ),
    (
        "VerifyMac",
        |key, _, blob| json!({ "KeyId": key, "Message": "eA==", "Mac": blob, "MacAlgorithm": "HMAC_SHA_256" }),
        [OK, DISABLED, STATE],
    ),
];

/// The kind of key that an operation takes, and how such a key makes what the operation reads.
pub(crate) const KINDS: &[(&[&str], [&str; 2], &str)] = &[
    (
        &["Sign", "Verify", "GetPublicKey"],
        ["ECC_NIST_P256", "SIGN_VERIFY"],
        "Sign",
    ),
    (
        &["GenerateMac", "VerifyMac"],
        ["HMAC_256", "GENERATE_VERIFY_MAC"],
        "GenerateMac",
    ),
    (
        &["RetireGrant", "RevokeGrant"],
        ["SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"],
        "CreateGrant",
    ),
    (
        &["DeriveSharedSecret"],
        ["ECC_NIST_P256", "KEY_AGREEMENT"],
        "GetPublicKey",
    ),
    (
        &["Encapsulate", "Decapsulate"],
        ["ML_KEM_512", "ENCAPSULATE_DECAPSULATE"],
        "Encapsulate",
    ),
];

/// A key for `operation`, and what it makes.
async fn key_for(kms: &Kms, operation: &str) -> (String, String) {
    let mut kinds = KINDS.iter();
    let Some((_, [spec, usage], maker)) = kinds.find(|(names, ..)| names.contains(&operation))
    else {
        let key = kms.key().await;
        let blob = kms.encrypt(&key, b"x", json!({})).await;
        return (key, blob);
    };
    let key = kms.key_of(spec, usage).await;
    let mut table = TABLE.iter();
    let (_, input, _) = table.find(|(name, ..)| name == maker).expect("a row");
    let made = kms.ok("root", maker, input(&key, "", "")).await;
    let member = match *maker {
        "Sign" => "Signature",
        "GenerateMac" => "Mac",
        "GetPublicKey" => "PublicKey",
        "CreateGrant" => "GrantId",
        _ => "SharedSecretCiphertextBlob",
    };
    (key, text(&made[member]))
}

#[tokio::test]
async fn kms_2_every_operation_in_every_state() {
    for (operation, input, codes) in TABLE {
        for (state, expected) in ["Enabled", "Disabled", "PendingDeletion"].iter().zip(codes) {
            let kms = Kms::new().await;
            let (key, blob) = key_for(&kms, operation).await;
            let other = kms.key().await;
            for (name, target) in [("alias/key", &key), ("alias/other", &other)] {
                let alias = json!({ "AliasName": name, "TargetKeyId": target });
                kms.ok("root", "CreateAlias", alias).await;
            }
            match *state {
                "Disabled" => kms.ok("root", "DisableKey", json!({ "KeyId": key })).await,
                "PendingDeletion" => {
                    kms.ok("root", "ScheduleKeyDeletion", json!({ "KeyId": key }))
                        .await
                }
                _ => Value::Null,
            };
            let answer = kms
                .call("root", operation, input(&key, &other, &blob))
                .await;
            let place = format!("{operation} of a key that is {state}: {}", answer.text);
            assert_eq!(answer.code.unwrap_or_default(), *expected, "{place}");
            let said = answer.body["message"].as_str().unwrap_or_default();
            let wanted = match (*expected, *operation) {
                (DISABLED, _) => format!("{} is disabled.", arn(&key)),
                (STATE, "CancelKeyDeletion") => format!("{} is not pending deletion.", arn(&key)),
                (STATE, _) => format!("{} is pending deletion.", arn(&key)),
                _ => String::new(),
            };
            assert_eq!(said, wanted, "{place}");
        }
    }
}

#[tokio::test]
async fn the_table_knows_every_operation_on_a_key() {
    // These work on no key that exists, or on none that was made here.
    let others = [
        "CreateKey",
        "DeleteImportedKeyMaterial",
        "GenerateRandom",
        "GetParametersForImport",
        "ImportKeyMaterial",
        "ListKeys",
        // `multi_region_states` goes through the states of these, as `import_states` does of those.
        "ReplicateKey",
        "UpdatePrimaryRegion",
    ];
    for operation in api::kms::SERVICE.operations {
        let is_known = TABLE.iter().any(|(known, ..)| *known == operation.name);
        assert!(
            is_known != others.contains(&operation.name),
            "{}",
            operation.name
        );
    }
}

#[tokio::test]
async fn kms_2_re_encrypt_looks_at_the_destination_too() {
    let kms = Kms::new().await;
    let (from, to) = (kms.key().await, kms.key().await);
    let blob = kms.encrypt(&from, b"x", json!({})).await;
    let input = json!({ "CiphertextBlob": blob, "DestinationKeyId": to });
    kms.ok("root", "DisableKey", json!({ "KeyId": to })).await;
    let failed = kms.fails("root", "ReEncrypt", input.clone()).await;
    assert_eq!(
        failed,
        (DISABLED.to_owned(), format!("{} is disabled.", arn(&to)))
    );
    kms.ok("root", "ScheduleKeyDeletion", json!({ "KeyId": to }))
        .await;
    assert_eq!(kms.code("root", "ReEncrypt", input).await, STATE);
}

#[tokio::test]
async fn kms_2_enabling_makes_a_key_usable_again() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    let blob = kms.encrypt(&key, b"x", json!({})).await;
    for (operation, state, is_enabled) in [
        ("DisableKey", "Disabled", false),
        ("DisableKey", "Disabled", false),
        ("EnableKey", "Enabled", true),
        ("EnableKey", "Enabled", true),
    ] {
        kms.ok("root", operation, json!({ "KeyId": key })).await;
        let described = kms.ok("root", "DescribeKey", json!({ "KeyId": key })).await;
        assert_eq!(described["KeyMetadata"]["KeyState"], json!(state));
        assert_eq!(described["KeyMetadata"]["Enabled"], json!(is_enabled));
        let answer = kms
            .call("root", "Decrypt", json!({ "CiphertextBlob": blob }))
            .await;
        assert_eq!(answer.status == 200, is_enabled, "{}", answer.text);
    }
}

#[tokio::test]
async fn a_denied_caller_does_not_learn_the_state() {
    let kms = Kms::new().await;
    kms.harness.user("nobody", &[]);
    let key = kms.key().await;
    let input = json!({ "KeyId": key, "Plaintext": "eA==" });
    let enabled = kms.fails("nobody", "Encrypt", input.clone()).await;
    kms.ok("root", "DisableKey", json!({ "KeyId": key })).await;
    assert_eq!(kms.fails("nobody", "Encrypt", input.clone()).await, enabled);
    kms.ok("root", "ScheduleKeyDeletion", json!({ "KeyId": key }))
        .await;
    assert_eq!(kms.fails("nobody", "Encrypt", input.clone()).await, enabled);
    kms.harness.clock.advance(31 * 86_400);
    assert_eq!(kms.fails("nobody", "Encrypt", input).await, enabled);
}
