//! HMAC keys (RFC 2104): as long as the hash's output where they are made here, at most as long as
//! its block where they are imported.

use aws_lc_rs::hmac::{HMAC_SHA224, HMAC_SHA256, HMAC_SHA384, HMAC_SHA512, Key, sign};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::algorithm::KeyError;
use crate::random::Random;
use crate::secret::SecretBytes;

/// The hash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

/// An HMAC key.
pub(super) struct HmacKey {
    bytes: SecretBytes,
    key: Key,
}

impl HmacKey {
    pub(super) fn generate(size: Size, random: &dyn Random) -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new(vec![0; size.len()]);
        random.fill(&mut bytes)?;
        Ok(Self::of(size, bytes))
    }

    /// Reads a key that is neither shorter than the hash's output nor longer than its block.
    pub(super) fn parse(size: Size, bytes: &[u8]) -> Result<Self, KeyError> {
        if !(size.len()..=size.block_len()).contains(&bytes.len()) {
            return Err(KeyError::Unsuitable);
        }
        Ok(Self::of(size, Zeroizing::new(bytes.to_vec())))
    }

    pub(super) fn of(size: Size, bytes: Zeroizing<Vec<u8>>) -> Self {
        let algorithm = match size {
            Size::Sha224 => HMAC_SHA224,
            Size::Sha256 => HMAC_SHA256,
            Size::Sha384 => HMAC_SHA384,
            Size::Sha512 => HMAC_SHA512,
        };
        Self {
            key: Key::new(algorithm, &bytes),
            bytes: SecretBytes::from(bytes),
        }
    }

    pub(super) fn bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.bytes.expose().clone())
    }

    pub(super) fn mac(&self, message: &[u8]) -> Vec<u8> {
        sign(&self.key, message).as_ref().to_vec()
    }

    /// Whether `mac` is the whole HMAC of `message`, in constant time.
    pub(super) fn verify(&self, message: &[u8], mac: &[u8]) -> bool {
        self.mac(message).ct_eq(mac).into()
    }
}

impl Size {
    pub(super) fn len(self) -> usize {
        match self {
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    fn block_len(self) -> usize {
        match self {
            Self::Sha224 | Self::Sha256 => 64,
            Self::Sha384 | Self::Sha512 => 128,
        }
    }
}
