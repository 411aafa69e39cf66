//! Creating and describing keys.

use crate::house::{ACCOUNT, Kms, NO_KEY, OTHER, REGION, Value, arn, json, text};

#[tokio::test]
async fn kms_1_create_key_makes_a_symmetric_key_by_default() {
    let kms = Kms::new().await;
    let created = kms
        .ok(
            "root",
            "CreateKey",
            json!({ "Description": "test key 123" }),
        )
        .await;
    let metadata = &created["KeyMetadata"];
    let id = text(&metadata["KeyId"]);
    let material = text(&metadata["CurrentKeyMaterialId"]);
    assert!(material.len() == 64 && material.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let expected = json!({
        "AWSAccountId": ACCOUNT,
        "Arn": arn(&id),
        "CreationDate": metadata["CreationDate"],
        "CurrentKeyMaterialId": material,
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "Description": "test key 123",
        "Enabled": true,
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "KeyId": id,
        "KeyManager": "CUSTOMER",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyState": "Enabled",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "MultiRegion": false,
        "Origin": "AWS_KMS",
    });
    assert_eq!(metadata, &expected);
    assert_eq!(metadata["CreationDate"].as_f64(), Some(1_767_225_600.0));
    let described = kms.ok("root", "DescribeKey", json!({ "KeyId": id })).await;
    assert_eq!(&described["KeyMetadata"], &expected);
}

#[tokio::test]
async fn two_keys_share_nothing() {
    let kms = Kms::new().await;
    let (one, two) = (kms.key().await, kms.key().await);
    assert_ne!(one, two);
    let mut materials = Vec::new();
    for id in [one, two] {
        let described = kms.ok("root", "DescribeKey", json!({ "KeyId": id })).await;
        materials.push(text(&described["KeyMetadata"]["CurrentKeyMaterialId"]));
    }
    assert_ne!(materials[0], materials[1]);
}

#[tokio::test]
async fn the_deprecated_spec_is_accepted_and_both_specs_are_not() {
    let kms = Kms::new().await;
    let input = json!({ "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT" });
    let created = kms.ok("root", "CreateKey", input).await;
    assert_eq!(
        created["KeyMetadata"]["CustomerMasterKeySpec"],
        "SYMMETRIC_DEFAULT"
    );
    let both = json!({
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
    });
    let (code, message) = kms.fails("root", "CreateKey", both).await;
    assert_eq!(code, "ValidationException");
    assert_eq!(
        message,
        "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. \
         CustomerMasterKeySpec is deprecated."
    );
}

#[tokio::test]
async fn what_cannot_be_honoured_is_refused_and_makes_nothing() {
    let kms = Kms::new().await;
    for input in [
        json!({ "KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY" }),
        json!({ "CustomerMasterKeySpec": "SM2", "KeyUsage": "KEY_AGREEMENT" }),
        json!({ "KeySpec": "ML_DSA_44", "KeyUsage": "SIGN_VERIFY", "Origin": "EXTERNAL" }),
        json!({ "Origin": "EXTERNAL_KEY_STORE" }),
        json!({ "Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "cks-1234567890abcdef0" }),
        json!({ "CustomKeyStoreId": "cks-1234567890abcdef0" }),
    ] {
        let shown = input.to_string();
        let (code, message) = kms.fails("root", "CreateKey", input).await;
        assert_eq!(code, "UnsupportedOperationException", "{shown}");
        assert!(message.ends_with("not supported."), "{message}");
    }
    let usage = "You must specify a KeyUsage value for all KMS keys except for symmetric \
                 encryption keys.";
    for (input, expected) in [
        (json!({ "KeySpec": "HMAC_256" }), usage),
        (
            json!({ "KeyUsage": "SIGN_VERIFY" }),
            "KeyUsage SIGN_VERIFY is not compatible with KeySpec SYMMETRIC_DEFAULT",
        ),
    ] {
        let failed = kms.fails("root", "CreateKey", input).await;
        assert_eq!(
            failed,
            ("ValidationException".to_owned(), expected.to_owned())
        );
    }
    let listed = kms.ok("root", "ListKeys", json!({})).await;
    assert_eq!(listed["Keys"], json!([]));
}

#[tokio::test]
async fn kms_11_keys_of_the_house_are_not_listed() {
    let kms = Kms::new().await;
    let empty = json!({ "Keys": [], "Truncated": false });
    assert_eq!(kms.ok("root", "ListKeys", json!({})).await, empty);
    let id = kms.key().await;
    kms.encrypt(&id, b"x", json!({})).await;
    let listed = kms.ok("root", "ListKeys", json!({})).await;
    let own = json!({ "Keys": [{ "KeyArn": arn(&id), "KeyId": id }], "Truncated": false });
    assert_eq!(listed, own);
    // Another account, and what others share: nothing.
    assert_eq!(kms.ok("other-root", "ListKeys", json!({})).await, empty);
    let shared = json!({ "ResourceOwners": ["OTHER_ACCOUNTS_VIA_RAM"] });
    assert_eq!(kms.ok("root", "ListKeys", shared).await, empty);
}

#[tokio::test]
async fn kms_12_describe_key_takes_every_name_of_a_key() {
    let kms = Kms::new().await;
    let id = kms.key().await;
    let alias = json!({ "AliasName": "alias/a", "TargetKeyId": id });
    kms.ok("root", "CreateAlias", alias).await;
    let alias_arn = format!("arn:aws:kms:{REGION}:{ACCOUNT}:alias/a");
    for name in [id.clone(), arn(&id), "alias/a".to_owned(), alias_arn] {
        let described = kms
            .ok("root", "DescribeKey", json!({ "KeyId": name }))
            .await;
        assert_eq!(described["KeyMetadata"]["Arn"], json!(arn(&id)), "{name}");
    }
}

#[tokio::test]
async fn unknown_keys_are_named_as_aws_names_them() {
    let kms = Kms::new().await;
    let absent = format!("Key '{}' does not exist", arn(NO_KEY));
    let mrk = "mrk-d3b95762d3b95762d3b95762d3b95762";
    for (name, code, message) in [
        (NO_KEY.to_owned(), "NotFoundException", absent.clone()),
        (arn(NO_KEY), "NotFoundException", absent),
        (
            mrk.to_owned(),
            "NotFoundException",
            format!("Key '{}' does not exist", arn(mrk)),
        ),
        (
            "fake-key-id".to_owned(),
            "NotFoundException",
            "Invalid keyId 'fake-key-id'".to_owned(),
        ),
        (
            "alias/x".to_owned(),
            "NotFoundException",
            format!("Alias arn:aws:kms:{REGION}:{ACCOUNT}:alias/x is not found."),
        ),
        (
            "arn:aws:kms".to_owned(),
            "InvalidArnException",
            "Invalid arn arn:aws:kms".to_owned(),
        ),
    ] {
        let failed = kms
            .fails("root", "DescribeKey", json!({ "KeyId": name }))
            .await;
        assert_eq!(failed, (code.to_owned(), message));
    }
}

#[tokio::test]
async fn kms_22_a_key_stays_in_its_region() {
    let kms = Kms::new().await;
    let id = kms.key().await;
    let blob = kms.encrypt(&id, b"x", json!({})).await;
    let there = |operation: &'static str, input: Value| {
        let kms = &kms;
        async move {
            let answer = kms
                .call_in("ap-southeast-1", "root", operation, input)
                .await;
            (
                answer.code.clone().unwrap_or_default(),
                answer.message().to_owned(),
            )
        }
    };
    let arn_there = format!("arn:aws:kms:ap-southeast-1:{ACCOUNT}:key/{id}");
    let absent = format!("Key '{arn_there}' does not exist");
    let not_found = |text: &str| ("NotFoundException".to_owned(), text.to_owned());
    assert_eq!(
        there("DescribeKey", json!({ "KeyId": id })).await,
        not_found(&absent)
    );
    let foreign_region = not_found(&format!("Invalid arn {REGION}"));
    assert_eq!(
        there("DescribeKey", json!({ "KeyId": arn(&id) })).await,
        foreign_region
    );
    assert_eq!(
        there("EnableKey", json!({ "KeyId": arn(&id) })).await,
        foreign_region
    );
    let decrypted = there("Decrypt", json!({ "CiphertextBlob": blob })).await;
    assert_eq!(
        decrypted,
        (
            "AccessDeniedException".to_owned(),
            "The ciphertext refers to a customer master key that does not exist, does not exist \
             in this region, or you are not allowed to access."
                .to_owned()
        )
    );
    let listed = kms
        .call_in("ap-southeast-1", "root", "ListKeys", json!({}))
        .await;
    assert_eq!(listed.body["Keys"], json!([]));
}

#[tokio::test]
async fn arns_name_the_partition_of_the_region() {
    let kms = Kms::new().await;
    for (region, partition) in [
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("eu-central-1", "aws"),
    ] {
        let created = kms.call_in(region, "root", "CreateKey", json!({})).await;
        let metadata = &created.body["KeyMetadata"];
        let (arn, id) = (text(&metadata["Arn"]), text(&metadata["KeyId"]));
        assert_eq!(
            arn,
            format!("arn:{partition}:kms:{region}:{ACCOUNT}:key/{id}")
        );
        let described = kms
            .call_in(region, "root", "DescribeKey", json!({ "KeyId": arn }))
            .await;
        assert_eq!(described.status, 200, "{}", described.text);
    }
}

#[tokio::test]
async fn descriptions_change() {
    let kms = Kms::new().await;
    let id = kms.key().await;
    let input = json!({ "KeyId": id, "Description": "better" });
    kms.ok("root", "UpdateKeyDescription", input).await;
    let described = kms.ok("root", "DescribeKey", json!({ "KeyId": id })).await;
    assert_eq!(described["KeyMetadata"]["Description"], "better");
    let long = json!({ "KeyId": id, "Description": "x".repeat(8193) });
    let code = kms.code("root", "UpdateKeyDescription", long).await;
    assert_eq!(code, "ValidationException");
}

#[tokio::test]
async fn random_bytes_come_in_the_asked_number() {
    let kms = Kms::new().await;
    for length in [1_usize, 44, 1024] {
        let input = json!({ "NumberOfBytes": length });
        let one = kms.ok("root", "GenerateRandom", input.clone()).await;
        assert_eq!(crate::house::bytes(&one["Plaintext"]).len(), length);
        let two = kms.ok("root", "GenerateRandom", input).await;
        assert!(length == 1 || one != two);
    }
    let failed = kms.fails("root", "GenerateRandom", json!({})).await;
    assert_eq!(
        failed,
        (
            "ValidationException".to_owned(),
            "NumberOfBytes is required.".to_owned()
        )
    );
    for (length, bound) in [
        (0, "greater than or equal to 1"),
        (1025, "less than or equal to 1024"),
    ] {
        let (_, message) = kms
            .fails("root", "GenerateRandom", json!({ "NumberOfBytes": length }))
            .await;
        assert_eq!(
            message,
            format!(
                "1 validation error detected: Value '{length}' at 'numberOfBytes' failed to \
                 satisfy constraint: Member must have value {bound}"
            )
        );
    }
    let store = json!({ "NumberOfBytes": 1, "CustomKeyStoreId": "cks-1234567890abcdef0" });
    let code = kms.code("root", "GenerateRandom", store).await;
    assert_eq!(code, "CustomKeyStoreNotFoundException");
}

#[tokio::test]
async fn other_accounts_have_their_own_keys() {
    let kms = Kms::new().await;
    let created = kms.ok("other-root", "CreateKey", json!({})).await;
    assert_eq!(created["KeyMetadata"]["AWSAccountId"], OTHER);
    let id = text(&created["KeyMetadata"]["KeyId"]);
    let failed = kms
        .fails("root", "DescribeKey", json!({ "KeyId": id }))
        .await;
    let text = format!("Key '{}' does not exist", arn(&id));
    assert_eq!(failed, ("NotFoundException".to_owned(), text));
}
