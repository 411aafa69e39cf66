//! Root seals: what stands between a stolen data directory and its content.
//!
//! Each seal wraps the same unseal key, which wraps the keyring; so a seal can be added or
//! replaced without touching any record. The sealed keyring is one small file:
//!
//! ```text
//! "STRGSEAL" || format (1) || seals (1)
//! || per seal: kind (1) || salt (32) || Argon2 cost (12) || envelope of the unseal key (96)
//! || envelope of the keyring || SHA-256 of all that
//! ```
//!
//! The hash has no secret. It tells a damaged file from a wrong key; authenticity comes from the
//! envelopes.

use aws_lc_rs::digest;
use zeroize::Zeroizing;

use crate::envelope::{self, SealFailure, Unopened};
use crate::kdf::KdfKey;
use crate::keyring::Keyring;
use crate::passphrase::{self, Cost};
use crate::random::{self, Random, RandomFailure};

const MAGIC: &[u8; 8] = b"STRGSEAL";
const FORMAT: u8 = 1;
const MAX_SEALS: usize = 16;
const WRAPPED_LEN: usize = envelope::OVERHEAD + 32;
const HASH_LEN: usize = 32;
const SEAL_LABEL: &[u8] = b"strongroom root seal v1";
const KEYRING_LABEL: &[u8] = b"strongroom keyring v1";

/// What opens a root seal.
#[derive(Clone, Copy)]
pub enum Unlock<'a> {
    /// A key of at least 32 random bytes, as [`crate::keyfile::parse`] gives it.
    KeyFile(&'a [u8]),
    /// A passphrase, stretched with Argon2id.
    Passphrase(&'a str),
}

/// Why a keyring could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// There is a seal of this kind, and the key or passphrase does not open it.
    #[error("the key or passphrase does not open this seal")]
    WrongKey,
    /// No seal of this kind.
    #[error("there is no seal of this kind")]
    NoSuchSeal,
    /// Not a sealed keyring of a known format, or changed since it was written.
    #[error("the sealed keyring is damaged")]
    Damaged,
    /// A key file's key has fewer than 32 bytes.
    #[error("the key is shorter than 32 bytes")]
    ShortKey,
    /// A passphrase that is empty or beyond what Argon2 takes.
    #[error("the passphrase is empty or too long")]
    Passphrase,
    /// The file has as many seals as it can hold.
    #[error("no more than 16 seals fit")]
    TooManySeals,
    /// Sealing itself failed.
    #[error(transparent)]
    Failed(#[from] SealFailure),
}

impl From<RandomFailure> for SealError {
    fn from(failure: RandomFailure) -> Self {
        Self::Failed(failure.into())
    }
}

/// Draws a keyring and seals it. `cost` matters for passphrases alone.
pub fn create(
    unlock: Unlock<'_>,
    cost: Cost,
    random: &dyn Random,
) -> Result<(Keyring, Vec<u8>), SealError> {
    let keyring = Keyring::generate(random)?;
    let mut unseal_key = Zeroizing::new([0; 32]);
    random.fill(unseal_key.as_mut())?;
    let seals = vec![Seal::wrap(unlock, cost, &unseal_key, random)?];
    let file = write(&seals, &seal_keyring(&keyring, &unseal_key, random)?);
    Ok((keyring, file))
}

/// Opens a sealed keyring.
pub fn open(file: &[u8], unlock: Unlock<'_>) -> Result<Keyring, SealError> {
    let sealed = parse(file)?;
    let (_, unseal_key) = sealed.unlock(unlock)?;
    sealed.keyring(&unseal_key)
}

/// Adds a seal: from now on `new` opens the keyring too.
pub fn add_seal(
    file: &[u8],
    unlock: Unlock<'_>,
    new: Unlock<'_>,
    cost: Cost,
    random: &dyn Random,
) -> Result<Vec<u8>, SealError> {
    let mut sealed = parse(file)?;
    let (_, unseal_key) = sealed.unlock(unlock)?;
    if sealed.seals.len() >= MAX_SEALS {
        return Err(SealError::TooManySeals);
    }
    sealed
        .seals
        .push(Seal::wrap(new, cost, &unseal_key, random)?);
    Ok(write(&sealed.seals, sealed.keyring))
}

/// Replaces the seal that `unlock` opens: a changed passphrase, or another key file.
///
/// Whoever kept the old file and the old key still has the unseal key; [`rotate`] after a leak.
pub fn replace_seal(
    file: &[u8],
    unlock: Unlock<'_>,
    new: Unlock<'_>,
    cost: Cost,
    random: &dyn Random,
) -> Result<Vec<u8>, SealError> {
    let mut sealed = parse(file)?;
    let (position, unseal_key) = sealed.unlock(unlock)?;
    let seal = Seal::wrap(new, cost, &unseal_key, random)?;
    *sealed
        .seals
        .get_mut(position)
        .ok_or(SealError::NoSuchSeal)? = seal;
    Ok(write(&sealed.seals, sealed.keyring))
}

/// Adds a store key to the sealed keyring; every seal stays. Returns the new keyring and file.
pub fn rotate(
    file: &[u8],
    unlock: Unlock<'_>,
    random: &dyn Random,
) -> Result<(Keyring, Vec<u8>), SealError> {
    let sealed = parse(file)?;
    let (_, unseal_key) = sealed.unlock(unlock)?;
    let mut keyring = sealed.keyring(&unseal_key)?;
    keyring.rotate(random)?;
    let file = write(&sealed.seals, &seal_keyring(&keyring, &unseal_key, random)?);
    Ok((keyring, file))
}

struct Sealed<'a> {
    seals: Vec<Seal>,
    keyring: &'a [u8],
}

struct Seal {
    kind: u8,
    salt: [u8; 32],
    cost: [u8; Cost::LEN],
    wrapped: [u8; WRAPPED_LEN],
}

impl Sealed<'_> {
    /// The unseal key and the position of the seal that gave it.
    fn unlock(&self, unlock: Unlock<'_>) -> Result<(usize, Zeroizing<[u8; 32]>), SealError> {
        let mut outcome = SealError::NoSuchSeal;
        for (position, seal) in self.seals.iter().enumerate() {
            if seal.kind != unlock.kind() {
                continue;
            }
            match seal.unwrap_key(unlock) {
                Ok(unseal_key) => return Ok((position, unseal_key)),
                Err(error) => outcome = error,
            }
        }
        Err(outcome)
    }

    fn keyring(&self, unseal_key: &[u8; 32]) -> Result<Keyring, SealError> {
        let bytes = envelope::open(
            &KdfKey::new(unseal_key),
            KEYRING_LABEL,
            &[FORMAT],
            self.keyring,
        )
        .map_err(|_| SealError::Damaged)?;
        Keyring::from_bytes(&bytes).ok_or(SealError::Damaged)
    }
}

impl Seal {
    fn wrap(
        unlock: Unlock<'_>,
        cost: Cost,
        unseal_key: &[u8; 32],
        random: &dyn Random,
    ) -> Result<Self, SealError> {
        let salt = random::array(random)?;
        let cost = if matches!(unlock, Unlock::Passphrase(_)) {
            cost.to_bytes()
        } else {
            [0; 12]
        };
        let mut seal = Self {
            kind: unlock.kind(),
            salt,
            cost,
            wrapped: [0; WRAPPED_LEN],
        };
        let mut wrapped = Vec::with_capacity(WRAPPED_LEN);
        let key = unlock.key(&salt, &cost)?;
        envelope::seal(
            &key,
            SEAL_LABEL,
            &seal.aad(),
            unseal_key,
            (random, &mut wrapped),
        )?;
        seal.wrapped = wrapped.try_into().map_err(|_| SealFailure::Cipher)?;
        Ok(seal)
    }

    fn unwrap_key(&self, unlock: Unlock<'_>) -> Result<Zeroizing<[u8; 32]>, SealError> {
        let key = unlock.key(&self.salt, &self.cost)?;
        let opened = envelope::open(&key, SEAL_LABEL, &self.aad(), &self.wrapped);
        let bytes = opened.map_err(|why| match why {
            Unopened::OtherKey => SealError::WrongKey,
            Unopened::Damaged => SealError::Damaged,
        })?;
        let mut unseal_key = Zeroizing::new([0; 32]);
        for (to, from) in unseal_key.iter_mut().zip(bytes.iter()) {
            *to = *from;
        }
        Ok(unseal_key)
    }

    fn aad(&self) -> Vec<u8> {
        [&[FORMAT, self.kind], &self.salt[..], &self.cost[..]].concat()
    }
}

impl Unlock<'_> {
    fn kind(self) -> u8 {
        match self {
            Self::KeyFile(_) => 1,
            Self::Passphrase(_) => 2,
        }
    }

    fn key(self, salt: &[u8; 32], cost: &[u8; Cost::LEN]) -> Result<KdfKey, SealError> {
        match self {
            Self::KeyFile(key) if key.len() < 32 => Err(SealError::ShortKey),
            Self::KeyFile(key) => {
                let derived = KdfKey::new(key).derive::<32>(b"key file seal", salt);
                Ok(KdfKey::new(derived.expose()))
            }
            Self::Passphrase("") => Err(SealError::Passphrase),
            Self::Passphrase(text) => passphrase::stretch(text, salt, Cost::from_bytes(cost)),
        }
    }
}

fn seal_keyring(
    keyring: &Keyring,
    unseal_key: &[u8; 32],
    random: &dyn Random,
) -> Result<Vec<u8>, SealError> {
    let (key, mut out) = (KdfKey::new(unseal_key), Vec::new());
    envelope::seal(
        &key,
        KEYRING_LABEL,
        &[FORMAT],
        &keyring.to_bytes(),
        (random, &mut out),
    )?;
    Ok(out)
}

fn write(seals: &[Seal], keyring: &[u8]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    // INVARIANT: at most MAX_SEALS.
    out.extend([FORMAT, u8::try_from(seals.len()).unwrap_or(u8::MAX)]);
    for seal in seals {
        out.push(seal.kind);
        out.extend_from_slice(&seal.salt);
        out.extend_from_slice(&seal.cost);
        out.extend_from_slice(&seal.wrapped);
    }
    out.extend_from_slice(keyring);
    let hash = digest::digest(&digest::SHA256, &out);
    out.extend_from_slice(hash.as_ref());
    out
}

fn parse(file: &[u8]) -> Result<Sealed<'_>, SealError> {
    let (content, hash) = file
        .split_last_chunk::<HASH_LEN>()
        .ok_or(SealError::Damaged)?;
    if digest::digest(&digest::SHA256, content).as_ref() != hash {
        return Err(SealError::Damaged);
    }
    parse_content(content).ok_or(SealError::Damaged)
}

fn parse_content(content: &[u8]) -> Option<Sealed<'_>> {
    let rest = content.strip_prefix(MAGIC)?.strip_prefix(&[FORMAT])?;
    let (count, mut rest) = rest.split_first()?;
    let mut seals = Vec::new();
    for _ in 0..*count {
        let (kind, after) = rest.split_first()?;
        let (salt, after) = after.split_first_chunk()?;
        let (cost, after) = after.split_first_chunk()?;
        let (wrapped, after) = after.split_first_chunk()?;
        seals.push(Seal {
            kind: *kind,
            salt: *salt,
            cost: *cost,
            wrapped: *wrapped,
        });
        rest = after;
    }
    Some(Sealed {
        seals,
        keyring: rest,
    })
}

#[cfg(test)]
mod tests;
