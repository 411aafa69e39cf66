//! A key that encrypts and decrypts, with the algorithm that a request names.

use api::kms::{EncryptionAlgorithmSpec, InvalidCiphertextException};
use crypto::MaterialId;
use crypto::ciphertext::{self, Ciphertext, Origin};
use platform::{Authorized, Ctx, Error, Result, validation};
use zeroize::Zeroizing;

use crate::algorithm::{Algorithm, PublicKeyEncryption};
use crate::encryption_context::EncryptionContext;
use crate::key::{Key, KeyRecord};
use crate::material::WrappedMaterial;
use crate::ready_key::ReadyKey;
use crate::source::Blob;

/// A key that is ready to encrypt and decrypt.
pub(crate) struct EncryptionKey {
    key: ReadyKey,
    algorithm: EncryptionAlgorithmSpec,
}

/// A ciphertext and, if it names it, the material it was made with.
pub(crate) struct Encrypted {
    pub(crate) blob: Zeroizing<Vec<u8>>,
    pub(crate) material_id: Option<MaterialId>,
}

impl EncryptionKey {
    /// Checks that the key is ready for `operation` with `algorithm`.
    pub(crate) fn new(
        key: Authorized<Key>,
        operation: &str,
        algorithm: EncryptionAlgorithmSpec,
    ) -> Result<Self> {
        let key = ReadyKey::new(key, operation, Algorithm::Encryption(algorithm))?;
        Ok(Self { key, algorithm })
    }

    /// The key's ARN, which answers show as `KeyId`.
    pub(crate) fn arn(&self) -> &str {
        self.key.arn()
    }

    /// Refuses what is too long for a public key.
    pub(crate) fn check_plaintext(&self, plaintext: &[u8]) -> Result<()> {
        let spec = self.key.record().spec;
        match spec.plaintext_limit(self.algorithm) {
            Some(limit) if plaintext.len() > limit => Err(validation(format!(
                "Algorithm {} and key spec {} cannot encrypt data larger than {limit} bytes.",
                self.algorithm.as_str(),
                spec.shown().as_str(),
            ))),
            _ => Ok(()),
        }
    }

    /// Encrypts under the key's current material.
    pub(crate) async fn encrypt(
        &self,
        ctx: &Ctx,
        context: &EncryptionContext,
        plaintext: &[u8],
    ) -> Result<Encrypted> {
        let Some(scheme) = PublicKeyEncryption::of(self.algorithm) else {
            return self.encrypt_symmetric(ctx, context, plaintext);
        };
        let plaintext = Zeroizing::new(plaintext.to_vec());
        let work = self.key.work(ctx, move |material, random| {
            scheme.encrypt(material, &plaintext, random)
        });
        let blob = work.await?.map_err(Error::internal)?;
        Ok(Encrypted {
            blob: Zeroizing::new(blob),
            material_id: None,
        })
    }

    fn encrypt_symmetric(
        &self,
        ctx: &Ctx,
        context: &EncryptionContext,
        plaintext: &[u8],
    ) -> Result<Encrypted> {
        let (current, material) = self.key.current(ctx)?;
        let origin = origin(self.key.record(), current);
        let blob = ciphertext::encrypt(material, &origin, context.pairs(), plaintext, ctx.random());
        Ok(Encrypted {
            blob: Zeroizing::new(blob.map_err(Error::internal)?),
            material_id: Some(current.id),
        })
    }

    /// Decrypts a ciphertext. Whatever is wrong with it, the answer is the same.
    pub(crate) async fn decrypt(
        &self,
        ctx: &Ctx,
        blob: &Blob<'_>,
        context: &EncryptionContext,
    ) -> Result<Zeroizing<Vec<u8>>> {
        match (blob, PublicKeyEncryption::of(self.algorithm)) {
            (Blob::Named(blob), None) => self.decrypt_symmetric(ctx, blob, context),
            (Blob::Bare(bytes), Some(scheme)) => {
                let bytes = bytes.to_vec();
                let work = self
                    .key
                    .work(ctx, move |material, _| scheme.decrypt(material, &bytes));
                let opened = work.await?.map_err(Error::internal)?;
                Ok(opened.ok_or_else(InvalidCiphertextException::bare)?)
            }
            _ => Err(InvalidCiphertextException::bare().into()),
        }
    }

    fn decrypt_symmetric(
        &self,
        ctx: &Ctx,
        blob: &Ciphertext<'_>,
        context: &EncryptionContext,
    ) -> Result<Zeroizing<Vec<u8>>> {
        let invalid = InvalidCiphertextException::bare;
        let record = self.key.record();
        // That the ciphertext is one of this key, or of a related one, `source` has seen to.
        let mut materials = record.materials.iter();
        let made_with = materials.find(|known| known.id == blob.origin().material_id);
        let material = made_with.ok_or_else(invalid)?.open(ctx, &record.owner())?;
        let plaintext = blob
            .decrypt(material, context.pairs())
            .ok_or_else(invalid)?;
        Ok(Zeroizing::new(plaintext.expose().clone()))
    }
}

fn origin<'a>(record: &'a KeyRecord, material: &WrappedMaterial) -> Origin<'a> {
    Origin {
        account: &record.account,
        region: &record.region,
        key_id: &record.id,
        material_id: material.id,
    }
}
