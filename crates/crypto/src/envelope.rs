//! One message under its own key, committed to that key.
//!
//! `nonce (16) || commitment (32) || ciphertext || tag (16)`. The message key and the commitment
//! are derived together from the long-lived key and the random nonce. A key that serves one
//! message may use a constant GCM nonce, so the limit of 2^32 random GCM nonces never binds; the
//! commitment is what AES-GCM lacks: nobody can make one message that opens under two keys.

use aws_lc_rs::error::Unspecified;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::aead::{AeadKey, TAG_LEN};
use crate::kdf::KdfKey;
use crate::random::{self, Random, RandomFailure};

pub(crate) const NONCE_LEN: usize = 16;
pub(crate) const COMMITMENT_LEN: usize = 32;
/// Bytes that [`seal`] adds to a plaintext.
pub(crate) const OVERHEAD: usize = NONCE_LEN + COMMITMENT_LEN + TAG_LEN;

/// Sealed data is not what was sealed here: wrong key, wrong place, or changed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sealed data does not authenticate")]
pub struct IntegrityError;

/// Why something could not be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealFailure {
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomFailure),
    /// A name or the data is longer than the format can say.
    #[error("the data is too long to be sealed")]
    TooLong,
    /// The cipher refused.
    #[error("the cipher failed")]
    Cipher,
}

impl From<Unspecified> for SealFailure {
    fn from(_: Unspecified) -> Self {
        Self::Cipher
    }
}

/// Why an envelope did not open; told apart only for the root seals.
pub(crate) enum Unopened {
    /// The commitment names another key.
    OtherKey,
    /// The key is right and the rest is not.
    Damaged,
}

/// The key of one message and the commitment to it.
pub(crate) struct MessageKey {
    key: AeadKey,
    pub(crate) commitment: [u8; COMMITMENT_LEN],
}

impl MessageKey {
    pub(crate) fn derive(
        from: &KdfKey,
        label: &[u8],
        nonce: &[u8; NONCE_LEN],
    ) -> Result<Self, Unspecified> {
        let derived = from.derive::<64>(label, nonce);
        let (key, rest) = derived.expose().split_first_chunk().ok_or(Unspecified)?;
        let commitment = rest.first_chunk().ok_or(Unspecified)?;
        Ok(Self {
            key: AeadKey::new(key)?,
            commitment: *commitment,
        })
    }

    pub(crate) fn is_committed_by(&self, commitment: &[u8; COMMITMENT_LEN]) -> bool {
        self.commitment.ct_eq(commitment).into()
    }

    /// Seals `plaintext` into `out`. To be called once.
    pub(crate) fn seal(&self, aad: &[u8], plain: &[u8], out: &mut [u8]) -> Result<(), Unspecified> {
        self.key.seal([0; 12], aad, plain, out)
    }

    pub(crate) fn open(
        &self,
        aad: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, IntegrityError> {
        let length = sealed.len().checked_sub(TAG_LEN).ok_or(IntegrityError)?;
        let mut plaintext = Zeroizing::new(vec![0; length]);
        match self.key.open([0; 12], aad, sealed, &mut plaintext) {
            Ok(()) => Ok(plaintext),
            Err(Unspecified) => Err(IntegrityError),
        }
    }
}

/// Appends the envelope of `plaintext` to `out`.
pub(crate) fn seal(
    key: &KdfKey,
    label: &[u8],
    aad: &[u8],
    plaintext: &[u8],
    (random, out): (&dyn Random, &mut Vec<u8>),
) -> Result<(), SealFailure> {
    let nonce = random::array(random)?;
    let message = MessageKey::derive(key, label, &nonce)?;
    out.reserve_exact(OVERHEAD + plaintext.len());
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&message.commitment);
    let start = out.len();
    out.resize(start + plaintext.len() + TAG_LEN, 0);
    let (_, body) = out.split_at_mut_checked(start).ok_or(SealFailure::Cipher)?;
    message.seal(aad, plaintext, body)?;
    Ok(())
}

/// Opens an envelope that [`seal`] made.
pub(crate) fn open(
    key: &KdfKey,
    label: &[u8],
    aad: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let (nonce, rest) = sealed.split_first_chunk().ok_or(Unopened::Damaged)?;
    let (commitment, body) = rest.split_first_chunk().ok_or(Unopened::Damaged)?;
    let message = MessageKey::derive(key, label, nonce).map_err(|_| Unopened::Damaged)?;
    if !message.is_committed_by(commitment) {
        return Err(Unopened::OtherKey);
    }
    message
        .open(aad, body)
        .map_err(|IntegrityError| Unopened::Damaged)
}
