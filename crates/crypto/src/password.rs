//! Passwords that are only ever compared: kept as Argon2id hashes (RFC 9106).

use subtle::ConstantTimeEq;

use crate::passphrase::{Cost, stretched};
use crate::random::{Random, RandomFailure};

/// 19 MiB, two passes, one lane: what OWASP's password storage recommendations ask for at least.
/// A server computes many, so the cost stays moderate.
const COST: Cost = Cost {
    memory_kib: 19 * 1024,
    passes: 2,
    lanes: 1,
};

const SALT: usize = 32;
const HASH: usize = 32;

/// A password's hash with its salt and cost.
pub struct PasswordHash(Vec<u8>);

/// Why a password cannot be hashed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordHashError {
    /// There is no randomness.
    #[error("no randomness for the salt of a password")]
    Random(#[source] RandomFailure),
    /// The hash function refused.
    #[error("a password cannot be hashed")]
    Hash,
}

impl PasswordHash {
    /// Hashes a password with a salt of its own.
    pub fn new(password: &str, random: &dyn Random) -> Result<Self, PasswordHashError> {
        let mut salt = [0; SALT];
        random.fill(&mut salt).map_err(PasswordHashError::Random)?;
        Self::salted(password, &salt)
    }

    /// Hashes a password with a salt that was drawn before.
    pub fn salted(password: &str, salt: &[u8; SALT]) -> Result<Self, PasswordHashError> {
        let hash = stretched(password, salt, COST).map_err(|_| PasswordHashError::Hash)?;
        let mut bytes = Vec::with_capacity(Cost::LEN + SALT + HASH);
        bytes.extend_from_slice(&COST.to_bytes());
        bytes.extend_from_slice(salt);
        bytes.extend_from_slice(hash.as_ref());
        Ok(Self(bytes))
    }

    /// A hash that was kept.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// What to keep.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.clone()
    }

    /// Whether it is the hash of this password. One that is damaged is the hash of none.
    pub fn is_of(&self, password: &str) -> bool {
        let Some((cost, rest)) = self.0.split_first_chunk::<{ Cost::LEN }>() else {
            return false;
        };
        let Some((salt, hash)) = rest.split_first_chunk::<SALT>() else {
            return false;
        };
        let computed = stretched(password, salt, Cost::from_bytes(cost));
        computed.is_ok_and(|computed| computed.as_ref().ct_eq(hash).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::testing::Seeded;

    #[test]
    fn recognizes_its_password_alone() {
        let random = Seeded::new(1);
        let hash = PasswordHash::new("open sesame", &random).unwrap();
        let again = PasswordHash::from_bytes(hash.to_bytes());
        assert!(hash.is_of("open sesame") && again.is_of("open sesame"));
        for wrong in ["", "open sesam", "Open sesame", "open sesame "] {
            assert!(!hash.is_of(wrong), "{wrong}");
        }
        let other = PasswordHash::new("open sesame", &random).unwrap();
        assert_ne!(hash.to_bytes(), other.to_bytes());
    }

    #[test]
    fn a_damaged_hash_recognizes_nothing() {
        let random = Seeded::new(1);
        let bytes = PasswordHash::new("x", &random).unwrap().to_bytes();
        for cut in 0..bytes.len() {
            assert!(!PasswordHash::from_bytes(bytes[..cut].to_vec()).is_of("x"));
        }
        for index in [0, 3, 12, 44, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[index] ^= 1;
            assert!(!PasswordHash::from_bytes(changed).is_of("x"), "{index}");
        }
    }
}
