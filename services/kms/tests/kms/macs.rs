//! GenerateMac and VerifyMac.

use crate::house::{Kms, Value, arn, base64, bytes, json, statement};

const KEYS: [(&str, &str, usize); 4] = [
    ("HMAC_224", "HMAC_SHA_224", 28),
    ("HMAC_256", "HMAC_SHA_256", 32),
    ("HMAC_384", "HMAC_SHA_384", 48),
    ("HMAC_512", "HMAC_SHA_512", 64),
];

fn asking(key: &str, algorithm: &str, message: &[u8]) -> Value {
    json!({ "KeyId": key, "MacAlgorithm": algorithm, "Message": base64(message) })
}

#[tokio::test]
async fn macs_verify_whole_and_unchanged() {
    let kms = Kms::new().await;
    for (spec, algorithm, length) in KEYS {
        let key = kms.key_of(spec, "GENERATE_VERIFY_MAC").await;
        for message in [&b"x"[..], &[7; 4096]] {
            let input = asking(&key, algorithm, message);
            let made = kms.ok("root", "GenerateMac", input.clone()).await;
            let expected = json!({
                "KeyId": arn(&key), "Mac": made["Mac"], "MacAlgorithm": algorithm,
            });
            assert_eq!(made, expected);
            let mac = bytes(&made["Mac"]);
            assert_eq!(mac.len(), length);
            assert_eq!(kms.ok("root", "GenerateMac", input.clone()).await, made);

            let verifying = |mac: &[u8]| {
                let mut input = input.clone();
                input["Mac"] = json!(base64(mac));
                input
            };
            let verified = kms.ok("root", "VerifyMac", verifying(&mac)).await;
            let expected = json!({
                "KeyId": arn(&key), "MacValid": true, "MacAlgorithm": algorithm,
            });
            assert_eq!(verified, expected);
            let mut changed = mac.clone();
            changed[0] ^= 1;
            let longer = [&mac[..], &[0]].concat();
            for wrong in [&changed[..], &mac[1..], &mac[..length - 1], &longer] {
                let failed = kms.fails("root", "VerifyMac", verifying(wrong)).await;
                let invalid = ("KMSInvalidMacException".to_owned(), String::new());
                assert_eq!(failed, invalid);
            }
        }
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let kms = Kms::new().await;
    let key = kms.key_of("HMAC_256", "GENERATE_VERIFY_MAC").await;
    let text = "Algorithm HMAC_SHA_512 is incompatible with key spec HMAC_256.";
    let usage = ("InvalidKeyUsageException".to_owned(), text.to_owned());
    let mut input = asking(&key, "HMAC_SHA_512", b"x");
    assert_eq!(kms.fails("root", "GenerateMac", input.clone()).await, usage);
    input["Mac"] = json!("eA==");
    assert_eq!(kms.fails("root", "VerifyMac", input).await, usage);
    let long = asking(&key, "HMAC_SHA_256", &[7; 4097]);
    let code = kms.code("root", "GenerateMac", long).await;
    assert_eq!(code, "ValidationException");
    for operation in ["GenerateMac", "VerifyMac"] {
        let mut input = asking(&key, "HMAC_SHA_256", b"x");
        input["DryRun"] = json!(true);
        if operation == "VerifyMac" {
            input["Mac"] = json!("eA==");
        }
        let code = kms.code("root", operation, input).await;
        assert_eq!(code, "DryRunOperationException");
    }
}

#[tokio::test]
async fn conditions_see_the_algorithm() {
    let kms = Kms::new().await;
    let policy = statement(&json!({
        "Effect": "Allow",
        "Action": "kms:*Mac",
        "Resource": "*",
        "Condition": { "StringEquals": { "kms:MacAlgorithm": "HMAC_SHA_256" } },
    }));
    kms.harness.user("alice", &[&policy]);
    for (spec, algorithm, is_allowed) in [
        ("HMAC_256", "HMAC_SHA_256", true),
        ("HMAC_384", "HMAC_SHA_384", false),
    ] {
        let key = kms.key_of(spec, "GENERATE_VERIFY_MAC").await;
        let input = asking(&key, algorithm, b"x");
        let answer = kms.call("alice", "GenerateMac", input).await;
        let expected = (!is_allowed).then_some("AccessDeniedException");
        assert_eq!(answer.code.as_deref(), expected);
    }
}
