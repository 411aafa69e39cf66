//! Passphrases become keys with Argon2id (RFC 9106).

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::{Zeroize, Zeroizing};

use crate::kdf::KdfKey;
use crate::seal::SealError;

/// What one guess at a passphrase costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for Cost {
    /// 256 MiB, three passes, four lanes: half a second or so.
    fn default() -> Self {
        Self {
            memory_kib: 256 * 1024,
            passes: 3,
            lanes: 4,
        }
    }
}

impl Cost {
    pub(crate) const LEN: usize = 12;

    pub(crate) fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        let fields = [self.memory_kib, self.passes, self.lanes];
        for (to, field) in bytes.chunks_exact_mut(4).zip(fields) {
            to.copy_from_slice(&field.to_be_bytes());
        }
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8; Self::LEN]) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = *bytes;
        Self {
            memory_kib: u32::from_be_bytes([a, b, c, d]),
            passes: u32::from_be_bytes([e, f, g, h]),
            lanes: u32::from_be_bytes([i, j, k, l]),
        }
    }

    /// A file of unknown origin must not make the program ask for all memory or run for days.
    fn is_sane(self) -> bool {
        (8..=4 << 20).contains(&self.memory_kib)
            && (1..=100).contains(&self.passes)
            && (1..=64).contains(&self.lanes)
    }
}

/// Hashes a passphrase to the key that a root seal wraps with.
pub(crate) fn stretch(passphrase: &str, salt: &[u8; 32], cost: Cost) -> Result<KdfKey, SealError> {
    let key = stretched(passphrase, salt, cost)?;
    Ok(KdfKey::new(key.as_ref()))
}

/// The Argon2id hash of a passphrase.
pub(crate) fn stretched(
    passphrase: &str,
    salt: &[u8; 32],
    cost: Cost,
) -> Result<Zeroizing<[u8; 32]>, SealError> {
    if !cost.is_sane() {
        return Err(SealError::Damaged);
    }
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32))
        .map_err(|_| SealError::Damaged)?;
    let mut memory = vec![Block::default(); params.block_count()];
    let mut key = Zeroizing::new([0; 32]);
    let hashed = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(
            passphrase.as_bytes(),
            salt,
            key.as_mut(),
            memory.as_mut_slice(),
        );
    memory.zeroize();
    hashed.map_err(|_| SealError::Passphrase)?;
    Ok(key)
}
