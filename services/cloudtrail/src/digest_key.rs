//! The keys that digest files are signed with, one at a time a Region.

use crypto::jws::{Algorithm, SigningKey};
use platform::{Ctx, Error, Result, Upkeep};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use crate::hex::sha256_hex;

/// How long a key signs. It stays listed for ever, so that old files can be checked.
const SIGNS_MILLIS: i64 = 365 * 24 * 60 * 60 * 1000;
/// How long a key is said to be valid: a digest may end a day after its key did.
pub(crate) const VALID_MILLIS: i64 = SIGNS_MILLIS + 24 * 60 * 60 * 1000;
/// The purpose of the key that seals private keys.
const SEALING: &str = "cloudtrail.digest-keys";

/// The keys of a Region, the newest last.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct DigestKeys {
    pub(crate) keys: Vec<KeptKey>,
}

/// A key pair of RSA with 2048 bits.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KeptKey {
    /// 32 hexadecimal digits.
    pub(crate) fingerprint: String,
    /// When it was made, in milliseconds since 1970.
    pub(crate) made_millis: i64,
    /// DER of PKCS #1.
    pub(crate) public: Vec<u8>,
    sealed: Vec<u8>,
}

impl Record for DigestKeys {
    const TABLE: &'static str = "cloudtrail.digest-keys";
    const SERVICE: &'static str = "cloudtrail";
}

impl DigestKeys {
    pub(crate) fn place(region: &str) -> Key {
        Key::new("", region, ["keys"])
    }
}

/// What signs now.
pub(crate) struct Signer {
    pub(crate) fingerprint: String,
    pub(crate) key: SigningKey,
}

/// The key of a Region that signs now; a new one is staged.
pub(crate) async fn signer(ctx: &Ctx, upkeep: &Upkeep, region: &str) -> Result<Signer> {
    let (place, now) = (DigestKeys::place(region), ctx.now);
    let known = ctx.get::<DigestKeys>(&place).await?;
    let mut known = known.map(|known| (*known).clone()).unwrap_or_default();
    let sealing = upkeep.keyring().record_key("", SEALING);
    if let Some(newest) = known.keys.last()
        && now.millis - newest.made_millis < SIGNS_MILLIS
    {
        let opened = sealing.open(newest.fingerprint.as_bytes(), &newest.sealed);
        let opened = opened.map_err(Error::internal)?;
        let key = SigningKey::from_pkcs8(Algorithm::Rs256, &opened).map_err(Error::internal)?;
        let fingerprint = newest.fingerprint.clone();
        return Ok(Signer { fingerprint, key });
    }
    let made = upkeep.blocking(SigningKey::generate_rsa).await;
    let key = made?.map_err(Error::internal)?;
    let public = key.public_pkcs1().map_err(Error::internal)?;
    let mut fingerprint = sha256_hex(&public);
    fingerprint.truncate(32);
    let private = key.to_pkcs8().map_err(Error::internal)?;
    let sealed = sealing.seal(fingerprint.as_bytes(), &private, upkeep.random());
    known.keys.push(KeptKey {
        fingerprint: fingerprint.clone(),
        made_millis: now.millis,
        public,
        sealed: sealed.map_err(Error::internal)?,
    });
    ctx.put(place, known).await;
    Ok(Signer { fingerprint, key })
}

#[cfg(test)]
pub(crate) mod samples {
    use super::KeptKey;

    /// A key for samples of formats.
    pub(crate) fn kept_key() -> KeptKey {
        KeptKey {
            fingerprint: "f".to_owned(),
            made_millis: 1,
            public: vec![2],
            sealed: vec![3, 4],
        }
    }
}
