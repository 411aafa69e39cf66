//! Sign and Verify.

use aws_lc_rs::digest;
use proptest::prelude::*;

use crate::house::{Kms, Value, allow, arn, base64, bytes, json, statement, text};

/// Every signing key that is made in a moment, with its algorithms and the length of their digests.
const KEYS: &[(&str, &[(&str, usize)])] = &[
    (
        "RSA_2048",
        &[
            ("RSASSA_PSS_SHA_256", 32),
            ("RSASSA_PSS_SHA_384", 48),
            ("RSASSA_PSS_SHA_512", 64),
            ("RSASSA_PKCS1_V1_5_SHA_256", 32),
            ("RSASSA_PKCS1_V1_5_SHA_384", 48),
            ("RSASSA_PKCS1_V1_5_SHA_512", 64),
        ],
    ),
    ("ECC_NIST_P256", &[("ECDSA_SHA_256", 32)]),
    ("ECC_NIST_P384", &[("ECDSA_SHA_384", 48)]),
    ("ECC_NIST_P521", &[("ECDSA_SHA_512", 64)]),
    ("ECC_SECG_P256K1", &[("ECDSA_SHA_256", 32)]),
    (
        "ECC_NIST_EDWARDS25519",
        &[("ED25519_SHA_512", 64), ("ED25519_PH_SHA_512", 64)],
    ),
    ("ML_DSA_44", &[("ML_DSA_SHAKE_256", 64)]),
    ("ML_DSA_65", &[("ML_DSA_SHAKE_256", 64)]),
    ("ML_DSA_87", &[("ML_DSA_SHAKE_256", 64)]),
];

/// The message types that an algorithm takes.
fn types(algorithm: &str) -> &'static [&'static str] {
    match algorithm {
        "ED25519_SHA_512" => &["RAW"],
        "ED25519_PH_SHA_512" => &["DIGEST"],
        "ML_DSA_SHAKE_256" => &["RAW", "EXTERNAL_MU"],
        _ => &["RAW", "DIGEST"],
    }
}

fn signing(key: &str, algorithm: &str, kind: &str, message: &[u8]) -> Value {
    json!({
        "KeyId": key,
        "SigningAlgorithm": algorithm,
        "MessageType": kind,
        "Message": base64(message),
    })
}

fn verifying(signing: &Value, signature: &Value) -> Value {
    let mut input = signing.clone();
    input["Signature"] = signature.clone();
    input
}

#[tokio::test]
async fn every_key_signs_and_verifies_in_every_way_it_knows() {
    let kms = Kms::new().await;
    let mut ways = 0;
    for (spec, algorithms) in KEYS {
        let key = kms.key_of(spec, "SIGN_VERIFY").await;
        for (algorithm, digest) in *algorithms {
            for kind in types(algorithm) {
                let length = if *kind == "RAW" { 4096 } else { *digest };
                let input = signing(&key, algorithm, kind, &vec![7; length]);
                let signed = kms.ok("root", "Sign", input.clone()).await;
                let expected = json!({
                    "KeyId": arn(&key),
                    "Signature": signed["Signature"],
                    "SigningAlgorithm": algorithm,
                });
                assert_eq!(signed, expected);
                let verified = verifying(&input, &signed["Signature"]);
                let verified = kms.ok("root", "Verify", verified).await;
                let expected = json!({
                    "KeyId": arn(&key),
                    "SignatureValid": true,
                    "SigningAlgorithm": algorithm,
                });
                assert_eq!(verified, expected);
                // Another message, another signature, no signature at all.
                let invalid = ("KMSInvalidSignatureException".to_owned(), String::new());
                let other = signing(&key, algorithm, kind, &vec![8; length]);
                let other = verifying(&other, &signed["Signature"]);
                assert_eq!(kms.fails("root", "Verify", other).await, invalid);
                let mut changed = bytes(&signed["Signature"]);
                changed[10] ^= 1;
                for signature in [&changed[..], b"x"] {
                    let wrong = verifying(&input, &json!(base64(signature)));
                    assert_eq!(kms.fails("root", "Verify", wrong).await, invalid);
                }
                ways += 1;
            }
        }
    }
    assert_eq!(ways, 6 * 2 + 4 * 2 + 2 + 3 * 2);
}

#[tokio::test]
async fn a_message_is_raw_unless_it_says_otherwise() {
    let kms = Kms::new().await;
    let key = kms.key_of("ECC_NIST_P256", "SIGN_VERIFY").await;
    let mut input = signing(&key, "ECDSA_SHA_256", "RAW", &[7; 32]);
    let raw = kms.ok("root", "Sign", input.clone()).await;
    input
        .as_object_mut()
        .expect("an object")
        .remove("MessageType");
    let verified = verifying(&input, &raw["Signature"]);
    kms.ok("root", "Verify", verified.clone()).await;
    let mut digest = verified;
    digest["MessageType"] = json!("DIGEST");
    let code = kms.code("root", "Verify", digest).await;
    assert_eq!(code, "KMSInvalidSignatureException");
}

#[tokio::test]
async fn what_does_not_fit_is_refused_in_aws_words() {
    let kms = Kms::new().await;
    let rsa = kms.key_of("RSA_2048", "SIGN_VERIFY").await;
    let p256 = kms.key_of("ECC_NIST_P256", "SIGN_VERIFY").await;
    let ed25519 = kms.key_of("ECC_NIST_EDWARDS25519", "SIGN_VERIFY").await;
    let ml_dsa = kms.key_of("ML_DSA_44", "SIGN_VERIFY").await;
    let usage = |text: &str| ("InvalidKeyUsageException".to_owned(), text.to_owned());
    let validation = |text: &str| ("ValidationException".to_owned(), text.to_owned());
    let digest = |algorithm: &str| {
        validation(&format!(
            "Digest is invalid length for algorithm {algorithm}."
        ))
    };
    let cases = [
        (
            signing(&rsa, "ECDSA_SHA_256", "RAW", b"x"),
            usage("Algorithm ECDSA_SHA_256 is incompatible with key spec RSA_2048."),
        ),
        // The algorithm is looked at before the digest's length.
        (
            signing(&p256, "ECDSA_SHA_384", "DIGEST", b"x"),
            usage("Algorithm ECDSA_SHA_384 is incompatible with key spec ECC_NIST_P256."),
        ),
        (
            signing(&ml_dsa, "ED25519_SHA_512", "RAW", b"x"),
            usage("Algorithm ED25519_SHA_512 is incompatible with key spec ML_DSA_44."),
        ),
        (
            signing(&rsa, "SM2DSA", "RAW", b"x"),
            usage("Algorithm SM2DSA is incompatible with key spec RSA_2048."),
        ),
        (
            signing(&ed25519, "ED25519_SHA_512", "DIGEST", &[7; 64]),
            validation("Message type DIGEST is incompatible with algorithm ED25519_SHA_512."),
        ),
        (
            signing(&ed25519, "ED25519_PH_SHA_512", "RAW", b"x"),
            validation("Message type RAW is incompatible with algorithm ED25519_PH_SHA_512."),
        ),
        (
            signing(&ml_dsa, "ML_DSA_SHAKE_256", "DIGEST", &[7; 64]),
            validation("Message type DIGEST is incompatible with key spec ML_DSA_44."),
        ),
        (
            signing(&rsa, "RSASSA_PSS_SHA_256", "EXTERNAL_MU", &[7; 64]),
            validation("Message type EXTERNAL_MU is incompatible with key spec RSA_2048."),
        ),
        (
            signing(&rsa, "RSASSA_PSS_SHA_384", "DIGEST", &[7; 32]),
            digest("RSASSA_PSS_SHA_384"),
        ),
        (
            signing(&p256, "ECDSA_SHA_256", "DIGEST", &[7; 33]),
            digest("ECDSA_SHA_256"),
        ),
        (
            signing(&ed25519, "ED25519_PH_SHA_512", "DIGEST", &[7; 63]),
            digest("ED25519_PH_SHA_512"),
        ),
        (
            signing(&ml_dsa, "ML_DSA_SHAKE_256", "EXTERNAL_MU", &[7; 65]),
            digest("ML_DSA_SHAKE_256"),
        ),
    ];
    for (input, expected) in cases {
        assert_eq!(kms.fails("root", "Sign", input.clone()).await, expected);
        let input = verifying(&input, &json!("eA=="));
        assert_eq!(kms.fails("root", "Verify", input).await, expected);
    }
    for (length, bound) in [
        (0, "greater than or equal to 1"),
        (4097, "less than or equal to 4096"),
    ] {
        let input = signing(&p256, "ECDSA_SHA_256", "RAW", &vec![7; length]);
        let text = format!(
            "1 validation error detected: Value at 'message' failed to satisfy constraint: Member \
             must have length {bound}"
        );
        assert_eq!(kms.fails("root", "Sign", input).await, validation(&text));
    }
}

#[tokio::test]
async fn a_dry_run_checks_the_message_and_signs_nothing() {
    let kms = Kms::new().await;
    let key = kms.key_of("ECC_NIST_P256", "SIGN_VERIFY").await;
    for (operation, length, code) in [
        ("Sign", 32, "DryRunOperationException"),
        ("Sign", 31, "ValidationException"),
        ("Verify", 32, "DryRunOperationException"),
        ("Verify", 31, "ValidationException"),
    ] {
        let mut input = signing(&key, "ECDSA_SHA_256", "DIGEST", &vec![7; length]);
        input["DryRun"] = json!(true);
        if operation == "Verify" {
            input["Signature"] = json!("eA==");
        }
        assert_eq!(
            kms.code("root", operation, input).await,
            code,
            "{operation}"
        );
    }
}

#[tokio::test]
async fn conditions_see_the_algorithm_and_the_type_of_the_message() {
    let kms = Kms::new().await;
    let signer = statement(&json!({
        "Effect": "Allow",
        "Action": ["kms:Sign", "kms:Verify"],
        "Resource": "*",
        "Condition": { "StringEquals": {
            "kms:SigningAlgorithm": "RSASSA_PSS_SHA_256",
            "kms:MessageType": "RAW",
            "kms:KeySpec": "RSA_2048",
            "kms:KeyUsage": "SIGN_VERIFY",
        } },
    }));
    kms.harness.user("signer", &[&signer]);
    kms.harness.user("verifier", &[&allow("kms:Verify", "*")]);
    let key = kms.key_of("RSA_2048", "SIGN_VERIFY").await;
    let mut input = signing(&key, "RSASSA_PSS_SHA_256", "RAW", b"x");
    let signature = kms.ok("signer", "Sign", input.clone()).await["Signature"].clone();
    kms.ok("signer", "Verify", verifying(&input, &signature))
        .await;
    kms.ok("verifier", "Verify", verifying(&input, &signature))
        .await;
    let denied = "AccessDeniedException";
    assert_eq!(kms.code("verifier", "Sign", input.clone()).await, denied);
    // What is left out has its default, in conditions too.
    input
        .as_object_mut()
        .expect("an object")
        .remove("MessageType");
    kms.ok("signer", "Sign", input).await;
    for input in [
        signing(&key, "RSASSA_PSS_SHA_256", "DIGEST", &[7; 32]),
        signing(&key, "RSASSA_PKCS1_V1_5_SHA_256", "RAW", b"x"),
    ] {
        assert_eq!(kms.code("signer", "Sign", input.clone()).await, denied);
        let input = verifying(&input, &signature);
        assert_eq!(kms.code("signer", "Verify", input).await, denied);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// A signature is one of a message and of its digest, and of no other message.
    #[test]
    fn a_signature_fits_one_message_however_it_is_given(
        message in prop::collection::vec(any::<u8>(), 1..4096),
        other in prop::collection::vec(any::<u8>(), 1..4096),
        signs_digest in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let codes = runtime.block_on(async {
            let kms = Kms::new().await;
            let key = kms.key_of("ECC_NIST_P256", "SIGN_VERIFY").await;
            let raw = signing(&key, "ECDSA_SHA_256", "RAW", &message);
            let digest = signing(&key, "ECDSA_SHA_256", "DIGEST", &sha256(&message));
            let signed = if signs_digest { &digest } else { &raw };
            let signature = kms.ok("root", "Sign", signed.clone()).await["Signature"].clone();
            let another = signing(&key, "ECDSA_SHA_256", "RAW", &other);
            let mut codes = Vec::new();
            for input in [raw, digest, another] {
                let answer = kms.call("root", "Verify", verifying(&input, &signature)).await;
                codes.push(answer.code);
            }
            codes
        });
        let invalid = (message != other).then(|| "KMSInvalidSignatureException".to_owned());
        prop_assert_eq!(codes, vec![None, None, invalid]);
    }
}

fn sha256(message: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, message).as_ref().to_vec()
}

/// Keys outlive the program that made them: what is on record is what signs.
#[tokio::test]
async fn a_signature_verifies_after_the_key_was_changed() {
    let kms = Kms::new().await;
    for (spec, algorithms) in KEYS {
        let key = kms.key_of(spec, "SIGN_VERIFY").await;
        let (algorithm, digest) = algorithms[0];
        let kind = types(algorithm)[0];
        let length = if kind == "RAW" { 5 } else { digest };
        let input = signing(&key, algorithm, kind, &vec![7; length]);
        let signed = kms.ok("root", "Sign", input.clone()).await;
        // A changed record opens its material anew.
        let change = json!({ "KeyId": key, "Description": "changed" });
        kms.ok("root", "UpdateKeyDescription", change).await;
        let verified = verifying(&input, &signed["Signature"]);
        assert_eq!(
            text(&kms.ok("root", "Verify", verified).await["KeyId"]),
            arn(&key)
        );
    }
}
