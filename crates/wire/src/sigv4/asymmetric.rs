//! The key of a `AWS4-ECDSA-P256-SHA256` signature (SigV4A).

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ParsedPublicKey};
use zeroize::Zeroizing;

const LABEL: &[u8] = b"AWS4-ECDSA-P256-SHA256";

/// The order of P-256 less two, big-endian (FIPS 186-5, NIST SP 800-186).
const ORDER_LESS_TWO: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x4f,
];

/// The public key that belongs to an access key, for all days, regions and services. It is no
/// secret, and worth caching: to derive it takes a multiplication on the curve.
pub struct SigV4aKey(ParsedPublicKey);

impl SigV4aKey {
    /// Derives the key pair of an access key and keeps the public half: the private scalar comes
    /// from a counter-mode KDF (NIST SP 800-108r1) by testing candidates (NIST SP 800-186
    /// A.2.2). `None` only if 254 candidates in a row fail, which has probability 2^-8128.
    pub fn derive(access_key_id: &str, secret: &str) -> Option<Self> {
        let mut start = Zeroizing::new(Vec::with_capacity(5 + secret.len()));
        start.extend_from_slice(b"AWS4A");
        start.extend_from_slice(secret.as_bytes());
        let key = hmac::Key::new(hmac::HMAC_SHA256, &start);
        let scalar =
            (1..=254).find_map(|counter| scalar(&candidate(&key, access_key_id, counter)))?;
        let private = PrivateKey::from_private_key(&ECDH_P256, scalar.as_slice()).ok()?;
        let public = private.compute_public_key().ok()?;
        ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, public.as_ref())
            .ok()
            .map(Self)
    }

    /// The point, uncompressed: `04`, x and y.
    #[cfg(test)]
    pub(super) fn point(&self) -> &[u8] {
        self.0.as_ref()
    }

    /// Whether `signature` (DER) is a signature of `message` by this key's other half.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify_sig(message, signature).is_ok()
    }
}

/// One output block of the KDF: the counter, label and context are those that AWS signers use.
fn candidate(key: &hmac::Key, access_key_id: &str, counter: u8) -> Zeroizing<[u8; 32]> {
    let mut context = hmac::Context::with_key(key);
    context.update(&1u32.to_be_bytes());
    context.update(LABEL);
    context.update(&[0]);
    context.update(access_key_id.as_bytes());
    context.update(&[counter]);
    context.update(&256u32.to_be_bytes());
    let tag = context.sign();
    let mut bytes = Zeroizing::new([0; 32]);
    for (to, from) in bytes.iter_mut().zip(tag.as_ref()) {
        *to = *from;
    }
    bytes
}

/// The candidate plus one, unless it exceeds the order less two.
fn scalar(candidate: &[u8; 32]) -> Option<Zeroizing<[u8; 32]>> {
    if exceeds_order_less_two(candidate) {
        return None;
    }
    let mut scalar = Zeroizing::new(*candidate);
    let mut carry = 1u16;
    for byte in scalar.iter_mut().rev() {
        let [high, low] = (u16::from(*byte) + carry).to_be_bytes();
        *byte = low;
        carry = u16::from(high);
    }
    Some(scalar)
}

/// Subtracts and looks at the borrow alone: no branch on any byte, since the candidate is secret.
fn exceeds_order_less_two(candidate: &[u8; 32]) -> bool {
    let mut borrow = 0u16;
    for (bound, byte) in ORDER_LESS_TWO.iter().zip(candidate).rev() {
        let difference = u16::from(*bound)
            .wrapping_sub(u16::from(*byte))
            .wrapping_sub(borrow);
        borrow = difference >> 15;
    }
    borrow == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_last_byte(last: u8) -> [u8; 32] {
        let mut bytes = ORDER_LESS_TWO;
        bytes[31] = last;
        bytes
    }

    #[test]
    fn candidates_up_to_the_order_less_two_become_scalars() {
        assert_eq!(
            *scalar(&[0; 32]).unwrap(),
            *Zeroizing::new({
                let mut one = [0; 32];
                one[31] = 1;
                one
            })
        );
        assert_eq!(*scalar(&ORDER_LESS_TWO).unwrap(), with_last_byte(0x50));
        assert!(scalar(&with_last_byte(0x50)).is_none());
        assert!(scalar(&[0xff; 32]).is_none());
    }

    #[test]
    fn adding_one_carries() {
        let mut before = [0; 32];
        before[30] = 0xff;
        before[31] = 0xff;
        let mut after = [0; 32];
        after[29] = 1;
        assert_eq!(*scalar(&before).unwrap(), after);
    }

    #[test]
    fn every_byte_takes_part_in_the_comparison() {
        for place in 0..32 {
            let mut candidate = ORDER_LESS_TWO;
            if let Some(above) = candidate[place].checked_add(1) {
                candidate[place] = above;
                assert!(exceeds_order_less_two(&candidate), "{place}");
            }
            let mut candidate = ORDER_LESS_TWO;
            if let Some(below) = candidate[place].checked_sub(1) {
                candidate[place] = below;
                assert!(!exceeds_order_less_two(&candidate), "{place}");
            }
        }
    }

    #[test]
    fn both_the_access_key_and_its_secret_count() {
        let public = |id: &str, secret: &str| {
            let key = SigV4aKey::derive(id, secret).unwrap();
            key.point().to_vec()
        };
        let reference = public("AKIDEXAMPLE", "secret");
        assert_eq!(reference, public("AKIDEXAMPLE", "secret"));
        assert_ne!(reference, public("AKIDEXAMPLF", "secret"));
        assert_ne!(reference, public("AKIDEXAMPLE", "secreu"));
    }
}
