//! Key policies.

use crate::house::{
    ACCOUNT, Kms, NO_KEY, OTHER, Value, allow, arn, delegation, granting, json, key_policy, policy,
    shared, text, user_arn,
};

#[tokio::test]
async fn pol_1_the_default_policy_leaves_decisions_to_iam() {
    let kms = Kms::new().await;
    kms.harness.user("allowed", &[&allow("kms:Encrypt", "*")]);
    kms.harness.user("nobody", &[]);
    let key = kms.key().await;
    let got = kms
        .ok("root", "GetKeyPolicy", json!({ "KeyId": key }))
        .await;
    let expected = format!(
        "{{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"key-default-1\",\n  \"Statement\" : [ \
         {{\n    \"Sid\" : \"Enable IAM User Permissions\",\n    \"Effect\" : \"Allow\",\n    \
         \"Principal\" : {{\n      \"AWS\" : \"arn:aws:iam::{ACCOUNT}:root\"\n    }},\n    \
         \"Action\" : \"kms:*\",\n    \"Resource\" : \"*\"\n  }} ]\n}}"
    );
    assert_eq!(got, json!({ "Policy": expected, "PolicyName": "default" }));
    if let Some(noted) = shared("n0-default-key-policy-statement.json") {
        let noted: Value = serde_json::from_str(&noted).expect("JSON");
        let ours: Value = serde_json::from_str(&expected).expect("JSON");
        assert_eq!(ours["Statement"], json!([noted]));
    }
    let input = json!({ "KeyId": key, "Plaintext": "eA==" });
    kms.ok("allowed", "Encrypt", input.clone()).await;
    let failed = kms.fails("nobody", "Encrypt", input).await;
    let text = format!(
        "User: {} is not authorized to perform: kms:Encrypt on resource: {} because no \
         identity-based policy allows the kms:Encrypt action",
        user_arn(ACCOUNT, "nobody"),
        arn(&key)
    );
    assert_eq!(failed, ("AccessDeniedException".to_owned(), text));
    let names = kms
        .ok("root", "ListKeyPolicies", json!({ "KeyId": key }))
        .await;
    assert_eq!(
        names,
        json!({ "PolicyNames": ["default"], "Truncated": false })
    );
}

#[tokio::test]
async fn pol_2_without_delegation_iam_alone_is_not_enough() {
    let kms = Kms::new().await;
    kms.harness.user("alice", &[&allow("kms:*", "*")]);
    kms.harness.user("bob", &[]);
    let key = kms
        .key_under(&key_policy(&[granting("bob", &["kms:Encrypt"])]))
        .await;
    let input = json!({ "KeyId": key, "Plaintext": "eA==" });
    let failed = kms.fails("alice", "Encrypt", input.clone()).await;
    let text = format!(
        "User: {} is not authorized to perform: kms:Encrypt on resource: {} because no \
         resource-based policy allows the kms:Encrypt action",
        user_arn(ACCOUNT, "alice"),
        arn(&key)
    );
    assert_eq!(failed, ("AccessDeniedException".to_owned(), text));
    kms.ok("bob", "Encrypt", input.clone()).await;
    // Not even the account's root user is above the key policy.
    assert_eq!(
        kms.code("root", "Encrypt", input).await,
        "AccessDeniedException"
    );
}

/// The statements of the notes with their own principals, over a delegating statement.
async fn key_of_the_notes(kms: &Kms) -> Option<String> {
    let read = |text: String| serde_json::from_str::<Value>(&text).expect("JSON");
    let user = read(shared("n0-key-user-statement.json")?);
    let manager = read(shared("n0-key-administrators-statement.json")?);
    kms.harness.user("KeyUser", &[]);
    kms.harness.user("KeyManager", &[]);
    Some(
        kms.key_under(&key_policy(&[delegation(ACCOUNT), user, manager]))
            .await,
    )
}

/// Every operation on a key, with the input that makes it succeed.
fn operations(key: &str, blob: &str) -> Vec<(&'static str, Value)> {
    let tags = json!([{ "TagKey": "a", "TagValue": "b" }]);
    let policy = key_policy(&[delegation(ACCOUNT)]).to_string();
    vec![
        ("DescribeKey", json!({ "KeyId": key })),
        ("Encrypt", json!({ "KeyId": key, "Plaintext": "eA==" })),
        ("Decrypt", json!({ "CiphertextBlob": blob })),
        (
            "ReEncrypt",
            json!({ "CiphertextBlob": blob, "DestinationKeyId": key }),
        ),
        (
            "GenerateDataKey",
            json!({ "KeyId": key, "KeySpec": "AES_256" }),
        ),
        (
            "GenerateDataKeyWithoutPlaintext",
            json!({ "KeyId": key, "KeySpec": "AES_256" }),
        ),
        ("GetKeyPolicy", json!({ "KeyId": key })),
        ("ListKeyPolicies", json!({ "KeyId": key })),
        ("ListResourceTags", json!({ "KeyId": key })),
        ("TagResource", json!({ "KeyId": key, "Tags": tags })),
        ("UntagResource", json!({ "KeyId": key, "TagKeys": ["a"] })),
        (
            "UpdateKeyDescription",
            json!({ "KeyId": key, "Description": "x" }),
        ),
        ("EnableKey", json!({ "KeyId": key })),
        ("DisableKey", json!({ "KeyId": key })),
        ("ScheduleKeyDeletion", json!({ "KeyId": key })),
        ("CancelKeyDeletion", json!({ "KeyId": key })),
        (
            "PutKeyPolicy",
            json!({ "KeyId": key, "Policy": policy,
            "BypassPolicyLockoutSafetyCheck": true }),
        ),
    ]
}

const USES: [&str; 6] = [
    "DescribeKey",
    "Encrypt",
    "Decrypt",
    "ReEncrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
];

#[tokio::test]
async fn pol_3_the_key_user_of_the_notes_uses_and_does_not_administer() {
    let kms = Kms::new().await;
    let Some(key) = key_of_the_notes(&kms).await else {
        return;
    };
    let blob = kms.encrypt(&key, b"x", json!({})).await;
    for (operation, input) in operations(&key, &blob) {
        let answer = kms.call("KeyUser", operation, input).await;
        let code = (!USES.contains(&operation)).then_some("AccessDeniedException");
        assert_eq!(answer.code.as_deref(), code, "{operation}: {}", answer.text);
    }
}

#[tokio::test]
async fn pol_4_the_key_manager_of_the_notes_administers_and_does_not_use() {
    let kms = Kms::new().await;
    let Some(key) = key_of_the_notes(&kms).await else {
        return;
    };
    let blob = kms.encrypt(&key, b"x", json!({})).await;
    for (operation, input) in operations(&key, &blob) {
        let answer = kms.call("KeyManager", operation, input).await;
        let is_use = USES.contains(&operation) && operation != "DescribeKey";
        let code = is_use.then_some("AccessDeniedException");
        assert_eq!(answer.code.as_deref(), code, "{operation}: {}", answer.text);
    }
}

#[tokio::test]
async fn pol_9_the_statement_of_the_notes_is_malformed() {
    let Some(noted) = shared("n4-malformed-statement.json") else {
        return;
    };
    let kms = Kms::new().await;
    kms.harness.user("ROLENAME", &[]);
    let noted: Value = serde_json::from_str(&noted).expect("JSON");
    let refused = |statement: Value| {
        let policy = key_policy(&[delegation(ACCOUNT), statement]);
        json!({ "Policy": policy.to_string() })
    };
    let code = kms.code("root", "CreateKey", refused(noted.clone())).await;
    assert_eq!(code, "MalformedPolicyDocumentException");
    let corrected = json!({
        "Sid": noted["Sid"],
        "Effect": "Allow",
        "Principal": { "AWS": user_arn(ACCOUNT, "ROLENAME") },
        "Action": ["kms:Decrypt", "kms:CreateGrant"],
        "Resource": "*",
        "Condition": noted["Conditio"],
    });
    // Each of its mistakes is one.
    for (element, mistake) in [
        ("Effectt", json!("Allow")),
        ("Conditio", noted["Conditio"].clone()),
        ("Principal", noted["Principal"].clone()),
        ("Action", json!("kms:Decrypted")),
    ] {
        let mut statement = corrected.clone();
        statement[element] = mistake;
        let code = kms.code("root", "CreateKey", refused(statement)).await;
        assert_eq!(code, "MalformedPolicyDocumentException", "{element}");
    }
    kms.ok("root", "CreateKey", refused(corrected)).await;
}

#[tokio::test]
async fn pol_11_the_policy_for_logs_is_accepted_and_kept_byte_for_byte() {
    let Some(noted) = shared("n2-logs-key-policy.json") else {
        return;
    };
    let kms = Kms::new().await;
    let ours = noted
        .replace("Your_account_ID", ACCOUNT)
        .replace("region", "eu-west-2");
    let created = kms.ok("root", "CreateKey", json!({ "Policy": ours })).await;
    let key = text(&created["KeyMetadata"]["KeyId"]);
    assert_eq!(policy(&kms, &key).await, ours);
    let again = ours.replace('\n', "\n ");
    kms.ok(
        "root",
        "PutKeyPolicy",
        json!({ "KeyId": key, "Policy": again }),
    )
    .await;
    assert_eq!(policy(&kms, &key).await, again);
}

#[tokio::test]
async fn sec_i5_a_key_policy_trusts_a_user_and_not_a_name() {
    let kms = Kms::new().await;
    kms.harness.user("bob", &[]);
    let statement = json!({
        "Effect": "Allow",
        "Principal": { "AWS": user_arn(ACCOUNT, "bob") },
        "Action": "kms:DescribeKey",
        "Resource": "*",
    });
    let put = key_policy(&[delegation(ACCOUNT), statement]).to_string();
    let created = kms.ok("root", "CreateKey", json!({ "Policy": put })).await;
    let key = text(&created["KeyMetadata"]["KeyId"]);
    let put_again = put.replace(',', ",  ");
    let again = json!({ "KeyId": key, "Policy": put_again });
    for shown in [put.clone(), put_again] {
        assert_eq!(policy(&kms, &key).await, shown);
        kms.ok("bob", "DescribeKey", json!({ "KeyId": key })).await;
        kms.ok("root", "PutKeyPolicy", again.clone()).await;
    }

    kms.harness.replace_user("bob", &[]);
    let describe = kms.code("bob", "DescribeKey", json!({ "KeyId": key }));
    assert_eq!(describe.await, "AccessDeniedException");
    let shown = policy(&kms, &key).await;
    assert!(
        shown.contains("\"AIDA") && !shown.contains("user/bob"),
        "{shown}"
    );
    // The id of somebody who is gone cannot be put again, a user's of today can.
    let (code, _) = kms
        .fails(
            "root",
            "PutKeyPolicy",
            json!({ "KeyId": key, "Policy": shown }),
        )
        .await;
    assert_eq!(code, "MalformedPolicyDocumentException");
    let today = shown.replace("\"AIDA", "\"AIDA2");
    kms.ok(
        "root",
        "PutKeyPolicy",
        json!({ "KeyId": key, "Policy": today }),
    )
    .await;
    kms.ok("bob", "DescribeKey", json!({ "KeyId": key })).await;
}

#[tokio::test]
async fn principals_of_the_account_must_exist() {
    let kms = Kms::new().await;
    let naming = |principal: Value| {
        let statement = json!({
            "Effect": "Allow",
            "Principal": principal,
            "Action": "kms:Decrypt",
            "Resource": "*",
        });
        key_policy(&[delegation(ACCOUNT), statement]).to_string()
    };
    let key = kms.key().await;
    let ghost = naming(json!({ "AWS": [user_arn(ACCOUNT, "ghost")] }));
    let invalid = (
        "MalformedPolicyDocumentException".to_owned(),
        "Policy contains a statement with one or more invalid principals.".to_owned(),
    );
    let put = |policy: &str| json!({ "KeyId": key, "Policy": policy });
    assert_eq!(
        kms.fails("root", "PutKeyPolicy", put(&ghost)).await,
        invalid
    );
    assert_eq!(
        kms.fails("root", "CreateKey", json!({ "Policy": ghost }))
            .await,
        invalid
    );
    let mut bypassing = put(&ghost);
    bypassing["BypassPolicyLockoutSafetyCheck"] = json!(true);
    assert_eq!(kms.fails("root", "PutKeyPolicy", bypassing).await, invalid);
    kms.harness.user("ghost", &[]);
    kms.ok("root", "PutKeyPolicy", put(&ghost)).await;
    for principal in [
        json!("*"),
        json!({ "AWS": ACCOUNT }),
        json!({ "AWS": OTHER }),
        // Nothing is known of accounts elsewhere.
        json!({ "AWS": user_arn("999988887777", "anybody") }),
        json!({ "Service": "logs.eu-west-2.amazonaws.com" }),
    ] {
        kms.ok("root", "PutKeyPolicy", put(&naming(principal)))
            .await;
    }
}

#[tokio::test]
async fn policies_have_one_name_and_a_size() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    let policy = key_policy(&[delegation(ACCOUNT)]).to_string();
    for (operation, input) in [
        (
            "GetKeyPolicy",
            json!({ "KeyId": key, "PolicyName": "other" }),
        ),
        (
            "PutKeyPolicy",
            json!({ "KeyId": key, "PolicyName": "other", "Policy": policy }),
        ),
    ] {
        let failed = kms.fails("root", operation, input).await;
        let text = "No such policy exists".to_owned();
        assert_eq!(failed, ("NotFoundException".to_owned(), text));
    }
    let sized = |size: usize| format!("{}{policy}", " ".repeat(size - policy.len()));
    let put = |policy: String| json!({ "KeyId": key, "PolicyName": "default", "Policy": policy });
    kms.ok("root", "PutKeyPolicy", put(sized(32_768))).await;
    let code = kms.code("root", "PutKeyPolicy", put(sized(32_769))).await;
    assert_eq!(code, "LimitExceededException");
    for malformed in [
        "{}",
        "null",
        "x",
        "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
    ] {
        let code = kms
            .code("root", "PutKeyPolicy", put(malformed.to_owned()))
            .await;
        assert_eq!(code, "MalformedPolicyDocumentException", "{malformed}");
    }
    let absent = json!({ "KeyId": NO_KEY, "Policy": policy });
    assert_eq!(
        kms.code("root", "PutKeyPolicy", absent).await,
        "NotFoundException"
    );
}

#[tokio::test]
async fn a_new_policy_counts_at_once() {
    let kms = Kms::new().await;
    kms.harness.user("alice", &[]);
    let key = kms.key().await;
    let input = json!({ "KeyId": key, "Plaintext": "eA==" });
    let before = policy(&kms, &key).await;
    let granted =
        key_policy(&[delegation(ACCOUNT), granting("alice", &["kms:Encrypt"])]).to_string();
    for (policy, is_allowed) in [(&granted, true), (&before, false), (&granted, true)] {
        kms.ok(
            "root",
            "PutKeyPolicy",
            json!({ "KeyId": key, "Policy": policy }),
        )
        .await;
        let answer = kms.call("alice", "Encrypt", input.clone()).await;
        assert_eq!(answer.status == 200, is_allowed, "{}", answer.text);
    }
}
