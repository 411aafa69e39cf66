//! ML-DSA (FIPS 204), hedged, with an empty context.
//!
//! The library signs and verifies messages; `ml-dsa` adds what it lacks, signatures over an
//! external `mu`. Both start from the same seed of 32 bytes.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{
    KeyPair as _, ML_DSA_44, ML_DSA_44_SIGNING, ML_DSA_65, ML_DSA_65_SIGNING, ML_DSA_87,
    ML_DSA_87_SIGNING, PqdsaKeyPair, PqdsaSigningAlgorithm, PqdsaVerificationAlgorithm,
    UnparsedPublicKey,
};
use ml_dsa::signature::rand_core::{TryCryptoRng, TryRng};
use ml_dsa::{ExpandedSigningKey, MlDsa44, MlDsa65, MlDsa87, MlDsaParams, Signature, VerifyingKey};
use zeroize::Zeroizing;

use super::algorithm::{KeyError, Message, SigningAlgorithm};
use crate::random::{Random, RandomFailure};
use crate::secret::Secret;

const MU_LEN: usize = 64;

/// A parameter set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    MlDsa44,
    MlDsa65,
    MlDsa87,
}

/// An ML-DSA key pair.
pub(super) struct MlDsaKey {
    set: Set,
    seed: Secret<[u8; 32]>,
    pair: PqdsaKeyPair,
}

impl MlDsaKey {
    pub(super) fn generate(set: Set, random: &dyn Random) -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        random.fill(seed.as_mut())?;
        Self::of(set, seed)
    }

    /// The key of a seed of 32 bytes.
    pub(super) fn parse(set: Set, seed: &[u8]) -> Result<Self, KeyError> {
        let seed = seed.try_into().map_err(|_| KeyError::Unsuitable)?;
        Self::of(set, Zeroizing::new(seed))
    }

    fn of(set: Set, seed: Zeroizing<[u8; 32]>) -> Result<Self, KeyError> {
        let pair = PqdsaKeyPair::from_seed(set.signing(), seed.as_ref())?;
        let seed = Secret::from(seed);
        Ok(Self { set, seed, pair })
    }

    pub(super) fn seed(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.seed.expose().to_vec())
    }

    pub(super) fn public_key(&self) -> Result<Vec<u8>, KeyError> {
        let der: PublicKeyX509Der<'_> = self.pair.public_key().as_der()?;
        Ok(der.as_ref().to_vec())
    }

    pub(super) fn sign(
        &self,
        algorithm: SigningAlgorithm,
        message: Message<'_>,
        random: &dyn Random,
    ) -> Result<Vec<u8>, KeyError> {
        match (algorithm, message) {
            (SigningAlgorithm::MlDsa, Message::Raw(message)) => {
                let mut signature = vec![0; self.set.signing().signature_len()];
                let length = self.pair.sign(message, &mut signature)?;
                signature.truncate(length);
                Ok(signature)
            }
            (SigningAlgorithm::MlDsa, Message::ExternalMu(mu)) => {
                let mu = mu.try_into().map_err(|_| KeyError::Length)?;
                let seed = self.seed.expose();
                match self.set {
                    Set::MlDsa44 => sign_mu::<MlDsa44>(seed, mu, random),
                    Set::MlDsa65 => sign_mu::<MlDsa65>(seed, mu, random),
                    Set::MlDsa87 => sign_mu::<MlDsa87>(seed, mu, random),
                }
            }
            _ => Err(KeyError::Unsuitable),
        }
    }

    pub(super) fn verify(
        &self,
        algorithm: SigningAlgorithm,
        message: Message<'_>,
        signature: &[u8],
    ) -> Result<bool, KeyError> {
        let public = self.pair.public_key().as_ref();
        verify((self.set, public), algorithm, message, signature)
    }
}

/// Checks a signature by a public key (as FIPS 204 writes it).
pub(super) fn verify(
    (set, public): (Set, &[u8]),
    algorithm: SigningAlgorithm,
    message: Message<'_>,
    signature: &[u8],
) -> Result<bool, KeyError> {
    match (algorithm, message) {
        (SigningAlgorithm::MlDsa, Message::Raw(message)) => {
            let key = UnparsedPublicKey::new(set.verification(), public);
            Ok(key.verify(message, signature).is_ok())
        }
        (SigningAlgorithm::MlDsa, Message::ExternalMu(mu)) => {
            let mu = mu.try_into().map_err(|_| KeyError::Length)?;
            Ok(match set {
                Set::MlDsa44 => verify_mu::<MlDsa44>(public, mu, signature),
                Set::MlDsa65 => verify_mu::<MlDsa65>(public, mu, signature),
                Set::MlDsa87 => verify_mu::<MlDsa87>(public, mu, signature),
            })
        }
        _ => Err(KeyError::Unsuitable),
    }
}

/// Signs `mu` and checks the signature: a fault while signing could give the key away.
fn sign_mu<P: MlDsaParams>(
    seed: &[u8; 32],
    mu: &[u8; MU_LEN],
    random: &dyn Random,
) -> Result<Vec<u8>, KeyError> {
    let key = ExpandedSigningKey::<P>::from_seed(seed.into());
    let signed = key.sign_mu_randomized(mu.into(), &mut Drawn(random));
    let signature = signed.map_err(|_| KeyError::Library)?;
    match key.verifying_key().verify_mu(mu.into(), &signature) {
        true => Ok(signature.encode().to_vec()),
        false => Err(KeyError::Library),
    }
}

fn verify_mu<P: MlDsaParams>(public: &[u8], mu: &[u8; MU_LEN], signature: &[u8]) -> bool {
    let (Ok(public), Ok(signature)) = (public.try_into(), Signature::<P>::try_from(signature))
    else {
        return false;
    };
    VerifyingKey::<P>::decode(public).verify_mu(mu.into(), &signature)
}

/// The caller's randomness, as `ml-dsa` and `sm2` want it.
pub(super) struct Drawn<'a>(pub(super) &'a dyn Random);

impl TryRng for Drawn<'_> {
    type Error = RandomFailure;

    fn try_next_u32(&mut self) -> Result<u32, RandomFailure> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, RandomFailure> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), RandomFailure> {
        self.0.fill(dest)
    }
}

impl TryCryptoRng for Drawn<'_> {}

impl Set {
    fn signing(self) -> &'static PqdsaSigningAlgorithm {
        match self {
            Self::MlDsa44 => &ML_DSA_44_SIGNING,
            Self::MlDsa65 => &ML_DSA_65_SIGNING,
            Self::MlDsa87 => &ML_DSA_87_SIGNING,
        }
    }

    fn verification(self) -> &'static PqdsaVerificationAlgorithm {
        match self {
            Self::MlDsa44 => &ML_DSA_44,
            Self::MlDsa65 => &ML_DSA_65,
            Self::MlDsa87 => &ML_DSA_87,
        }
    }
}
