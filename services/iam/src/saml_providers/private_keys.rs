//! The keys that a provider's encrypted assertions are opened with.

use api::iam::{InvalidInputException, LimitExceededException, SAMLPrivateKey};
use crypto::private_key::{PrivateKeyForm, PublicHalf, public_half};
use platform::{Ctx, Error, Result};
use serde::{Deserialize, Serialize};
use wire::{Timestamp, pem};

use crate::ids;

/// The most private keys of a provider (`SAMLProvider`'s `PrivateKeyList`).
const QUOTA: usize = 2;

/// A private key, sealed once more inside its sealed record.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PrivateKey {
    /// The id that requests name it by.
    pub(crate) id: String,
    /// When it was added, in milliseconds since 1970.
    pub(crate) added_millis: i64,
    /// The PEM text, sealed.
    sealed: Vec<u8>,
}

impl PrivateKey {
    /// The key as AWS shows it.
    pub(crate) fn shown(&self) -> SAMLPrivateKey {
        SAMLPrivateKey {
            key_id: Some(self.id.clone()),
            timestamp: Some(Timestamp {
                millis: self.added_millis,
            }),
        }
    }
}

/// Adds the RSA private key in `text` to those of the provider with this ARN.
pub(crate) fn add(ctx: &Ctx, arn: &str, keys: &mut Vec<PrivateKey>, text: &str) -> Result<()> {
    if keys.len() >= QUOTA {
        let message = format!("Cannot exceed quota for PrivateKeysPerSAMLProvider: {QUOTA}");
        return Err(LimitExceededException::new(message).into());
    }
    if !is_rsa_key(text) {
        let message =
            "Could not parse the private key. It must be an RSA private key in PEM format.";
        return Err(InvalidInputException::new(message).into());
    }
    let id = ids::long_id("SAMLK", ctx.random())?;
    let aad = format!("private key {id} of {arn}");
    let key = ctx.keyring().record_key(ctx.account(), "iam");
    let sealed = key.seal(aad.as_bytes(), text.as_bytes(), ctx.random());
    keys.push(PrivateKey {
        id,
        added_millis: ctx.now.whole_secs().millis,
        sealed: sealed.map_err(Error::internal)?,
    });
    Ok(())
}

/// Removes the key of this id.
pub(crate) fn remove(keys: &mut Vec<PrivateKey>, id: &str) -> Result<()> {
    let count = keys.len();
    keys.retain(|key| key.id != id);
    if keys.len() == count {
        let message = format!("The private key with id {id} cannot be found.");
        return Err(InvalidInputException::new(message).into());
    }
    Ok(())
}

/// XML encryption wraps content keys with RSA.
fn is_rsa_key(text: &str) -> bool {
    let Ok(blocks) = pem::blocks(text) else {
        return false;
    };
    let [block] = &blocks[..] else {
        return false;
    };
    let form = match block.label.as_str() {
        "PRIVATE KEY" => PrivateKeyForm::Pkcs8,
        "RSA PRIVATE KEY" => PrivateKeyForm::Rsa,
        _ => return false,
    };
    matches!(public_half(form, &block.der), Ok(PublicHalf::Rsa { .. }))
}
