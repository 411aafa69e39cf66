//! A key that the caller may use and that is in the state to be used. Only this type reaches key
//! material.

use api::kms::{EncryptionAlgorithmSpec, InvalidCiphertextException, InvalidKeyUsageException};
use crypto::MaterialId;
use crypto::ciphertext::{self, Ciphertext, Origin};
use platform::{Authorized, Ctx, Error, Result};
use zeroize::Zeroizing;

use crate::encryption_context::EncryptionContext;
use crate::key::{Key, Spec};
use crate::material::WrappedMaterial;

/// Proof of permission and state, with the operations on the key's material.
pub(crate) struct ReadyKey(Authorized<Key>);

/// A ciphertext blob and the material it was made with.
pub(crate) struct Encrypted {
    pub(crate) blob: Zeroizing<Vec<u8>>,
    pub(crate) material_id: MaterialId,
}

impl ReadyKey {
    /// Checks that the key is enabled and works with `algorithm`.
    pub(crate) fn new(key: Authorized<Key>, algorithm: EncryptionAlgorithmSpec) -> Result<Self> {
        key.check_enabled()?;
        match (key.record.spec, algorithm) {
            (Spec::SymmetricDefault, EncryptionAlgorithmSpec::SymmetricDefault) => Ok(Self(key)),
            (spec, algorithm) => Err(InvalidKeyUsageException::new(format!(
                "Algorithm {} is incompatible with key spec {}.",
                algorithm.as_str(),
                spec.shown().as_str(),
            ))
            .into()),
        }
    }

    /// The key's ARN, which answers show as `KeyId`.
    pub(crate) fn arn(&self) -> &str {
        &self.0.record.arn
    }

    /// Encrypts under the key's current material.
    pub(crate) fn encrypt(
        &self,
        ctx: &Ctx,
        context: &EncryptionContext,
        plaintext: &[u8],
    ) -> Result<Encrypted> {
        let record = &self.0.record;
        let Some(current) = record.materials.last() else {
            return Err(Error::dangling("key material"));
        };
        let material = current.open(ctx, &record.owner())?;
        let origin = self.origin(current);
        let blob = ciphertext::encrypt(material, &origin, context.pairs(), plaintext, ctx.random());
        let blob = Zeroizing::new(blob.map_err(Error::internal)?);
        Ok(Encrypted {
            blob,
            material_id: current.id,
        })
    }

    /// Decrypts a blob that names this key. Whatever is wrong with it, the answer is the same.
    pub(crate) fn decrypt(
        &self,
        ctx: &Ctx,
        blob: &Ciphertext<'_>,
        context: &EncryptionContext,
    ) -> Result<Zeroizing<Vec<u8>>> {
        let invalid = InvalidCiphertextException::bare;
        let record = &self.0.record;
        let origin = blob.origin();
        let made_with = record
            .materials
            .iter()
            .find(|known| self.origin(known) == *origin);
        let Some(made_with) = made_with else {
            return Err(invalid().into());
        };
        let material = made_with.open(ctx, &record.owner())?;
        let plaintext = blob
            .decrypt(material, context.pairs())
            .ok_or_else(invalid)?;
        Ok(Zeroizing::new(plaintext.expose().clone()))
    }

    fn origin(&self, material: &WrappedMaterial) -> Origin<'_> {
        let record = &self.0.record;
        Origin {
            account: &record.account,
            region: &record.region,
            key_id: &record.id,
            material_id: material.id,
        }
    }
}
