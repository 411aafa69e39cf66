//! What calls leave on record: the key and the context, never what was encrypted.

use crate::house::{
    ACCOUNT, Kms, OTHER, REGION, Value, allow, arn, base64, delegation, json, key_policy, text,
};

/// Every event so far, with its text.
pub(crate) fn events(kms: &Kms) -> Vec<(Value, String)> {
    let mut reader = kms.harness.pipeline.store().journal_reader(1);
    let mut events = Vec::new();
    while let Some(entry) = reader.next().expect("a journal in memory") {
        let text = String::from_utf8(entry.payload).expect("text");
        events.push((serde_json::from_str(&text).expect("JSON"), text));
    }
    events
}

fn last(kms: &Kms) -> Value {
    events(kms).pop().expect("an event").0
}

#[tokio::test]
async fn calls_name_the_key_and_the_context() {
    let kms = Kms::new().await;
    let resource =
        |arn: &str, kind: &str| json!({ "accountId": ACCOUNT, "type": kind, "ARN": arn });
    let key = kms.key().await;
    let key_resource = resource(&arn(&key), "AWS::KMS::Key");
    assert_eq!(last(&kms)["eventName"], "CreateKey");
    assert_eq!(last(&kms)["resources"], json!([key_resource]));
    kms.ok(
        "root",
        "CreateAlias",
        json!({ "AliasName": "alias/x", "TargetKeyId": key }),
    )
    .await;
    let alias = format!("arn:aws:kms:{REGION}:{ACCOUNT}:alias/x");
    let both = json!([resource(&alias, "AWS::KMS::Key"), key_resource]);
    assert_eq!(last(&kms)["resources"], both);
    kms.encrypt("alias/x", b"x", json!({ "Dept": "IT" })).await;
    let event = last(&kms);
    assert_eq!(event["resources"], json!([key_resource]));
    assert_eq!(
        event["requestParameters"]["encryptionContext"],
        json!({ "Dept": "IT" })
    );
}

#[tokio::test]
async fn no_plaintext_and_no_ciphertext_is_on_record() {
    let kms = Kms::new().await;
    let (key, other) = (kms.key().await, kms.key().await);
    let secret = b"correct horse battery staple";
    let blob = kms.encrypt(&key, secret, json!({})).await;
    let mut secrets = vec![base64(secret), "correct horse".to_owned(), blob.clone()];
    let moving = json!({ "CiphertextBlob": blob, "DestinationKeyId": other });
    let moved = kms.ok("root", "ReEncrypt", moving).await;
    let decrypted = kms
        .ok("root", "Decrypt", json!({ "CiphertextBlob": blob }))
        .await;
    assert_eq!(text(&decrypted["Plaintext"]), base64(secret));
    let spec = json!({ "KeyId": key, "KeySpec": "AES_256" });
    let data_key = kms.ok("root", "GenerateDataKey", spec).await;
    let random = kms
        .ok("root", "GenerateRandom", json!({ "NumberOfBytes": 32 }))
        .await;
    for (answer, member) in [
        (&moved, "CiphertextBlob"),
        (&data_key, "CiphertextBlob"),
        (&data_key, "Plaintext"),
        (&random, "Plaintext"),
    ] {
        secrets.push(text(&answer[member]));
    }
    let mut wrong = json!({ "CiphertextBlob": blob, "EncryptionContext": { "a": "b" } });
    kms.code("root", "Decrypt", wrong.clone()).await;
    wrong["KeyId"] = json!(other);
    kms.code("root", "Decrypt", wrong).await;
    let long = json!({ "KeyId": key, "Plaintext": base64(&secret.repeat(200)) });
    kms.code("root", "Encrypt", long).await;
    let events = events(&kms);
    assert_eq!(events.len(), 10);
    for (event, text) in &events {
        let told = secrets.iter().find(|secret| text.contains(secret.as_str()));
        assert_eq!(told, None, "{}", event["eventName"]);
    }
}

/// A token is no secret, but whoever holds one can name the grant: it is left out as AWS does.
#[tokio::test]
async fn no_grant_token_is_on_record() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let input = json!({ "KeyId": key, "GranteePrincipal": root, "Operations": ["Encrypt"] });
    let made = kms.ok("root", "CreateGrant", input).await;
    let token = text(&made["GrantToken"]);
    let event = last(&kms);
    let said = json!({ "grantId": made["GrantId"], "keyId": arn(&key) });
    assert_eq!(event["responseElements"], said);
    assert_eq!(
        event["requestParameters"]["granteePrincipal"],
        root.as_str()
    );
    let input = json!({ "KeyId": key, "Plaintext": "eA==", "GrantTokens": [token] });
    kms.ok("root", "Encrypt", input).await;
    kms.ok("root", "RetireGrant", json!({ "GrantToken": token }))
        .await;
    let key = json!([{ "accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": arn(&key) }]);
    assert_eq!(last(&kms)["resources"], key);
    let events = events(&kms);
    assert_eq!(events.len(), 4);
    for (event, text) in &events {
        assert!(!text.contains(&token), "{}", event["eventName"]);
    }
}

/// What keys of other kinds make or are given, with the members of the answer to keep secret.
#[tokio::test]
async fn no_message_no_signature_and_no_shared_secret_is_on_record() {
    let kms = Kms::new().await;
    let symmetric = kms.key().await;
    let message = base64(b"correct horse battery staple");
    let mut secrets = vec![message.clone(), "correct horse".to_owned()];
    let (mut calls, mut reading) = (1, Vec::new());
    for (spec, usage, operation, mut input, members) in [
        (
            "ECC_NIST_P256",
            "SIGN_VERIFY",
            "Sign",
            json!({ "Message": message, "SigningAlgorithm": "ECDSA_SHA_256" }),
            &["Signature"][..],
        ),
        (
            "HMAC_256",
            "GENERATE_VERIFY_MAC",
            "GenerateMac",
            json!({ "Message": message, "MacAlgorithm": "HMAC_SHA_256" }),
            &["Mac"],
        ),
        (
            "RSA_2048",
            "ENCRYPT_DECRYPT",
            "Encrypt",
            json!({ "Plaintext": message, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256" }),
            &["CiphertextBlob"],
        ),
        (
            "ML_KEM_512",
            "ENCAPSULATE_DECAPSULATE",
            "Encapsulate",
            json!({ "EncapsulationAlgorithm": "ML_KEM" }),
            &["SharedSecret", "SharedSecretCiphertextBlob"],
        ),
    ] {
        let key = kms.key_of(spec, usage).await;
        input["KeyId"] = json!(key);
        let answer = kms.ok("root", operation, input.clone()).await;
        secrets.extend(members.iter().map(|member| text(&answer[*member])));
        reading.push((input, answer));
        calls += 2;
    }
    for (at, operation, given, wanted) in [
        (0, "Verify", "Signature", "Signature"),
        (1, "VerifyMac", "Mac", "Mac"),
        (2, "Decrypt", "CiphertextBlob", "CiphertextBlob"),
        (
            3,
            "Decapsulate",
            "SharedSecretCiphertextBlob",
            "SharedSecretCiphertextBlob",
        ),
    ] {
        let (mut input, answer) = reading[at].clone();
        input[wanted] = answer[given].clone();
        input
            .as_object_mut()
            .expect("an object")
            .remove("Plaintext");
        kms.ok("root", operation, input).await;
        calls += 1;
    }
    let agreeing = kms.key_of("ECC_NIST_P256", "KEY_AGREEMENT").await;
    let input = json!({
        "KeyId": agreeing,
        "PublicKey": base64(&kms.public_key(&agreeing).await),
        "KeyAgreementAlgorithm": "ECDH",
    });
    let answer = kms.ok("root", "DeriveSharedSecret", input).await;
    secrets.push(text(&answer["SharedSecret"]));
    let input = json!({ "KeyId": symmetric, "KeyPairSpec": "ECC_NIST_P256" });
    let answer = kms.ok("root", "GenerateDataKeyPair", input).await;
    for member in ["PrivateKeyPlaintext", "PrivateKeyCiphertextBlob"] {
        secrets.push(text(&answer[member]));
    }
    let events = events(&kms);
    assert_eq!(events.len(), calls + 4);
    for (event, text) in &events {
        let told = secrets.iter().find(|secret| text.contains(secret.as_str()));
        assert_eq!(told, None, "{}", event["eventName"]);
        let is_read_only = event["eventName"] != "CreateKey";
        assert_eq!(
            event["readOnly"],
            json!(is_read_only),
            "{}",
            event["eventName"]
        );
    }
}

#[tokio::test]
async fn a_refused_caller_of_another_account_finds_no_more_on_its_record_than_it_said() {
    let kms = Kms::new().await;
    kms.harness
        .user_of(OTHER, "mallory", &[&allow("kms:*", "*")]);
    let key = kms.key_under(&key_policy(&[delegation(ACCOUNT)])).await;
    kms.ok(
        "root",
        "CreateAlias",
        json!({ "AliasName": "alias/x", "TargetKeyId": key }),
    )
    .await;
    let alias = format!("arn:aws:kms:{REGION}:{ACCOUNT}:alias/x");
    let input = json!({ "KeyId": alias, "Plaintext": "eA==" });
    assert_eq!(
        kms.code("mallory", "Encrypt", input).await,
        "AccessDeniedException"
    );
    let (event, text) = events(&kms).pop().expect("an event");
    assert_eq!(event["resources"][0]["ARN"], json!(alias));
    assert!(!text.contains(&key), "{text}");
}
