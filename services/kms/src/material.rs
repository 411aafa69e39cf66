//! The versions of a key's material, as records keep them.

use crypto::{KeyMaterial, MaterialId, MaterialSpec};
use platform::{Ctx, Derived, Error, Result};
use serde::{Deserialize, Serialize};

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
    /// Draws new material for `owner`.
    pub(crate) fn generate(ctx: &Ctx, owner: &Owner<'_>) -> Result<Self> {
        let material = KeyMaterial::generate(MaterialSpec::Symmetric, ctx.random())
            .map_err(Error::internal)?;
        let key = ctx.keyring().record_key(owner.account, WRAPPING_PURPOSE);
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
        self.opened.get_or_make(|| {
            let key = ctx.keyring().record_key(owner.account, WRAPPING_PURPOSE);
            KeyMaterial::unwrap(&key, owner.arn.as_bytes(), &self.wrapped).map_err(Error::internal)
        })
    }
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
