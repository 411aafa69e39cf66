//! The versions of a key's material, as records keep them.

use crypto::{KeyMaterial, MaterialId, RecordKey};
use platform::{Ctx, Derived, Error, Result};
use serde::{Deserialize, Serialize};

use crate::kind::Spec;

/// The purpose of the key that wraps material. It differs from the one that seals records, so
/// that an opened record alone yields no material.
const WRAPPING_PURPOSE: &str = "kms-key-material";

/// One version of a key's material, wrapped under a key of the account.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct WrappedMaterial {
    /// Names the version; ciphertexts carry it.
    pub(crate) id: MaterialId,
    /// When it became current, in milliseconds since the epoch.
    pub(crate) created_millis: i64,
    wrapped: Vec<u8>,
    #[serde(skip)]
    opened: Derived<KeyMaterial>,
}

/// The key that a material belongs to.
pub(crate) struct Owner<'a> {
    pub(crate) account: &'a str,
    pub(crate) key_id: &'a str,
    pub(crate) arn: &'a str,
}

impl WrappedMaterial {
    /// Makes new material for `owner`.
    pub(crate) async fn generate(ctx: &Ctx, spec: Spec, owner: &Owner<'_>) -> Result<Self> {
        let spec = spec.material();
        let material = if spec.is_asymmetric() {
            ctx.blocking(move |random| KeyMaterial::generate(spec, random))
                .await?
        } else {
            KeyMaterial::generate(spec, ctx.random())
        };
        let material = material.map_err(Error::internal)?;
        let key = wrapping_key(ctx, owner.account);
        let wrapped = material.wrap(&key, owner.arn.as_bytes(), ctx.random());
        Ok(Self {
            id: material.id(owner.key_id).map_err(Error::internal)?,
            created_millis: ctx.now.millis,
            wrapped: wrapped.map_err(Error::internal)?,
            opened: Derived::default(),
        })
    }

    /// The material itself, unwrapped once per cached record.
    pub(crate) fn open(&self, ctx: &Ctx, owner: &Owner<'_>) -> Result<&KeyMaterial> {
        self.open_with(owner.arn, || wrapping_key(ctx, owner.account))
    }

    /// The material of the key `arn`, unwrapped with what `key` gives where it has to be.
    pub(crate) fn open_with(
        &self,
        arn: &str,
        key: impl FnOnce() -> RecordKey,
    ) -> Result<&KeyMaterial> {
        self.opened.get_or_make(|| {
            KeyMaterial::unwrap(&key(), arn.as_bytes(), &self.wrapped).map_err(Error::internal)
        })
    }
}

/// The key that wraps the material of all keys of an account.
pub(crate) fn wrapping_key(ctx: &Ctx, account: &str) -> RecordKey {
    ctx.keyring().record_key(account, WRAPPING_PURPOSE)
}

#[cfg(test)]
impl WrappedMaterial {
    /// A material for samples of formats. It does not open.
    pub(crate) fn sample() -> Self {
        Self {
            id: "ab".repeat(32).parse().expect("64 hexadecimal digits"),
            created_millis: 2,
            wrapped: vec![1, 2, 3],
            opened: Derived::default(),
        }
    }
}
