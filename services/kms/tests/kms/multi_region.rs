//! Multi-Region keys: what related keys share, what is each one's own, and what one Region's
//! ciphertext is in another.

use crate::house::{ACCOUNT, Answer, Kms, OTHER, REGION, Value, base64, is_predefined, json, text};

/// The Regions of replicas; the primary key is in [`REGION`], `eu-west-2`.
pub(crate) const EAST: &str = "us-east-1";
pub(crate) const SOUTH: &str = "ap-southeast-2";

impl Kms {
    /// A call in a Region that has to succeed.
    pub(crate) async fn ok_in(&self, region: &str, operation: &str, input: Value) -> Value {
        let answer = self.call_in(region, "root", operation, input).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
        answer.body
    }

    /// A call in a Region that has to fail; its code and text.
    pub(crate) async fn fails_in(
        &self,
        region: &str,
        operation: &str,
        input: Value,
    ) -> (String, String) {
        failure(&self.call_in(region, "root", operation, input).await)
    }

    /// Makes a multi-Region primary key; its id.
    pub(crate) async fn primary(&self) -> String {
        let made = self.ok("root", "CreateKey", json!({ "MultiRegion": true }));
        text(&made.await["KeyMetadata"]["KeyId"])
    }

    /// Makes a primary key with a replica in each of the Regions.
    pub(crate) async fn family(&self, replicas: &[&str]) -> String {
        let key = self.primary().await;
        for region in replicas {
            self.replicate(&key, region).await;
        }
        key
    }

    pub(crate) async fn replicate(&self, key: &str, region: &str) -> Value {
        let input = json!({ "KeyId": key, "ReplicaRegion": region });
        self.ok("root", "ReplicateKey", input).await
    }

    pub(crate) async fn describe_in(&self, region: &str, key: &str) -> Value {
        let input = json!({ "KeyId": key });
        self.ok_in(region, "DescribeKey", input).await["KeyMetadata"].clone()
    }

    pub(crate) async fn encrypt_in(&self, region: &str, key: &str, plaintext: &[u8]) -> String {
        let input = json!({ "KeyId": key, "Plaintext": base64(plaintext) });
        text(&self.ok_in(region, "Encrypt", input).await["CiphertextBlob"])
    }

    pub(crate) async fn decrypt_in(&self, region: &str, blob: &str) -> Answer {
        let input = json!({ "CiphertextBlob": blob });
        self.call_in(region, "root", "Decrypt", input).await
    }
}

pub(crate) fn failure(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, 400, "{}", answer.text);
    let code = answer.code.clone().unwrap_or_default();
    (code, answer.message().to_owned())
}

pub(crate) fn arn_in(region: &str, key: &str) -> String {
    format!("arn:aws:kms:{region}:{ACCOUNT}:key/{key}")
}

fn member(region: &str, key: &str) -> Value {
    json!({ "Arn": arn_in(region, key), "Region": region })
}

/// `MultiRegionConfiguration` of a key.
pub(crate) fn configuration(kind: &str, key: &str, primary: &str, replicas: &[&str]) -> Value {
    let replicas: Vec<_> = replicas.iter().map(|region| member(region, key)).collect();
    json!({
        "MultiRegionKeyType": kind,
        "PrimaryKey": member(primary, key),
        "ReplicaKeys": replicas,
    })
}

#[tokio::test]
async fn kms_23_a_replica_shares_what_the_key_is_and_nothing_else() {
    let kms = Kms::new().await;
    let tags = json!([{ "TagKey": "team", "TagValue": "blue" }]);
    let input = json!({ "MultiRegion": true, "Description": "first", "Tags": tags });
    let made = kms.ok("root", "CreateKey", input).await["KeyMetadata"].clone();
    let key = text(&made["KeyId"]);
    assert!(key.starts_with("mrk-") && key.len() == 36, "{key}");
    assert!(key[4..].bytes().all(|digit| digit.is_ascii_hexdigit()));
    assert_eq!(made["Arn"], json!(arn_in(REGION, &key)));
    assert_eq!(made["MultiRegion"], json!(true));
    let alone = configuration("PRIMARY", &key, REGION, &[]);
    assert_eq!(made["MultiRegionConfiguration"], alone);

    kms.harness.clock.advance(60);
    let answer = kms.replicate(&key, EAST).await;
    let replica = answer["ReplicaKeyMetadata"].clone();
    let mut expected = made.clone();
    expected["Arn"] = json!(arn_in(EAST, &key));
    expected["CreationDate"] = json!(1_767_225_660);
    expected["Description"] = json!("");
    expected["MultiRegionConfiguration"] = configuration("REPLICA", &key, REGION, &[EAST]);
    assert_eq!(replica, expected);
    assert_eq!(answer["ReplicaTags"], json!([]));
    let default = text(&answer["ReplicaPolicy"]);
    assert!(default.contains("\"Action\" : \"kms:*\""), "{default}");
    assert_eq!(kms.describe_in(EAST, &key).await, replica);

    let third = kms.replicate(&key, SOUTH).await["ReplicaKeyMetadata"].clone();
    for (region, kind) in [(REGION, "PRIMARY"), (EAST, "REPLICA"), (SOUTH, "REPLICA")] {
        let described = kms.describe_in(region, &key).await;
        let family = configuration(kind, &key, REGION, &[SOUTH, EAST]);
        assert_eq!(described["MultiRegionConfiguration"], family, "{region}");
        assert_eq!(
            described["CurrentKeyMaterialId"],
            made["CurrentKeyMaterialId"]
        );
    }
    assert_eq!(third["Arn"], json!(arn_in(SOUTH, &key)));
}

#[tokio::test]
async fn kms_23_what_one_region_encrypts_every_related_key_decrypts() {
    let kms = Kms::new().await;
    let key = kms.family(&[EAST, SOUTH]).await;
    for made_in in [REGION, EAST, SOUTH] {
        let context = json!({ "a": "b" });
        let input =
            json!({ "KeyId": key, "Plaintext": base64(b"x"), "EncryptionContext": context });
        let blob = kms.ok_in(made_in, "Encrypt", input).await["CiphertextBlob"].clone();
        for opened_in in [REGION, EAST, SOUTH] {
            let ids = [json!(null), json!(key), json!(arn_in(opened_in, &key))];
            for id in ids {
                let mut input = json!({ "CiphertextBlob": blob, "EncryptionContext": context });
                if !id.is_null() {
                    input["KeyId"] = id;
                }
                let opened = kms.ok_in(opened_in, "Decrypt", input).await;
                assert_eq!(opened["Plaintext"], json!(base64(b"x")));
                assert_eq!(opened["KeyId"], json!(arn_in(opened_in, &key)));
            }
            // The Region and the context are bound, too.
            let other = json!({ "CiphertextBlob": blob, "EncryptionContext": { "a": "c" } });
            let failed = kms.fails_in(opened_in, "Decrypt", other).await;
            assert_eq!(failed.0, "InvalidCiphertextException");
        }
        // Where there is no related key, nothing opens it.
        let elsewhere = kms.decrypt_in("eu-central-1", &text(&blob)).await;
        assert_eq!(failure(&elsewhere).0, "AccessDeniedException");
        // Under another name it is not the ciphertext of this key.
        let other = kms.family(&[EAST]).await;
        let wrong = json!({ "CiphertextBlob": blob, "KeyId": other, "EncryptionContext": context });
        let failed = kms.fails_in(EAST, "Decrypt", wrong).await;
        assert_eq!(failed.0, "IncorrectKeyException");
    }
}

#[tokio::test]
async fn kms_22_a_key_of_one_region_is_nowhere_else() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    let blob = kms.encrypt(&key, b"x", json!({})).await;
    let absent = format!("Key '{}' does not exist", arn_in(EAST, &key));
    let missing = kms
        .fails_in(EAST, "DescribeKey", json!({ "KeyId": key }))
        .await;
    assert_eq!(missing, ("NotFoundException".to_owned(), absent));
    let other = kms.fails_in(
        EAST,
        "DescribeKey",
        json!({ "KeyId": arn_in(REGION, &key) }),
    );
    let text = format!("Invalid arn {REGION}");
    assert_eq!(other.await, ("NotFoundException".to_owned(), text));
    let refused = failure(&kms.decrypt_in(EAST, &blob).await);
    assert_eq!(refused.0, "AccessDeniedException");
    let input = json!({ "KeyId": key, "ReplicaRegion": EAST });
    let refused = kms.fails("root", "ReplicateKey", input).await;
    let text = format!(
        "{} is not a multi-Region primary key.",
        arn_in(REGION, &key)
    );
    assert_eq!(refused, ("UnsupportedOperationException".to_owned(), text));

    // A multi-Region key that was not replicated is of one Region, too.
    let alone = kms.primary().await;
    let blob = kms.encrypt(&alone, b"x", json!({})).await;
    let missing = kms
        .fails_in(EAST, "DescribeKey", json!({ "KeyId": alone }))
        .await;
    assert_eq!(missing.0, "NotFoundException");
    let refused = failure(&kms.decrypt_in(EAST, &blob).await);
    assert_eq!(refused.0, "AccessDeniedException");
}

#[tokio::test]
async fn kms_23_another_account_has_nothing_of_a_family() {
    let kms = Kms::new().await;
    let key = kms.family(&[EAST]).await;
    let blob = kms.encrypt_in(REGION, &key, b"x").await;
    for region in [REGION, EAST, SOUTH] {
        let input = json!({ "CiphertextBlob": blob });
        let answer = kms.call_in(region, "other-root", "Decrypt", input).await;
        assert_eq!(failure(&answer).0, "AccessDeniedException");
    }
    for region in [EAST, SOUTH] {
        let input = json!({ "KeyId": arn_in(REGION, &key), "ReplicaRegion": region });
        let answer = kms.call("other-root", "ReplicateKey", input).await;
        assert_eq!(failure(&answer).0, "AccessDeniedException");
    }
    let own = format!("arn:aws:kms:{EAST}:{OTHER}:key/{key}");
    let answer = kms
        .call_in(EAST, "other-root", "DescribeKey", json!({ "KeyId": own }))
        .await;
    assert_eq!(failure(&answer).0, "NotFoundException");
}

#[tokio::test]
async fn kms_23_every_kind_of_key_can_be_in_several_regions() {
    let kms = Kms::new().await;
    for (spec, usage) in [
        ("ECC_NIST_P256", "SIGN_VERIFY"),
        ("ECC_SECG_P256K1", "SIGN_VERIFY"),
        ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY"),
        ("ECC_NIST_P384", "KEY_AGREEMENT"),
        ("ML_DSA_44", "SIGN_VERIFY"),
        ("ML_KEM_512", "ENCAPSULATE_DECAPSULATE"),
        ("RSA_2048", "ENCRYPT_DECRYPT"),
    ] {
        let input = json!({ "MultiRegion": true, "KeySpec": spec, "KeyUsage": usage });
        let key = text(&kms.ok("root", "CreateKey", input).await["KeyMetadata"]["KeyId"]);
        let replica = kms.replicate(&key, EAST).await["ReplicaKeyMetadata"].clone();
        assert_eq!(
            (&replica["KeySpec"], &replica["KeyUsage"]),
            (&json!(spec), &json!(usage))
        );
        let input = json!({ "KeyId": key });
        let public = kms.ok("root", "GetPublicKey", input.clone()).await["PublicKey"].clone();
        let same = kms.ok_in(EAST, "GetPublicKey", input).await["PublicKey"].clone();
        assert_eq!(public, same, "{spec}");
    }
    let input =
        json!({ "MultiRegion": true, "KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC" });
    let key = text(&kms.ok("root", "CreateKey", input).await["KeyMetadata"]["KeyId"]);
    kms.replicate(&key, EAST).await;
    let message = json!({ "KeyId": key, "Message": "eA==", "MacAlgorithm": "HMAC_SHA_256" });
    let mac = kms.ok("root", "GenerateMac", message.clone()).await["Mac"].clone();
    let mut check = message;
    check["Mac"] = mac;
    let checked = kms.ok_in(EAST, "VerifyMac", check).await;
    assert_eq!(checked["MacValid"], json!(true));
}

#[tokio::test]
async fn kms_24_policy_aliases_tags_grants_and_state_are_each_ones_own() {
    let kms = Kms::new().await;
    let key = kms.family(&[EAST]).await;
    let before = kms.describe_in(REGION, &key).await;
    for (operation, input) in [
        (
            "CreateAlias",
            json!({ "AliasName": "alias/east", "TargetKeyId": key }),
        ),
        (
            "TagResource",
            json!({ "KeyId": key, "Tags": [{ "TagKey": "a", "TagValue": "1" }] }),
        ),
        (
            "UpdateKeyDescription",
            json!({ "KeyId": key, "Description": "east" }),
        ),
        (
            "CreateGrant",
            json!({ "KeyId": key, "Operations": ["Decrypt"],
            "GranteePrincipal": format!("arn:aws:iam::{ACCOUNT}:root") }),
        ),
        (
            "PutKeyPolicy",
            json!({ "KeyId": key, "Policy": format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":
            "arn:aws:iam::{ACCOUNT}:root"}},"Action":"kms:*","Resource":"*"}}]}}"#) }),
        ),
        ("DisableKey", json!({ "KeyId": key })),
    ] {
        kms.ok_in(EAST, operation, input).await;
    }
    assert_eq!(kms.describe_in(REGION, &key).await, before);
    assert_eq!(kms.describe_in(EAST, &key).await["KeyState"], "Disabled");
    for (operation, input, member, counts) in [
        ("ListAliases", json!({}), "Aliases", [0, 1]),
        ("ListResourceTags", json!({ "KeyId": key }), "Tags", [0, 1]),
        ("ListGrants", json!({ "KeyId": key }), "Grants", [0, 1]),
        ("ListKeys", json!({}), "Keys", [1, 1]),
    ] {
        for (region, count) in [(REGION, counts[0]), (EAST, counts[1])] {
            let listed = kms.ok_in(region, operation, input.clone()).await;
            let listed = listed[member].as_array().expect("a list").iter();
            let own = listed.filter(|entry| !is_predefined(entry)).count();
            assert_eq!(own, count, "{operation} in {region}");
        }
    }
    let policy = |region| kms.ok_in(region, "GetKeyPolicy", json!({ "KeyId": key }));
    assert_ne!(policy(REGION).await["Policy"], policy(EAST).await["Policy"]);
    // What the primary key encrypts, its disabled replica does not open; the other way it works.
    let blob = kms.encrypt_in(REGION, &key, b"x").await;
    assert_eq!(
        failure(&kms.decrypt_in(EAST, &blob).await).0,
        "DisabledException"
    );
    kms.ok_in(EAST, "EnableKey", json!({ "KeyId": key })).await;
    kms.ok_in(REGION, "DisableKey", json!({ "KeyId": key }))
        .await;
    let by_alias = json!({ "CiphertextBlob": blob, "KeyId": "alias/east" });
    kms.ok_in(EAST, "Decrypt", by_alias).await;
    assert_eq!(
        failure(&kms.decrypt_in(REGION, &blob).await).0,
        "DisabledException"
    );
}

#[tokio::test]
async fn kms_32_each_key_of_a_family_knows_its_own_last_use() {
    let kms = Kms::new().await;
    let key = kms.family(&[EAST]).await;
    kms.encrypt_in(EAST, &key, b"x").await;
    let input = json!({ "KeyId": key });
    let here = kms.ok("root", "GetKeyLastUsage", input.clone()).await;
    assert_eq!(here["KeyLastUsage"], json!({}));
    let there = kms.ok_in(EAST, "GetKeyLastUsage", input).await;
    assert_eq!(there["KeyLastUsage"]["Operation"], "Encrypt");
}

#[tokio::test]
async fn kms_24_another_replica_can_become_the_primary_key() {
    let kms = Kms::new().await;
    let key = kms.family(&[EAST, SOUTH]).await;
    let blob = kms.encrypt_in(REGION, &key, b"x").await;
    let input = json!({ "KeyId": key, "PrimaryRegion": EAST });
    let answer = kms.ok("root", "UpdatePrimaryRegion", input.clone()).await;
    assert_eq!(answer, json!(null));
    for (region, kind) in [(REGION, "REPLICA"), (EAST, "PRIMARY"), (SOUTH, "REPLICA")] {
        let described = kms.describe_in(region, &key).await;
        let family = configuration(kind, &key, EAST, &[SOUTH, REGION]);
        assert_eq!(described["MultiRegionConfiguration"], family, "{region}");
        assert_eq!(described["KeyState"], "Enabled");
        assert_eq!(kms.decrypt_in(region, &blob).await.status, 200);
    }
    // Now it is East that replicates, and moves.
    let not_primary = format!(
        "{} is not a multi-Region primary key.",
        arn_in(REGION, &key)
    );
    let not_primary = ("UnsupportedOperationException".to_owned(), not_primary);
    assert_eq!(
        kms.fails("root", "UpdatePrimaryRegion", input).await,
        not_primary
    );
    let into = json!({ "KeyId": key, "ReplicaRegion": "eu-central-1" });
    assert_eq!(
        kms.fails("root", "ReplicateKey", into.clone()).await,
        not_primary
    );
    kms.ok_in(EAST, "ReplicateKey", into).await;
    let listed = kms.describe_in(SOUTH, &key).await["MultiRegionConfiguration"].clone();
    let regions = &[SOUTH, "eu-central-1", REGION];
    assert_eq!(listed, configuration("REPLICA", &key, EAST, regions));
}

#[tokio::test]
async fn kms_24_the_primary_region_moves_only_to_an_enabled_replica() {
    let kms = Kms::new().await;
    let key = kms.family(&[EAST]).await;
    let to = |region: &str| json!({ "KeyId": key, "PrimaryRegion": region });
    let failed = kms.fails("root", "UpdatePrimaryRegion", to(SOUTH)).await;
    let absent = format!("Key '{}' does not exist", arn_in(SOUTH, &key));
    assert_eq!(failed, ("NotFoundException".to_owned(), absent));
    let failed = kms.fails("root", "UpdatePrimaryRegion", to(REGION)).await;
    assert_eq!(failed.0, "UnsupportedOperationException");
    let single = kms.key().await;
    let input = json!({ "KeyId": single, "PrimaryRegion": EAST });
    let failed = kms.fails("root", "UpdatePrimaryRegion", input).await;
    assert_eq!(failed.0, "UnsupportedOperationException");
    for region in [EAST, REGION] {
        kms.ok_in(region, "DisableKey", json!({ "KeyId": key }))
            .await;
        let failed = kms.fails("root", "UpdatePrimaryRegion", to(EAST)).await;
        let text = format!("{} is disabled.", arn_in(region, &key));
        assert_eq!(failed, ("DisabledException".to_owned(), text));
        kms.ok_in(region, "EnableKey", json!({ "KeyId": key }))
            .await;
    }
    let window = json!({ "KeyId": key, "PendingWindowInDays": 7 });
    kms.ok_in(EAST, "ScheduleKeyDeletion", window).await;
    let failed = kms.fails("root", "UpdatePrimaryRegion", to(EAST)).await;
    assert_eq!(failed.0, "KMSInvalidStateException");
    let family = configuration("PRIMARY", &key, REGION, &[EAST]);
    let described = kms.describe_in(REGION, &key).await;
    assert_eq!(described["MultiRegionConfiguration"], family);
}

#[tokio::test]
async fn kms_23_a_key_goes_only_where_it_can_be() {
    let kms = Kms::new().await;
    let key = kms.family(&[EAST]).await;
    let into = |region: &str| json!({ "KeyId": key, "ReplicaRegion": region });
    for region in [EAST, REGION] {
        let failed = kms.fails("root", "ReplicateKey", into(region)).await;
        let text = format!("{} already exists.", arn_in(region, &key));
        assert_eq!(failed, ("AlreadyExistsException".to_owned(), text));
    }
    for region in [
        "cn-north-1",
        "us-gov-west-1",
        "us-iso-east-1",
        "eu-nowhere-1",
    ] {
        let failed = kms.fails("root", "ReplicateKey", into(region)).await;
        assert_eq!(failed.0, "UnsupportedOperationException", "{region}");
    }
    let failed = kms.fails_in(EAST, "ReplicateKey", into(SOUTH)).await;
    assert_eq!(failed.0, "UnsupportedOperationException");
    let failed = kms.fails("root", "ReplicateKey", into("nowhere")).await;
    assert_eq!(failed.0, "ValidationException");
    let bad_policy = json!({ "KeyId": key, "ReplicaRegion": SOUTH, "Policy": "{}" });
    let failed = kms.fails("root", "ReplicateKey", bad_policy).await;
    assert_eq!(failed.0, "MalformedPolicyDocumentException");
    let bad_tag = json!([{ "TagKey": "aws:a", "TagValue": "" }]);
    let bad_tags = json!({ "KeyId": key, "ReplicaRegion": SOUTH, "Tags": bad_tag });
    let failed = kms.fails("root", "ReplicateKey", bad_tags).await;
    assert_eq!(failed.0, "TagException");
    kms.ok("root", "DisableKey", json!({ "KeyId": key })).await;
    let failed = kms.fails("root", "ReplicateKey", into(SOUTH)).await;
    assert_eq!(failed.0, "DisabledException");
    let family = configuration("REPLICA", &key, REGION, &[EAST]);
    let described = kms.describe_in(EAST, &key).await;
    assert_eq!(described["MultiRegionConfiguration"], family);
}
