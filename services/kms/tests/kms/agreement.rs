//! DeriveSharedSecret.

use crate::house::{Kms, Value, arn, base64, bytes, json, statement};

fn asking(key: &str, peer: &[u8]) -> Value {
    json!({ "KeyId": key, "PublicKey": base64(peer), "KeyAgreementAlgorithm": "ECDH" })
}

#[tokio::test]
async fn both_sides_derive_the_same_secret() {
    let kms = Kms::new().await;
    for (spec, length) in [
        ("ECC_NIST_P256", 32),
        ("ECC_NIST_P384", 48),
        ("ECC_NIST_P521", 66),
    ] {
        let alice = kms.key_of(spec, "KEY_AGREEMENT").await;
        let bob = kms.key_of(spec, "KEY_AGREEMENT").await;
        let input = asking(&alice, &kms.public_key(&bob).await);
        let one = kms.ok("root", "DeriveSharedSecret", input).await;
        let expected = json!({
            "KeyId": arn(&alice),
            "SharedSecret": one["SharedSecret"],
            "KeyAgreementAlgorithm": "ECDH",
            "KeyOrigin": "AWS_KMS",
        });
        assert_eq!(one, expected);
        assert_eq!(bytes(&one["SharedSecret"]).len(), length);
        let input = asking(&bob, &kms.public_key(&alice).await);
        let two = kms.ok("root", "DeriveSharedSecret", input).await;
        assert_eq!(one["SharedSecret"], two["SharedSecret"]);
    }
}

#[tokio::test]
async fn a_public_key_of_another_sort_is_refused() {
    let kms = Kms::new().await;
    let key = kms.key_of("ECC_NIST_P256", "KEY_AGREEMENT").await;
    let mut off_curve = kms.public_key(&key).await;
    *off_curve.last_mut().expect("a key") ^= 1;
    let mut peers = vec![
        off_curve,
        b"x".to_vec(),
        kms.public_key(&key).await[26..].to_vec(),
    ];
    for (spec, usage) in [
        ("ECC_NIST_P384", "KEY_AGREEMENT"),
        ("ECC_SECG_P256K1", "SIGN_VERIFY"),
        ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY"),
        ("RSA_2048", "SIGN_VERIFY"),
    ] {
        let other = kms.key_of(spec, usage).await;
        peers.push(kms.public_key(&other).await);
    }
    for peer in peers {
        let mut input = asking(&key, &peer);
        let text = "";
        let expected = ("ValidationException".to_owned(), text.to_owned());
        let failed = kms.fails("root", "DeriveSharedSecret", input.clone()).await;
        assert_eq!(failed, expected);
        input["DryRun"] = json!(true);
        let failed = kms.fails("root", "DeriveSharedSecret", input).await;
        assert_eq!(failed, expected);
    }
    let mut input = asking(&key, &kms.public_key(&key).await);
    input["DryRun"] = json!(true);
    let code = kms.code("root", "DeriveSharedSecret", input).await;
    assert_eq!(code, "DryRunOperationException");
    let long = asking(&key, &[7; 8193]);
    let code = kms.code("root", "DeriveSharedSecret", long).await;
    assert_eq!(code, "ValidationException");
}

#[tokio::test]
async fn conditions_see_the_algorithm() {
    let kms = Kms::new().await;
    let key = kms.key_of("ECC_NIST_P256", "KEY_AGREEMENT").await;
    let peer = kms.public_key(&key).await;
    for (who, algorithm, is_allowed) in [("alice", "ECDH", true), ("bob", "SM2", false)] {
        let policy = statement(&json!({
            "Effect": "Allow",
            "Action": "kms:DeriveSharedSecret",
            "Resource": "*",
            "Condition": { "StringEquals": { "kms:KeyAgreementAlgorithm": algorithm } },
        }));
        kms.harness.user(who, &[&policy]);
        let answer = kms
            .call(who, "DeriveSharedSecret", asking(&key, &peer))
            .await;
        let expected = (!is_allowed).then_some("AccessDeniedException");
        assert_eq!(answer.code.as_deref(), expected, "{who}");
    }
}
