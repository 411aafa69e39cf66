//! ML-KEM (FIPS 203).
//!
//! Keys are seeds of 64 bytes (`d || z`), as RFC 9935 prefers them and data key pairs carry them.
//! The library cannot start from a seed, so `ml-kem` expands it; encapsulation and decapsulation
//! are the library's. A new key proves that both agree before it is used.

use aws_lc_rs::kem::{
    Algorithm, AlgorithmId, DecapsulationKey, EncapsulationKey, ML_KEM_512, ML_KEM_768, ML_KEM_1024,
};
use ml_kem::kem::KeyExport as _;
use ml_kem::{MlKem512, MlKem768, MlKem1024};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::algorithm::KeyError;
use super::der;
use crate::random::Random;
use crate::secret::{Secret, SecretBytes};

const SEED_LEN: usize = 64;

/// A parameter set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    MlKem512,
    MlKem768,
    MlKem1024,
}

/// A shared secret and the ciphertext that it comes out of again.
pub struct Encapsulated {
    /// 32 bytes.
    pub shared_secret: SecretBytes,
    /// 768, 1088 or 1568 bytes.
    pub ciphertext: Vec<u8>,
}

/// An ML-KEM key pair.
pub(super) struct MlKemKey {
    set: Set,
    seed: Secret<[u8; SEED_LEN]>,
    decapsulation: DecapsulationKey,
    encapsulation: Vec<u8>,
}

impl MlKemKey {
    pub(super) fn generate(set: Set, random: &dyn Random) -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; SEED_LEN]);
        random.fill(seed.as_mut())?;
        let key = Self::of(set, seed)?;
        // The pairwise consistency test of FIPS 203, section 7.1.
        let made = key.encapsulate()?;
        let opened = key.decapsulate(&made.ciphertext)?;
        match opened.expose().ct_eq(made.shared_secret.expose()).into() {
            true => Ok(key),
            false => Err(KeyError::Library),
        }
    }

    /// The key of a seed of 64 bytes.
    pub(super) fn parse(set: Set, seed: &[u8]) -> Result<Self, KeyError> {
        let seed = seed.try_into().map_err(|_| KeyError::Unsuitable)?;
        Self::of(set, Zeroizing::new(seed))
    }

    fn of(set: Set, seed: Zeroizing<[u8; SEED_LEN]>) -> Result<Self, KeyError> {
        let (expanded, encapsulation) = set.expand(&seed);
        let decapsulation = DecapsulationKey::new(set.algorithm(), &expanded)?;
        Ok(Self {
            set,
            seed: Secret::from(seed),
            decapsulation,
            encapsulation,
        })
    }

    pub(super) fn seed(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.seed.expose().to_vec())
    }

    /// PKCS#8 with the seed alone (RFC 9935, section 6).
    pub(super) fn pkcs8(&self) -> Zeroizing<Vec<u8>> {
        der::pkcs8(&self.set.oid(), &der::tagged(0x80, self.seed.expose()))
    }

    /// SPKI (RFC 9935, section 4).
    pub(super) fn public_key(&self) -> Vec<u8> {
        der::spki(&self.set.oid(), &self.encapsulation)
    }

    pub(super) fn encapsulate(&self) -> Result<Encapsulated, KeyError> {
        let key = EncapsulationKey::new(self.set.algorithm(), &self.encapsulation)?;
        let (ciphertext, shared_secret) = key.encapsulate()?;
        Ok(Encapsulated {
            shared_secret: SecretBytes::new(shared_secret.as_ref().to_vec()),
            ciphertext: ciphertext.as_ref().to_vec(),
        })
    }

    /// Recovers a shared secret. A ciphertext of another key gives pseudo-random bytes (implicit
    /// rejection); only another length is an error.
    pub(super) fn decapsulate(&self, ciphertext: &[u8]) -> Result<SecretBytes, KeyError> {
        if ciphertext.len() != self.set.ciphertext_len() {
            return Err(KeyError::Length);
        }
        let secret = self.decapsulation.decapsulate(ciphertext.into())?;
        Ok(SecretBytes::new(secret.as_ref().to_vec()))
    }
}

impl Set {
    fn algorithm(self) -> &'static Algorithm<AlgorithmId> {
        match self {
            Self::MlKem512 => &ML_KEM_512,
            Self::MlKem768 => &ML_KEM_768,
            Self::MlKem1024 => &ML_KEM_1024,
        }
    }

    /// FIPS 203, table 3.
    fn ciphertext_len(self) -> usize {
        match self {
            Self::MlKem512 => 768,
            Self::MlKem768 => 1088,
            Self::MlKem1024 => 1568,
        }
    }

    /// `id-alg-ml-kem-512` and so on: 2.16.840.1.101.3.4.4.1 to .3.
    fn oid(self) -> [u8; 9] {
        let last = match self {
            Self::MlKem512 => 1,
            Self::MlKem768 => 2,
            Self::MlKem1024 => 3,
        };
        [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x04, last]
    }

    /// The expanded decapsulation key and the encapsulation key of a seed.
    #[expect(
        deprecated,
        reason = "the expanded form goes to the library and is not stored"
    )]
    fn expand(self, seed: &[u8; SEED_LEN]) -> (Zeroizing<Vec<u8>>, Vec<u8>) {
        use ml_kem::ExpandedKeyEncoding as _;
        let seed = Zeroizing::new(ml_kem::Seed::from(*seed));
        macro_rules! of {
            ($set:ty) => {{
                let key = ml_kem::DecapsulationKey::<$set>::from_seed(*seed);
                let expanded = Zeroizing::new(key.to_expanded_bytes());
                let expanded = Zeroizing::new(expanded.to_vec());
                (expanded, key.encapsulation_key().to_bytes().to_vec())
            }};
        }
        match self {
            Self::MlKem512 => of!(MlKem512),
            Self::MlKem768 => of!(MlKem768),
            Self::MlKem1024 => of!(MlKem1024),
        }
    }
}
