//! Sealing of journal segments: many small messages under one key that no other segment has.

use zeroize::Zeroizing;

use crate::aead::{AeadKey, TAG_LEN};
use crate::envelope::{IntegrityError, SealFailure};

/// The key of one journal segment.
///
/// It is derived from the segment's random 32-byte salt, so no other segment has it, and the GCM
/// nonce is the message's index in the segment. INVARIANT: a writer seals each index once; a
/// process that reopens a journal starts a segment with a fresh salt.
pub struct SegmentKey(AeadKey);

impl SegmentKey {
    pub(crate) fn new(key: AeadKey) -> Self {
        Self(key)
    }

    /// Bytes that sealing adds.
    pub const OVERHEAD: usize = TAG_LEN;

    /// Appends the sealed message number `index` to `out`.
    pub fn seal_at(
        &self,
        index: u64,
        aad: &[u8],
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), SealFailure> {
        let start = out.len();
        out.resize(start + plaintext.len() + TAG_LEN, 0);
        let (_, body) = out.split_at_mut_checked(start).ok_or(SealFailure::Cipher)?;
        let sealed = self.0.seal(nonce(index), aad, plaintext, body);
        if sealed.is_err() {
            out.truncate(start);
        }
        Ok(sealed?)
    }

    /// Opens the message number `index`.
    pub fn open_at(
        &self,
        index: u64,
        aad: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, IntegrityError> {
        let length = sealed.len().checked_sub(TAG_LEN).ok_or(IntegrityError)?;
        let mut plaintext = Zeroizing::new(vec![0; length]);
        match self.0.open(nonce(index), aad, sealed, &mut plaintext) {
            Ok(()) => Ok(plaintext),
            Err(_) => Err(IntegrityError),
        }
    }
}

fn nonce(index: u64) -> [u8; 12] {
    let [a, b, c, d, e, f, g, h] = index.to_be_bytes();
    [0, 0, 0, 0, a, b, c, d, e, f, g, h]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_opens_only_at_its_index() {
        let key = SegmentKey::new(AeadKey::new(&[3; 32]).unwrap());
        let mut out = b"before".to_vec();
        key.seal_at(u64::MAX, b"aad", b"event", &mut out).unwrap();
        let sealed = &out[6..];
        assert_eq!(&out[..6], b"before");
        assert_eq!(sealed.len(), 5 + SegmentKey::OVERHEAD);
        assert_eq!(
            &key.open_at(u64::MAX, b"aad", sealed).unwrap()[..],
            b"event"
        );
        assert!(key.open_at(u64::MAX - 1, b"aad", sealed).is_err());
        assert!(key.open_at(u64::MAX, b"aae", sealed).is_err());
        assert!(key.open_at(u64::MAX, b"aad", &sealed[1..]).is_err());
        assert!(key.open_at(u64::MAX, b"aad", b"short").is_err());
    }
}
