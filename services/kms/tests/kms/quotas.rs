//! Request rates: which calls share one, and whose they are.

use crate::house::*;

const TEXT: &str = "You have exceeded the rate at which you may call KMS. Reduce the frequency of \
                    your calls.";

/// A KMS that throttles. Its clock stands still.
async fn throttling() -> Kms {
    let kms = Kms::new().await;
    kms.harness.pipeline.limit_rates();
    kms
}

/// How many of `tries` calls are let through; the others are throttled.
async fn passed(kms: &Kms, who: &str, operation: &str, input: &Value, tries: usize) -> usize {
    passed_in(kms, REGION, who, operation, input, tries).await
}

async fn passed_in(
    kms: &Kms,
    region: &str,
    who: &str,
    operation: &str,
    input: &Value,
    tries: usize,
) -> usize {
    let mut passed = 0;
    for _ in 0..tries {
        let answer = kms.call_in(region, who, operation, input.clone()).await;
        match answer.code.as_deref() {
            Some("ThrottlingException") => {
                assert_eq!((answer.status, answer.message()), (400, TEXT));
            }
            _ => passed += 1,
        }
    }
    passed
}

/// Another value of a quota of [`ACCOUNT`], as Service Quotas stores it.
async fn set(kms: &Kms, code: &str, value: f64) {
    use platform::AppliedQuotas;
    let store = kms.harness.pipeline.store();
    let mut txn = store.begin();
    let place = AppliedQuotas::place(ACCOUNT, REGION, "kms");
    let known = txn.get::<AppliedQuotas>(&place).await.expect("a read");
    let mut applied = known.as_deref().cloned().unwrap_or_default();
    applied.values.insert(code.to_owned(), value);
    txn.put(place, applied);
    store.commit(txn, None).await.expect("a commit");
}

#[tokio::test]
async fn quo_1_a_call_over_the_rate_is_throttled_until_the_bucket_refills() {
    let kms = throttling().await;
    assert_eq!(passed(&kms, "root", "CreateKey", &json!({}), 8).await, 5);
    kms.harness.clock.advance(1);
    assert_eq!(passed(&kms, "root", "CreateKey", &json!({}), 8).await, 5);
    kms.harness.clock.advance(3600);
    assert_eq!(passed(&kms, "root", "CreateKey", &json!({}), 8).await, 5);
    // Another operation has another rate.
    assert_eq!(passed(&kms, "root", "ListKeys", &json!({}), 20).await, 20);
}

#[tokio::test]
async fn quo_1_a_rate_is_of_one_account_in_one_region() {
    let kms = throttling().await;
    kms.harness.user("someone", &[]);
    assert_eq!(passed(&kms, "root", "CreateKey", &json!({}), 3).await, 3);
    // A user of the account shares it, and calls that fail count.
    assert_eq!(passed(&kms, "someone", "CreateKey", &json!({}), 9).await, 2);
    let other = passed(&kms, "other-root", "CreateKey", &json!({}), 9).await;
    assert_eq!(other, 5);
    let elsewhere = passed_in(&kms, "eu-west-1", "root", "CreateKey", &json!({}), 9).await;
    assert_eq!(elsewhere, 5);
}

#[tokio::test]
async fn quo_1_symmetric_operations_share_a_rate_apart_from_those_of_key_pairs() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    let mac = kms.key_of("HMAC_256", "GENERATE_VERIFY_MAC").await;
    let rsa = kms.key_of("RSA_2048", "SIGN_VERIFY").await;
    let ecc = kms.key_of("ECC_NIST_P256", "SIGN_VERIFY").await;
    set(&kms, "L-6E3AF000", 6.0).await;
    set(&kms, "L-2AC98190", 2.0).await;
    kms.harness.pipeline.limit_rates();

    let encrypt = json!({ "KeyId": key, "Plaintext": "eA==" });
    let blob = text(&kms.ok("root", "Encrypt", encrypt.clone()).await["CiphertextBlob"]);
    let symmetric = [
        ("Decrypt", json!({ "CiphertextBlob": blob })),
        (
            "GenerateDataKey",
            json!({ "KeyId": key, "KeySpec": "AES_256" }),
        ),
        (
            "GenerateMac",
            json!({ "KeyId": mac, "Message": "eA==", "MacAlgorithm": "HMAC_SHA_256" }),
        ),
        ("GenerateRandom", json!({ "NumberOfBytes": 8 })),
    ];
    for (operation, input) in &symmetric {
        kms.ok("root", operation, input.clone()).await;
    }
    // A dry run counts, and takes the last one. A re-encryption is of one call.
    let dry_run = json!({ "KeyId": key, "Plaintext": "eA==", "DryRun": true });
    assert_eq!(
        kms.code("root", "Encrypt", dry_run).await,
        "DryRunOperationException"
    );
    for (operation, input) in &symmetric {
        assert_eq!(
            passed(&kms, "root", operation, input, 1).await,
            0,
            "{operation}"
        );
    }
    let again = json!({ "CiphertextBlob": blob, "DestinationKeyId": key });
    assert_eq!(passed(&kms, "root", "ReEncrypt", &again, 1).await, 0);

    let sign = |key: &str, algorithm: &str| json!({ "KeyId": key, "Message": "eA==", "SigningAlgorithm": algorithm });
    let input = sign(&rsa, "RSASSA_PSS_SHA_256");
    assert_eq!(passed(&kms, "root", "Sign", &input, 4).await, 2);
    let input = sign(&ecc, "ECDSA_SHA_256");
    assert_eq!(passed(&kms, "root", "Sign", &input, 4).await, 4);

    kms.harness.clock.advance(1);
    assert_eq!(passed(&kms, "root", "ReEncrypt", &again, 9).await, 6);
}

#[tokio::test]
async fn quo_1_a_call_on_another_accounts_key_counts_against_the_caller() {
    let kms = Kms::new().await;
    let accounts = [ACCOUNT, OTHER].map(|account| format!("arn:aws:iam::{account}:root"));
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "AWS": accounts }, "Action": "kms:*", "Resource": "*",
    }] });
    let key = kms.key_under(&policy).await;
    kms.harness.pipeline.limit_rates();
    set(&kms, "L-6E3AF000", 2.0).await;
    let input = json!({ "KeyId": arn(&key), "Plaintext": "eA==" });
    assert_eq!(passed(&kms, "other-root", "Encrypt", &input, 5).await, 5);
    assert_eq!(passed(&kms, "root", "Encrypt", &input, 5).await, 2);
}

#[tokio::test]
async fn quo_1_pairs_of_data_keys_have_a_rate_a_kind() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    kms.harness.pipeline.limit_rates();
    let pair = |spec: &str| json!({ "KeyId": key, "KeyPairSpec": spec, "DryRun": true });
    let spec = pair("RSA_3072");
    assert_eq!(
        passed(&kms, "root", "GenerateDataKeyPair", &spec, 6).await,
        4
    );
    let operation = "GenerateDataKeyPairWithoutPlaintext";
    assert_eq!(passed(&kms, "root", operation, &spec, 6).await, 0);
    let spec = pair("ECC_NIST_P256");
    assert_eq!(passed(&kms, "root", operation, &spec, 9).await, 9);
}

#[tokio::test]
async fn quo_1_a_throttled_call_is_on_record_and_changes_nothing() {
    let kms = throttling().await;
    assert_eq!(passed(&kms, "root", "CreateKey", &json!({}), 5).await, 5);
    let first = kms.harness.pipeline.store().journal_head().seq + 1;
    let input = json!({ "Description": "one too many" });
    assert_eq!(passed(&kms, "root", "CreateKey", &input, 1).await, 0);
    let mut reader = kms.harness.pipeline.store().journal_reader(first);
    let entry = reader.next().expect("a journal").expect("an event");
    let event: Value = serde_json::from_slice(&entry.payload).expect("JSON");
    assert_eq!(event["eventName"], "CreateKey");
    assert_eq!(event["errorCode"], "ThrottlingException");
    assert_eq!(event["errorMessage"], TEXT);
    assert_eq!(event["requestParameters"]["description"], "one too many");
    assert!(event["responseElements"].is_null());
    let keys = kms.ok("root", "ListKeys", json!({})).await;
    assert_eq!(keys["Keys"].as_array().expect("keys").len(), 5);
}

#[tokio::test]
async fn resource_quotas_are_what_their_values_say() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    set(&kms, "L-340F62FB", 1.0).await;
    set(&kms, "L-D594A657", 1.0).await;
    set(&kms, "L-C67A47F9", 10.0).await;
    let alias = |name: &str| json!({ "AliasName": name, "TargetKeyId": key });
    kms.ok("root", "CreateAlias", alias("alias/one")).await;
    let (code, text) = kms.fails("root", "CreateAlias", alias("alias/two")).await;
    assert_eq!(code, "LimitExceededException");
    assert!(text.contains("already has 1 aliases"), "{text}");
    let grant = |name: &str| {
        json!({
            "KeyId": key, "GranteePrincipal": format!("arn:aws:iam::{ACCOUNT}:root"),
            "Operations": ["Encrypt"], "Name": name,
        })
    };
    kms.ok("root", "CreateGrant", grant("one")).await;
    let code = kms.code("root", "CreateGrant", grant("two")).await;
    assert_eq!(code, "LimitExceededException");
    let policy = json!({ "KeyId": key, "Policy": r#"{"Version":"2012-10-17"}"# });
    let code = kms.code("root", "PutKeyPolicy", policy).await;
    assert_eq!(code, "LimitExceededException");
}

/// A replica counts where it is made, against the quota that holds there.
#[tokio::test]
async fn a_replica_counts_against_the_quota_of_its_own_region() {
    let kms = Kms::new().await;
    let made = kms.primary().await;
    set(&kms, "L-C2F1777E", 1.0).await;
    kms.replicate(&made, "us-east-1").await;

    let input = json!({ "MultiRegion": true });
    let made = kms.ok_in("us-east-1", "CreateKey", input).await;
    let input = json!({ "KeyId": made["KeyMetadata"]["KeyId"], "ReplicaRegion": REGION });
    let (code, text) = kms.fails_in("us-east-1", "ReplicateKey", input).await;
    assert_eq!(code, "LimitExceededException");
    assert_eq!(text, "The account has the maximum number of 1 keys.");
}

#[tokio::test]
async fn an_account_has_as_many_keys_as_its_quota_says() {
    let kms = Kms::new().await;
    set(&kms, "L-C2F1777E", 20.0).await;
    let mut keys = Vec::new();
    for _ in 0..20 {
        keys.push(kms.key().await);
    }
    let (code, text) = kms.fails("root", "CreateKey", json!({})).await;
    assert_eq!(code, "LimitExceededException");
    assert_eq!(text, "The account has the maximum number of 20 keys.");
    // Another account and another region have their own.
    kms.ok("other-root", "CreateKey", json!({})).await;
    let elsewhere = kms
        .call_in("eu-west-1", "root", "CreateKey", json!({}))
        .await;
    assert_eq!(elsewhere.status, 200, "{}", elsewhere.text);
    // A key that waits for its deletion still counts, one that is deleted does not.
    let input = json!({ "KeyId": keys[0], "PendingWindowInDays": 7 });
    kms.ok("root", "ScheduleKeyDeletion", input).await;
    assert_eq!(
        kms.code("root", "CreateKey", json!({})).await,
        "LimitExceededException"
    );
    kms.harness.clock.advance(7 * 24 * 60 * 60);
    let (upkeep, now) = (kms.harness.pipeline.upkeep(), kms.harness.pipeline.now());
    let deleted = service_kms::delete_expired(&upkeep, now).await;
    let deleted = deleted.unwrap_or_else(|_| unreachable!("a deletion"));
    assert_eq!(deleted, 1);
    kms.key().await;
    assert_eq!(
        kms.code("root", "CreateKey", json!({})).await,
        "LimitExceededException"
    );
}

#[tokio::test]
async fn quo_1_a_replication_counts_as_two_creations_in_the_replicas_region() {
    let kms = throttling().await;
    let create = json!({ "MultiRegion": true });
    let made = kms.ok("root", "CreateKey", create.clone()).await;
    let replicate = |region: &str| {
        let id = made["KeyMetadata"]["KeyId"].clone();
        json!({ "KeyId": id, "ReplicaRegion": region })
    };
    kms.ok("root", "ReplicateKey", replicate("us-east-1")).await;
    let passed_there = passed_in(&kms, "us-east-1", "root", "CreateKey", &json!({}), 9).await;
    assert_eq!(passed_there, 3);
    // Where no creation is left, nothing is replicated, and the key here is as it was.
    let code = kms
        .code("root", "ReplicateKey", replicate("us-east-1"))
        .await;
    assert_eq!(code, "ThrottlingException");
    // A Region that nobody answers for has no quota.
    let code = kms
        .code("root", "ReplicateKey", replicate("xx-west-9"))
        .await;
    assert_eq!(code, "UnsupportedOperationException");
    // Here it was one creation and are three replications.
    assert_eq!(passed(&kms, "root", "CreateKey", &create, 9).await, 4);
    let left = passed(&kms, "root", "ReplicateKey", &replicate("eu-west-1"), 9).await;
    assert_eq!(left, 2);
    let passed_there = passed_in(&kms, "eu-west-1", "root", "CreateKey", &json!({}), 9).await;
    assert_eq!(passed_there, 1);
}

#[tokio::test]
async fn quo_1_another_primary_region_counts_in_both() {
    let kms = throttling().await;
    let made = kms
        .ok("root", "CreateKey", json!({ "MultiRegion": true }))
        .await;
    let key = made["KeyMetadata"]["KeyId"].clone();
    let replica = json!({ "KeyId": key, "ReplicaRegion": "us-east-1" });
    kms.ok("root", "ReplicateKey", replica).await;
    let there = json!({ "KeyId": key, "PrimaryRegion": "us-east-1" });
    kms.ok("root", "UpdatePrimaryRegion", there.clone()).await;
    let back = json!({ "KeyId": key, "PrimaryRegion": REGION });
    let passed_back = passed_in(&kms, "us-east-1", "root", "UpdatePrimaryRegion", &back, 9).await;
    assert_eq!(passed_back, 4);
    assert_eq!(
        passed(&kms, "root", "UpdatePrimaryRegion", &there, 9).await,
        0
    );
}
