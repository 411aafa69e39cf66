//! What Decrypt and ReEncrypt open: a ciphertext, and the key to open it with.

use api::kms::{EncryptionAlgorithmSpec, IncorrectKeyException, InvalidCiphertextException};
use crypto::ciphertext::{self, Ciphertext, Origin};
use platform::{Authorized, Ctx, Result, validation};

use crate::access;
use crate::condition_keys::RequestKeys;
use crate::dry_run::DryRun;
use crate::key::{Key, KeyRecord};
use crate::lookup::Found;

/// A ciphertext.
pub(crate) enum Blob<'a> {
    /// One of a symmetric key, whose header names the key.
    Named(Ciphertext<'a>),
    /// One of an asymmetric key, which names nothing.
    Bare(&'a [u8]),
}

impl<'a> Blob<'a> {
    /// Reads a ciphertext of `algorithm`; none for what is not one of a symmetric key.
    fn read(algorithm: EncryptionAlgorithmSpec, blob: &'a [u8]) -> Option<Self> {
        match algorithm {
            EncryptionAlgorithmSpec::SymmetricDefault => ciphertext::parse(blob).map(Self::Named),
            _ => Some(Self::Bare(blob)),
        }
    }

    /// The identifier of the material that the ciphertext names.
    pub(crate) fn material_id(&self) -> Option<String> {
        match self {
            Self::Named(blob) => Some(blob.origin().material_id.to_string()),
            Self::Bare(_) => None,
        }
    }
}

/// The parts of a request that say what to open.
pub(crate) struct Asked<'a> {
    pub(crate) blob: Option<&'a [u8]>,
    pub(crate) key_id: Option<&'a str>,
    pub(crate) algorithm: EncryptionAlgorithmSpec,
    pub(crate) dry_run: DryRun,
}

/// A ciphertext with the key that is to open it.
pub(crate) struct Source<'a> {
    pub(crate) found: Found,
    blob: Option<Blob<'a>>,
    is_named: bool,
    dry_run: DryRun,
}

impl<'a> Source<'a> {
    /// Finds the key: the one that the request names, or the one that the ciphertext names.
    pub(crate) async fn find(ctx: &Ctx, asked: Asked<'a>) -> Result<Self> {
        let Asked {
            blob,
            key_id,
            algorithm,
            dry_run,
        } = asked;
        let blob = match (dry_run, blob) {
            (DryRun::IgnoringCiphertext, _) => None,
            (_, Some(blob)) => Blob::read(algorithm, blob),
            (_, None) => return Err(missing("ciphertextBlob")),
        };
        if let Some(key_id) = key_id {
            let found = Found::any(ctx, key_id).await?;
            return Ok(Self {
                found,
                blob,
                is_named: true,
                dry_run,
            });
        }
        // Asymmetric ciphertexts do not name their key, and a dry run without one has none.
        let origin = match (&blob, dry_run) {
            (Some(Blob::Bare(_)), _) | (None, DryRun::IgnoringCiphertext) => {
                return Err(validation("KeyId must not be null"));
            }
            (None, _) => return Err(InvalidCiphertextException::bare().into()),
            (Some(Blob::Named(blob)), _) => *blob.origin(),
        };
        let found = Found::key(ctx, origin.account, origin.key_id).await?;
        // What another Region made, only a related key opens here.
        if !matches!(&found, Found::Here(key) if can_be_of(&origin, &key.record)) {
            return Err(access::unknown_origin().into());
        }
        Ok(Self {
            found,
            blob,
            is_named: false,
            dry_run,
        })
    }

    /// Asks whether the caller may use the key.
    pub(crate) async fn authorize(
        self,
        ctx: &Ctx,
        action: &'static str,
        request: RequestKeys<'_>,
    ) -> Result<(Authorized<Key>, Sealed<'a>)> {
        let sealed = Sealed {
            blob: self.blob,
            dry_run: self.dry_run,
        };
        let key = match self.is_named {
            true => access::authorize(ctx, action, self.found, &request).await?,
            false => access::authorize_origin(ctx, action, self.found, &request).await?,
        };
        Ok((key, sealed))
    }
}

/// A ciphertext whose key the caller may use.
pub(crate) struct Sealed<'a> {
    blob: Option<Blob<'a>>,
    dry_run: DryRun,
}

impl<'a> Sealed<'a> {
    /// The ciphertext, if it can be one of the key with this ARN; none where a dry run ignores it.
    pub(crate) fn of_key(self, key: &Key) -> Result<Option<Blob<'a>>> {
        if self.dry_run == DryRun::IgnoringCiphertext {
            return Ok(None);
        }
        let blob = self.blob.ok_or_else(InvalidCiphertextException::bare)?;
        let Blob::Named(named) = &blob else {
            return Ok(Some(blob));
        };
        if !can_be_of(named.origin(), &key.record) {
            return Err(IncorrectKeyException::new(
                "The key ID in the request does not identify a CMK that can perform this \
                 operation.",
            )
            .into());
        }
        Ok(Some(blob))
    }
}

/// Whether a ciphertext that names `origin` can be one of the key: one that it made itself, or that
/// a related key made in another Region.
fn can_be_of(origin: &Origin<'_>, record: &KeyRecord) -> bool {
    let is_made_here = origin.region == record.region;
    let is_same_key = origin.account == record.account && origin.key_id == record.id;
    is_same_key && (is_made_here || record.family.is_some())
}

fn missing(member: &str) -> platform::Error {
    validation(format!(
        "1 validation error detected: Value null at '{member}' failed to satisfy constraint: \
         Member must not be null"
    ))
}
