//! Import tokens: what they are good for, and for how long.

use crate::house::{
    ACCOUNT, Kms, Value, allow, arn, base64, bytes, delegation, granting, json, key_policy, text,
};
use crate::import::{OAEP, import_input};

const DAY: i64 = 86_400;
const START: i64 = 1_767_225_600;

#[tokio::test]
async fn sec_c11_a_token_of_one_key_is_not_one_of_another() {
    let kms = Kms::new().await;
    let (one, two) = (kms.empty_key().await, kms.empty_key().await);
    let parameters = kms.parameters(&one).await;
    let input = import_input(&two, &parameters, &[7; 32], &json!({}));
    let code = kms.code("root", "ImportKeyMaterial", input).await;
    assert_eq!(code, "InvalidImportTokenException");
    assert_eq!(kms.state(&two).await, "PendingImport");
    // Nor is the token of one public key one of another.
    let mut mixed = import_input(&one, &parameters, &[7; 32], &json!({}));
    mixed["ImportToken"] = kms.parameters(&one).await.token;
    let code = kms.code("root", "ImportKeyMaterial", mixed).await;
    assert_eq!(code, "InvalidCiphertextException");
    assert_eq!(kms.state(&one).await, "PendingImport");
    let input = import_input(&one, &parameters, &[7; 32], &json!({}));
    kms.ok("root", "ImportKeyMaterial", input).await;
}

/// The wrapping algorithm is in the token: material that is wrapped otherwise does not come in.
#[tokio::test]
async fn sec_c11_a_token_is_for_one_algorithm() {
    let kms = Kms::new().await;
    let key = kms.empty_key().await;
    let with_sha_1 = kms
        .parameters_of(&key, "RSAES_OAEP_SHA_1", "RSA_2048")
        .await;
    let with_sha_256 = with_sha_1.clone().wrapping_with(OAEP);
    let input = import_input(&key, &with_sha_256, &[7; 32], &json!({}));
    let code = kms.code("root", "ImportKeyMaterial", input).await;
    assert_eq!(code, "InvalidCiphertextException");
    let input = import_input(&key, &with_sha_1, &[7; 32], &json!({}));
    kms.ok("root", "ImportKeyMaterial", input).await;
}

#[tokio::test]
async fn sec_c11_a_token_ends_after_24_hours() {
    let kms = Kms::new().await;
    let key = kms.empty_key().await;
    let asked = json!({ "KeyId": key, "WrappingAlgorithm": OAEP, "WrappingKeySpec": "RSA_2048" });
    let answer = kms.ok("root", "GetParametersForImport", asked).await;
    assert_eq!(answer["ParametersValidTo"], json!(START + DAY));
    let parameters = kms.parameters(&key).await;
    let input = import_input(&key, &parameters, &[7; 32], &json!({}));
    kms.harness.clock.advance(DAY - 1);
    kms.ok("root", "ImportKeyMaterial", input.clone()).await;
    kms.harness.clock.advance(1);
    let code = kms.code("root", "ImportKeyMaterial", input).await;
    assert_eq!(code, "ExpiredImportTokenException");
}

#[tokio::test]
async fn sec_c11_no_bit_of_a_token_can_be_changed() {
    let kms = Kms::new().await;
    let key = kms.empty_key().await;
    let parameters = kms.parameters(&key).await;
    let token = bytes(&parameters.token);
    let mut input = import_input(&key, &parameters, &[7; 32], &json!({}));
    let places = (0..80).chain((80..token.len()).step_by(97));
    for place in places.chain([token.len() - 1]) {
        let mut changed = token.clone();
        changed[place] ^= 1;
        input["ImportToken"] = json!(base64(&changed));
        let code = kms.code("root", "ImportKeyMaterial", input.clone()).await;
        assert_eq!(code, "InvalidImportTokenException", "{place}");
        input["ImportToken"] = json!(base64(&token[..place.max(1)]));
        let code = kms.code("root", "ImportKeyMaterial", input.clone()).await;
        assert_eq!(code, "InvalidImportTokenException", "{place}");
    }
    assert_eq!(kms.state(&key).await, "PendingImport");
}

/// What another sort of token is, is no import token.
#[tokio::test]
async fn sec_c11_other_tokens_are_no_import_tokens() {
    let kms = Kms::new().await;
    let key = kms.empty_key().await;
    let other = kms.key().await;
    let grant = json!({
        "KeyId": other,
        "GranteePrincipal": format!("arn:aws:iam::{ACCOUNT}:root"),
        "Operations": ["DescribeKey"],
    });
    let granted = kms.ok("root", "CreateGrant", grant).await;
    let parameters = kms.parameters(&key).await;
    let mut input = import_input(&key, &parameters, &[7; 32], &json!({}));
    for token in [
        text(&granted["GrantToken"]).into_bytes(),
        bytes(&json!(kms.encrypt(&other, b"x", json!({})).await)),
        b"x".to_vec(),
    ] {
        input["ImportToken"] = json!(base64(&token));
        let code = kms.code("root", "ImportKeyMaterial", input.clone()).await;
        assert_eq!(code, "InvalidImportTokenException");
    }
}

#[tokio::test]
async fn sec_c11_material_of_one_key_is_not_replaced() {
    let kms = Kms::new().await;
    for (spec, usage) in [
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
        ("HMAC_256", "GENERATE_VERIFY_MAC"),
    ] {
        let key = kms.external_key(spec, usage).await;
        kms.import(&key, &[7; 32]).await;
        for is_deleted in [false, true] {
            if is_deleted {
                let input = json!({ "KeyId": key });
                kms.ok("root", "DeleteImportedKeyMaterial", input).await;
            }
            let parameters = kms.parameters(&key).await;
            let input = import_input(&key, &parameters, &[8; 32], &json!({}));
            let code = kms.code("root", "ImportKeyMaterial", input).await;
            assert_eq!(code, "IncorrectKeyMaterialException");
            let input = import_input(&key, &parameters, &[7; 32], &json!({}));
            kms.ok("root", "ImportKeyMaterial", input).await;
            assert_eq!(kms.state(&key).await, "Enabled");
        }
    }
}

#[tokio::test]
async fn kms_25_policies_decide_on_what_is_imported_and_how() {
    let kms = Kms::new().await;
    kms.harness.user("keeper", &[]);
    let mut wrapping = granting("keeper", &["kms:GetParametersForImport"]);
    wrapping["Condition"] = json!({
        "StringEquals": { "kms:WrappingAlgorithm": OAEP, "kms:WrappingKeySpec": "RSA_2048" },
    });
    let mut importing = granting("keeper", &["kms:ImportKeyMaterial"]);
    importing["Condition"] = json!({
        "StringEquals": { "kms:ExpirationModel": "KEY_MATERIAL_EXPIRES" },
        "DateLessThanEquals": { "kms:ValidTo": "2026-01-31T00:00:00Z" },
    });
    let policy = key_policy(&[delegation(ACCOUNT), wrapping, importing]);
    let input = json!({ "Origin": "EXTERNAL", "Policy": policy.to_string() });
    let key = text(&kms.ok("root", "CreateKey", input).await["KeyMetadata"]["KeyId"]);

    for (algorithm, spec, is_allowed) in [
        (OAEP, "RSA_2048", true),
        ("RSAES_OAEP_SHA_1", "RSA_2048", false),
        (OAEP, "RSA_3072", false),
    ] {
        let input =
            json!({ "KeyId": key, "WrappingAlgorithm": algorithm, "WrappingKeySpec": spec });
        let answer = kms.call("keeper", "GetParametersForImport", input).await;
        assert_eq!(answer.status == 200, is_allowed, "{}", answer.text);
    }
    let parameters = kms.parameters(&key).await;
    for (expires, is_allowed) in [
        (
            json!({ "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE" }),
            false,
        ),
        (
            json!({ "ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": START + 31 * DAY }),
            false,
        ),
        (
            json!({ "ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": START + 30 * DAY }),
            true,
        ),
    ] {
        let input = import_input(&key, &parameters, &[7; 32], &expires);
        let answer = kms.call("keeper", "ImportKeyMaterial", input).await;
        assert_eq!(answer.status == 200, is_allowed, "{}", answer.text);
    }
    // The default of the model counts as if it had been said.
    let mut input = import_input(
        &key,
        &parameters,
        &[7; 32],
        &json!({ "ValidTo": START + DAY }),
    );
    let members = input.as_object_mut().expect("members");
    members.remove("ExpirationModel");
    kms.ok("keeper", "ImportKeyMaterial", input).await;
    let deleting = json!({ "KeyId": key });
    let code = kms
        .code("keeper", "DeleteImportedKeyMaterial", deleting)
        .await;
    assert_eq!(code, "AccessDeniedException");
}

/// The origin of keys can be demanded and forbidden (`kms:KeyOrigin`).
#[tokio::test]
async fn kms_25_policies_decide_on_the_origin_of_keys() {
    let kms = Kms::new().await;
    let denied = json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Effect": "Allow", "Action": "kms:*", "Resource": "*" },
            { "Effect": "Deny", "Action": "kms:*", "Resource": "*",
              "Condition": { "StringEquals": { "kms:KeyOrigin": "EXTERNAL" } } },
        ],
    });
    kms.harness.user("maker", &[&denied.to_string()]);
    kms.harness.user("any", &[&allow("kms:*", "*")]);
    kms.ok("maker", "CreateKey", json!({})).await;
    let external = json!({ "Origin": "EXTERNAL" });
    let code = kms.code("maker", "CreateKey", external.clone()).await;
    assert_eq!(code, "AccessDeniedException");
    kms.ok("any", "CreateKey", external).await;
    let key = kms.empty_key().await;
    kms.import(&key, &[7; 32]).await;
    let input = json!({ "KeyId": key, "Plaintext": "eA==" });
    assert_eq!(
        kms.code("maker", "Encrypt", input.clone()).await,
        "AccessDeniedException"
    );
    kms.ok("any", "Encrypt", input).await;
}

#[tokio::test]
async fn kms_25_neither_tokens_nor_wrapped_material_go_on_record() {
    let kms = Kms::new().await;
    let key = kms.empty_key().await;
    let more = json!({ "KeyMaterialDescription": "from the vault" });
    let id = kms.import_with(&key, &[7; 32], &more).await;
    let events = kms.events("ImportKeyMaterial");
    let expected = json!({
        "keyId": key,
        "expirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        "keyMaterialDescription": "from the vault",
    });
    assert_eq!(events[0]["requestParameters"], expected);
    let expected = json!({ "keyId": arn(&key), "keyMaterialId": id });
    assert_eq!(events[0]["responseElements"], expected);
    let events = kms.events("GetParametersForImport");
    let expected = json!({
        "keyId": key, "wrappingAlgorithm": OAEP, "wrappingKeySpec": "RSA_2048",
    });
    assert_eq!(events[0]["requestParameters"], expected);
    assert_eq!(events[0]["responseElements"], Value::Null);
    assert_eq!(events[0]["resources"][0]["ARN"], json!(arn(&key)));
}
