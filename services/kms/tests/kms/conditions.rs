//! Policies with wildcards, negations and conditions.

use crate::house::{
    ACCOUNT, Kms, Value, allow, arn, delegation, granting, json, key_policy, statement,
};

#[tokio::test]
async fn pol_12_wildcards_negations_and_conditions_decide() {
    let kms = Kms::new().await;
    for name in [
        "wild",
        "not-action",
        "context",
        "keys",
        "algorithm",
        "spec",
        "other-context",
    ] {
        kms.harness.user(name, &[]);
    }
    let conditional = |user: &str, condition: Value| {
        let mut statement = granting(user, &["kms:Encrypt"]);
        statement["Condition"] = condition;
        statement
    };
    let mut not_action = granting("not-action", &[]);
    not_action
        .as_object_mut()
        .expect("an object")
        .remove("Action");
    not_action["NotAction"] = json!(["kms:GenerateDataKey*", "kms:Put*"]);
    let policy = key_policy(&[
        delegation(ACCOUNT),
        granting("wild", &["kms:GenerateDataKey*", "kms:re?ncrypt*"]),
        not_action,
        conditional(
            "context",
            json!({ "StringEquals": { "kms:EncryptionContext:Dept": "IT" } }),
        ),
        conditional(
            "keys",
            json!({ "ForAllValues:StringEquals": { "kms:EncryptionContextKeys": ["Dept"] },
                "Null": { "kms:EncryptionContextKeys": "false" } }),
        ),
        conditional(
            "algorithm",
            json!({ "StringEquals": { "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT" } }),
        ),
        conditional(
            "spec",
            json!({ "StringEquals": { "kms:KeySpec": "SYMMETRIC_DEFAULT",
                "kms:KeyUsage": "ENCRYPT_DECRYPT", "kms:KeyOrigin": "AWS_KMS",
                "kms:CallerAccount": ACCOUNT }, "Bool": { "kms:MultiRegion": "false" },
                "Null": { "kms:ViaService": "true", "kms:RequestAlias": "true" } }),
        ),
        conditional(
            "other-context",
            json!({ "StringEquals": { "kms:EncryptionContext:Dept": "HR" } }),
        ),
    ]);
    let key = kms.key_under(&policy).await;
    let blob = kms.encrypt(&key, b"x", json!({})).await;
    let encrypting =
        |context: Value| json!({ "KeyId": key, "Plaintext": "eA==", "EncryptionContext": context });
    let data_key = json!({ "KeyId": key, "KeySpec": "AES_256" });
    let moving = json!({ "CiphertextBlob": blob, "DestinationKeyId": key });
    for (who, operation, input, is_allowed) in [
        ("wild", "GenerateDataKey", data_key.clone(), true),
        (
            "wild",
            "GenerateDataKeyWithoutPlaintext",
            data_key.clone(),
            true,
        ),
        ("wild", "ReEncrypt", moving, true),
        ("wild", "Encrypt", encrypting(json!({})), false),
        ("not-action", "Encrypt", encrypting(json!({})), true),
        ("not-action", "GenerateDataKey", data_key, false),
        (
            "context",
            "Encrypt",
            encrypting(json!({ "Dept": "IT" })),
            true,
        ),
        (
            "context",
            "Encrypt",
            encrypting(json!({ "Dept": "it" })),
            false,
        ),
        ("context", "Encrypt", encrypting(json!({})), false),
        (
            "other-context",
            "Encrypt",
            encrypting(json!({ "Dept": "IT" })),
            false,
        ),
        ("keys", "Encrypt", encrypting(json!({ "Dept": "x" })), true),
        (
            "keys",
            "Encrypt",
            encrypting(json!({ "Dept": "x", "more": "y" })),
            false,
        ),
        ("keys", "Encrypt", encrypting(json!({ "dept": "x" })), false),
        ("algorithm", "Encrypt", encrypting(json!({})), true),
        ("spec", "Encrypt", encrypting(json!({})), true),
    ] {
        let answer = kms.call(who, operation, input).await;
        let code = (!is_allowed).then_some("AccessDeniedException");
        assert_eq!(
            answer.code.as_deref(),
            code,
            "{who} {operation}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn pol_12_conditions_on_re_encryption_deletion_and_lockout() {
    let kms = Kms::new().await;
    let conditional = |action: &str, condition: Value| {
        statement(&json!({
            "Effect": "Allow",
            "Action": action,
            "Resource": "*",
            "Condition": condition,
        }))
    };
    let same = conditional(
        "kms:ReEncrypt*",
        json!({ "Bool": { "kms:ReEncryptOnSameKey": true } }),
    );
    let days = conditional(
        "kms:ScheduleKeyDeletion",
        json!({ "NumericGreaterThanEquals": {
            "kms:ScheduleKeyDeletionPendingWindowInDays": "20" } }),
    );
    let safe = conditional(
        "kms:PutKeyPolicy",
        json!({ "Bool": { "kms:BypassPolicyLockoutSafetyCheck": "false" } }),
    );
    let create = conditional(
        "kms:CreateKey",
        json!({ "StringEquals": { "kms:KeySpec": "SYMMETRIC_DEFAULT" },
            "Bool": { "kms:BypassPolicyLockoutSafetyCheck": "false" } }),
    );
    for (name, policy) in [
        ("same", &same),
        ("days", &days),
        ("safe", &safe),
        ("create", &create),
    ] {
        kms.harness.user(name, &[policy]);
    }
    let (key, other) = (kms.key().await, kms.key().await);
    let blob = kms.encrypt(&key, b"x", json!({})).await;
    let moving = |to: &str| json!({ "CiphertextBlob": blob, "DestinationKeyId": to });
    let policy = key_policy(&[delegation(ACCOUNT)]).to_string();
    for (who, operation, input, is_allowed) in [
        ("same", "ReEncrypt", moving(&other), false),
        ("same", "ReEncrypt", moving(&key), true),
        (
            "days",
            "ScheduleKeyDeletion",
            json!({ "KeyId": other, "PendingWindowInDays": 7 }),
            false,
        ),
        (
            "days",
            "ScheduleKeyDeletion",
            json!({ "KeyId": other }),
            true,
        ),
        (
            "safe",
            "PutKeyPolicy",
            json!({ "KeyId": key, "Policy": policy, "BypassPolicyLockoutSafetyCheck": true }),
            false,
        ),
        (
            "create",
            "CreateKey",
            json!({ "BypassPolicyLockoutSafetyCheck": true }),
            false,
        ),
        (
            "create",
            "CreateKey",
            json!({ "KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC" }),
            false,
        ),
        ("create", "CreateKey", json!({}), true),
    ] {
        let answer = kms.call(who, operation, input).await;
        let code = (!is_allowed).then_some("AccessDeniedException");
        assert_eq!(
            answer.code.as_deref(),
            code,
            "{who} {operation}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn kms_13_re_encrypt_needs_both_permissions_on_the_right_keys() {
    let kms = Kms::new().await;
    let (from, to) = (kms.key().await, kms.key().await);
    let on = |action: &str, key: &str| allow(action, &arn(key));
    let both = [on("kms:ReEncryptFrom", &from), on("kms:ReEncryptTo", &to)];
    kms.harness.user("both", &[&both[0], &both[1]]);
    kms.harness.user("from", &[&both[0]]);
    kms.harness.user("to", &[&both[1]]);
    let crossed = [on("kms:ReEncryptFrom", &to), on("kms:ReEncryptTo", &from)];
    kms.harness.user("crossed", &[&crossed[0], &crossed[1]]);
    let blob = kms.encrypt(&from, b"x", json!({})).await;
    let input = json!({ "CiphertextBlob": blob, "DestinationKeyId": to });
    for (who, lacks) in [
        ("from", "kms:ReEncryptTo"),
        ("to", "kms:ReEncryptFrom"),
        ("crossed", "kms:ReEncryptFrom"),
    ] {
        let (code, message) = kms.fails(who, "ReEncrypt", input.clone()).await;
        assert_eq!(code, "AccessDeniedException");
        assert!(
            message.contains(&format!("not authorized to perform: {lacks} on")),
            "{message}"
        );
    }
    kms.ok("both", "ReEncrypt", input).await;
}
