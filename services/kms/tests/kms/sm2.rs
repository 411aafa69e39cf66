//! SM2 keys, which AWS has in its Chinese regions.

use crate::house::{ACCOUNT, Kms, OTHER, REGION, Value, base64, bytes, json, text};

const CHINA: &str = "cn-north-1";

const USAGES: [(&str, &str, &str); 3] = [
    ("SIGN_VERIFY", "SigningAlgorithms", "SM2DSA"),
    ("ENCRYPT_DECRYPT", "EncryptionAlgorithms", "SM2PKE"),
    ("KEY_AGREEMENT", "KeyAgreementAlgorithms", "ECDH"),
];

async fn ok(kms: &Kms, operation: &str, input: Value) -> Value {
    let answer = kms.call_in(CHINA, "root", operation, input).await;
    assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
    answer.body
}

async fn fails(kms: &Kms, operation: &str, input: Value) -> (String, String) {
    let answer = kms.call_in(CHINA, "root", operation, input).await;
    assert_eq!(answer.status, 400, "{operation}: {}", answer.text);
    let message = answer.message().to_owned();
    (answer.code.unwrap_or_default(), message)
}

/// A new key: its ARN and its public key.
async fn key_for(kms: &Kms, usage: &str) -> (String, Value) {
    let input = json!({ "KeySpec": "SM2", "KeyUsage": usage });
    let created = ok(kms, "CreateKey", input).await;
    let arn = text(&created["KeyMetadata"]["Arn"]);
    let public = ok(kms, "GetPublicKey", json!({ "KeyId": arn })).await;
    (arn, public["PublicKey"].clone())
}

fn validation(text: &str) -> (String, String) {
    ("ValidationException".to_owned(), text.to_owned())
}

#[tokio::test]
async fn keys_are_made_in_china_alone() {
    let kms = Kms::new().await;
    for (usage, member, algorithm) in USAGES {
        let input = json!({ "KeySpec": "SM2", "KeyUsage": usage });
        for region in ["cn-north-1", "cn-northwest-1"] {
            let made = kms
                .call_in(region, "root", "CreateKey", input.clone())
                .await;
            let metadata = &made.body["KeyMetadata"];
            let id = text(&metadata["KeyId"]);
            let arn = format!("arn:aws-cn:kms:{region}:{ACCOUNT}:key/{id}");
            let expected = json!({
                "AWSAccountId": ACCOUNT,
                "Arn": arn,
                "CreationDate": metadata["CreationDate"],
                "CustomerMasterKeySpec": "SM2",
                "Description": "",
                "Enabled": true,
                "KeyId": id,
                "KeyManager": "CUSTOMER",
                "KeySpec": "SM2",
                "KeyState": "Enabled",
                "KeyUsage": usage,
                "MultiRegion": false,
                "Origin": "AWS_KMS",
                member: [algorithm],
            });
            assert_eq!(*metadata, expected);
            let input = json!({ "KeyId": arn });
            let public = kms
                .call_in(region, "root", "GetPublicKey", input)
                .await
                .body;
            let expected = json!({
                "KeyId": arn,
                "PublicKey": public["PublicKey"],
                "CustomerMasterKeySpec": "SM2",
                "KeySpec": "SM2",
                "KeyUsage": usage,
                member: [algorithm],
            });
            assert_eq!(public, expected);
            let spki = bytes(&public["PublicKey"]);
            let curve = [0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d];
            assert_eq!((spki.len(), &spki[13..23]), (91, &curve[..]));
        }
        for region in [REGION, "us-gov-west-1"] {
            let refused = kms
                .call_in(region, "root", "CreateKey", input.clone())
                .await;
            let code = Some("UnsupportedOperationException");
            assert_eq!(refused.code.as_deref(), code, "{region}");
        }
    }
    for usage in ["GENERATE_VERIFY_MAC", "ENCAPSULATE_DECAPSULATE"] {
        let input = json!({ "KeySpec": "SM2", "KeyUsage": usage });
        let text = format!("KeyUsage {usage} is not compatible with KeySpec SM2");
        assert_eq!(fails(&kms, "CreateKey", input).await, validation(&text));
    }
}

#[tokio::test]
async fn messages_are_signed() {
    let kms = Kms::new().await;
    let (key, _) = key_for(&kms, "SIGN_VERIFY").await;
    let (other, _) = key_for(&kms, "SIGN_VERIFY").await;
    let asking = |kind: &str, message: &[u8]| {
        json!({
            "KeyId": key, "SigningAlgorithm": "SM2DSA", "MessageType": kind,
            "Message": base64(message),
        })
    };
    for (kind, message) in [("RAW", &b"attack at dawn"[..]), ("DIGEST", &[7; 32])] {
        let input = asking(kind, message);
        let signed = ok(&kms, "Sign", input.clone()).await;
        let expected = json!({
            "KeyId": key, "Signature": signed["Signature"], "SigningAlgorithm": "SM2DSA",
        });
        assert_eq!(signed, expected);
        let mut input = input;
        input["Signature"] = signed["Signature"].clone();
        let verified = ok(&kms, "Verify", input.clone()).await;
        assert_eq!(verified["SignatureValid"], true);
        let invalid = ("KMSInvalidSignatureException".to_owned(), String::new());
        let mut changed = message.to_vec();
        changed[0] ^= 1;
        let mut wrong = bytes(&signed["Signature"]);
        *wrong.last_mut().expect("a signature") ^= 1;
        for (member, value) in [
            ("Message", json!(base64(&changed))),
            ("Signature", json!(base64(&wrong))),
            ("Signature", json!("eA==")),
            ("KeyId", json!(other)),
        ] {
            let mut input = input.clone();
            input[member] = value;
            assert_eq!(fails(&kms, "Verify", input).await, invalid, "{member}");
        }
    }
    let text = "Digest is invalid length for algorithm SM2DSA.";
    assert_eq!(
        fails(&kms, "Sign", asking("DIGEST", b"short")).await,
        validation(text)
    );
    let text = "Message type EXTERNAL_MU is incompatible with key spec SM2.";
    assert_eq!(
        fails(&kms, "Sign", asking("EXTERNAL_MU", &[0; 64])).await,
        validation(text)
    );
    let mut input = asking("RAW", b"x");
    input["SigningAlgorithm"] = json!("ECDSA_SHA_256");
    let text = "Algorithm ECDSA_SHA_256 is incompatible with key spec SM2.";
    let usage = ("InvalidKeyUsageException".to_owned(), text.to_owned());
    assert_eq!(fails(&kms, "Sign", input).await, usage);
}

#[tokio::test]
async fn up_to_1024_bytes_are_encrypted() {
    let kms = Kms::new().await;
    let (key, _) = key_for(&kms, "ENCRYPT_DECRYPT").await;
    let encrypting = |plaintext: &[u8]| {
        json!({
            "KeyId": key, "EncryptionAlgorithm": "SM2PKE", "Plaintext": base64(plaintext),
        })
    };
    for length in [1, 32, 1024] {
        let plaintext = vec![7; length];
        let sealed = ok(&kms, "Encrypt", encrypting(&plaintext)).await;
        let blob = &sealed["CiphertextBlob"];
        let expected = json!({
            "KeyId": key, "CiphertextBlob": blob, "EncryptionAlgorithm": "SM2PKE",
        });
        assert_eq!(sealed, expected);
        assert_eq!(bytes(blob)[0], 0x30);
        let input = json!({
            "KeyId": key, "EncryptionAlgorithm": "SM2PKE", "CiphertextBlob": blob,
        });
        let expected = json!({
            "KeyId": key, "Plaintext": base64(&plaintext), "EncryptionAlgorithm": "SM2PKE",
        });
        assert_eq!(ok(&kms, "Decrypt", input).await, expected);
    }
    let text = "Algorithm SM2PKE and key spec SM2 cannot encrypt data larger than 1024 bytes.";
    let long = encrypting(&[7; 1025]);
    assert_eq!(fails(&kms, "Encrypt", long).await, validation(text));
}

#[tokio::test]
async fn whatever_is_wrong_with_a_ciphertext_the_answer_is_the_same() {
    let kms = Kms::new().await;
    let (key, _) = key_for(&kms, "ENCRYPT_DECRYPT").await;
    let (other, _) = key_for(&kms, "ENCRYPT_DECRYPT").await;
    let input = json!({
        "KeyId": key, "EncryptionAlgorithm": "SM2PKE", "Plaintext": base64(b"secret"),
    });
    let sealed = ok(&kms, "Encrypt", input).await;
    let blob = bytes(&sealed["CiphertextBlob"]);
    let mut cases = vec![
        (&other, blob.clone()),
        (&key, b"x".to_vec()),
        (&key, vec![0xff; 6144]),
    ];
    for at in 0..blob.len() {
        let mut changed = blob.clone();
        changed[at] ^= 1;
        cases.push((&key, changed));
        cases.push((&key, blob[..at.max(1)].to_vec()));
    }
    let invalid = ("InvalidCiphertextException".to_owned(), String::new());
    for (key, blob) in cases {
        let input = json!({
            "KeyId": key, "EncryptionAlgorithm": "SM2PKE", "CiphertextBlob": base64(&blob),
        });
        assert_eq!(fails(&kms, "Decrypt", input).await, invalid, "{blob:?}");
    }
}

/// From a symmetric key to an SM2 key, which takes less, and back.
#[tokio::test]
async fn ciphertexts_move_between_keys() {
    let kms = Kms::new().await;
    let (key, _) = key_for(&kms, "ENCRYPT_DECRYPT").await;
    let symmetric = ok(&kms, "CreateKey", json!({})).await;
    let symmetric = text(&symmetric["KeyMetadata"]["Arn"]);
    let moving = |blob: &Value| {
        json!({
            "CiphertextBlob": blob, "DestinationKeyId": key,
            "DestinationEncryptionAlgorithm": "SM2PKE",
        })
    };
    let encrypting =
        |plaintext: &[u8]| json!({ "KeyId": symmetric, "Plaintext": base64(plaintext) });
    let sealed = ok(&kms, "Encrypt", encrypting(b"secret")).await;
    let moved = ok(&kms, "ReEncrypt", moving(&sealed["CiphertextBlob"])).await;
    let input = json!({
        "CiphertextBlob": moved["CiphertextBlob"], "DestinationKeyId": symmetric,
        "SourceKeyId": key, "SourceEncryptionAlgorithm": "SM2PKE",
    });
    let back = ok(&kms, "ReEncrypt", input).await;
    let input = json!({ "CiphertextBlob": back["CiphertextBlob"] });
    assert_eq!(
        ok(&kms, "Decrypt", input).await["Plaintext"],
        base64(b"secret")
    );
    let sealed = ok(&kms, "Encrypt", encrypting(&[7; 1025])).await;
    let text = "Algorithm SM2PKE and key spec SM2 cannot encrypt data larger than 1024 bytes.";
    let refused = fails(&kms, "ReEncrypt", moving(&sealed["CiphertextBlob"])).await;
    assert_eq!(refused, validation(text));
}

#[tokio::test]
async fn both_sides_derive_the_same_secret() {
    let kms = Kms::new().await;
    let (alice, alices) = key_for(&kms, "KEY_AGREEMENT").await;
    let (bob, bobs) = key_for(&kms, "KEY_AGREEMENT").await;
    let asking = |key: &str, peer: &Value| json!({ "KeyId": key, "PublicKey": peer, "KeyAgreementAlgorithm": "ECDH" });
    let one = ok(&kms, "DeriveSharedSecret", asking(&alice, &bobs)).await;
    let expected = json!({
        "KeyId": alice,
        "SharedSecret": one["SharedSecret"],
        "KeyAgreementAlgorithm": "ECDH",
        "KeyOrigin": "AWS_KMS",
    });
    assert_eq!(one, expected);
    assert_eq!(bytes(&one["SharedSecret"]).len(), 32);
    let two = ok(&kms, "DeriveSharedSecret", asking(&bob, &alices)).await;
    assert_eq!(one["SharedSecret"], two["SharedSecret"]);

    let p256 = json!({ "KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT" });
    let p256 = ok(&kms, "CreateKey", p256).await;
    let p256 = json!({ "KeyId": p256["KeyMetadata"]["KeyId"] });
    let p256 = ok(&kms, "GetPublicKey", p256).await;
    let mut off_curve = bytes(&bobs);
    *off_curve.last_mut().expect("a key") ^= 1;
    for peer in [
        &p256["PublicKey"],
        &json!(base64(&off_curve)),
        &json!("eA=="),
    ] {
        let refused = fails(&kms, "DeriveSharedSecret", asking(&alice, peer)).await;
        assert_eq!(refused, validation(""));
    }
}

#[tokio::test]
async fn data_key_pairs_are_made_in_china_alone() {
    let kms = Kms::new().await;
    let symmetric = ok(&kms, "CreateKey", json!({})).await;
    let input = json!({ "KeyId": symmetric["KeyMetadata"]["KeyId"], "KeyPairSpec": "SM2" });
    let pair = ok(&kms, "GenerateDataKeyPair", input.clone()).await;
    assert_eq!(pair["KeyPairSpec"], "SM2");
    let (public, private) = (
        bytes(&pair["PublicKey"]),
        bytes(&pair["PrivateKeyPlaintext"]),
    );
    assert_eq!((public.len(), private.len()), (91, 138));
    // The private key has the public one in it.
    assert_eq!(private[73..], public[26..]);
    let opening = json!({ "CiphertextBlob": pair["PrivateKeyCiphertextBlob"] });
    let opened = ok(&kms, "Decrypt", opening).await;
    assert_eq!(opened["Plaintext"], pair["PrivateKeyPlaintext"]);
    let hidden = ok(&kms, "GenerateDataKeyPairWithoutPlaintext", input).await;
    assert_eq!(hidden.get("PrivateKeyPlaintext"), None);
    assert_ne!(hidden["PublicKey"], pair["PublicKey"]);
}

/// Who may use a key for what, where the partition is `aws-cn`.
#[tokio::test]
async fn policies_and_conditions_hold_in_china() {
    let kms = Kms::new().await;
    let (key, _) = key_for(&kms, "SIGN_VERIFY").await;
    for (who, resource, algorithm, is_allowed) in [
        ("alice", key.as_str(), "SM2DSA", true),
        ("bob", key.as_str(), "ECDSA_SHA_256", false),
        ("carol", "arn:aws:kms:*:*:key/*", "SM2DSA", false),
        (
            "dave",
            "arn:aws-cn:kms:cn-northwest-1:*:key/*",
            "SM2DSA",
            false,
        ),
    ] {
        let policy = crate::house::statement(&json!({
            "Effect": "Allow",
            "Action": "kms:Sign",
            "Resource": resource,
            "Condition": { "StringEquals": { "kms:SigningAlgorithm": algorithm } },
        }));
        kms.harness.user(who, &[&policy]);
        let input = json!({ "KeyId": key, "SigningAlgorithm": "SM2DSA", "Message": "eA==" });
        let answer = kms.call_in(CHINA, who, "Sign", input).await;
        let expected = (!is_allowed).then_some("AccessDeniedException");
        assert_eq!(answer.code.as_deref(), expected, "{who}");
    }
}

fn in_china(name: &str) -> String {
    format!("arn:aws-cn:iam::{ACCOUNT}:user/{name}")
}

/// Key policies and grants name users as AWS's partition for China does, and are shown like that.
#[tokio::test]
async fn users_are_named_as_in_china() {
    let kms = Kms::new().await;
    for name in ["alice", "bob"] {
        kms.harness.user(name, &[]);
    }
    let statement = |who: &str, actions: &[&str]| {
        json!({
            "Effect": "Allow",
            "Principal": { "AWS": who },
            "Action": actions,
            "Resource": "*",
        })
    };
    let root = format!("arn:aws-cn:iam::{ACCOUNT}:root");
    let statements = [
        statement(&root, &["kms:*"]),
        statement(&in_china("alice"), &["kms:Sign", "kms:PutKeyPolicy"]),
        // Others' accounts, and a session, whose existence nobody knows.
        statement(OTHER, &["kms:DescribeKey"]),
        statement(
            &format!("arn:aws-cn:sts::{OTHER}:assumed-role/app/s1"),
            &["kms:DescribeKey"],
        ),
    ];
    let policy = crate::house::key_policy(&statements).to_string();
    let input = json!({ "KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY", "Policy": policy });
    let made = ok(&kms, "CreateKey", input.clone()).await;
    let key = text(&made["KeyMetadata"]["KeyId"]);
    let shown = ok(&kms, "GetKeyPolicy", json!({ "KeyId": key })).await;
    assert_eq!(shown["Policy"], json!(policy));

    let sign = json!({ "KeyId": key, "SigningAlgorithm": "SM2DSA", "Message": "eA==" });
    let signed = kms.call_in(CHINA, "alice", "Sign", sign.clone()).await;
    assert_eq!(signed.status, 200, "{}", signed.text);
    let refused = kms.call_in(CHINA, "bob", "Sign", sign.clone()).await;
    assert_eq!(refused.code.as_deref(), Some("AccessDeniedException"));
    // Who names herself keeps the key.
    let own = crate::house::key_policy(&statements[1..2]).to_string();
    let put = json!({ "KeyId": key, "Policy": own });
    let answer = kms.call_in(CHINA, "alice", "PutKeyPolicy", put).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let put = json!({ "KeyId": key, "Policy": policy });
    let answer = kms.call_in(CHINA, "alice", "PutKeyPolicy", put).await;
    assert_eq!(answer.status, 200, "{}", answer.text);

    let grant = json!({
        "KeyId": key, "GranteePrincipal": in_china("bob"), "Operations": ["Sign"],
    });
    ok(&kms, "CreateGrant", grant).await;
    let signed = kms.call_in(CHINA, "bob", "Sign", sign).await;
    assert_eq!(signed.status, 200, "{}", signed.text);
    let listed = ok(&kms, "ListGrants", json!({ "KeyId": key })).await;
    let listed = &listed["Grants"][0];
    assert_eq!(listed["GranteePrincipal"], json!(in_china("bob")));
    assert_eq!(listed["IssuingAccount"], json!(root));
}

/// A name of a partition that the key's Region is not in is nobody's, and neither is that of a user
/// who does not exist.
#[tokio::test]
async fn users_of_other_partitions_are_unknown() {
    let kms = Kms::new().await;
    kms.harness.user("alice", &[]);
    for (region, who, is_known) in [
        (CHINA, in_china("alice"), true),
        (CHINA, in_china("nobody"), false),
        (
            CHINA,
            format!("arn:aws-us-gov:iam::{ACCOUNT}:user/alice"),
            false,
        ),
        (REGION, in_china("alice"), false),
        ("us-gov-west-1", in_china("alice"), false),
        (
            "us-gov-west-1",
            format!("arn:aws-us-gov:iam::{ACCOUNT}:user/alice"),
            true,
        ),
    ] {
        let statement = json!({
            "Effect": "Allow", "Principal": { "AWS": who }, "Action": "kms:*", "Resource": "*",
        });
        let input = json!({
            "Policy": crate::house::key_policy(&[statement]).to_string(),
            "BypassPolicyLockoutSafetyCheck": true,
        });
        let answer = kms.call_in(region, "root", "CreateKey", input).await;
        let expected = (!is_known).then_some("MalformedPolicyDocumentException");
        assert_eq!(answer.code.as_deref(), expected, "{who} in {region}");
    }
}
