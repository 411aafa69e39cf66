//! The versions of a key's material, as records keep them.

use api::kms::RotationType;
use crypto::{KeyMaterial, Keyring, MaterialId, RecordKey};
use platform::{Ctx, Derived, Error, Result, Upkeep};
use serde::{Deserialize, Serialize};
use wire::Timestamp;

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
    pub(crate) made: Made,
    /// What was said when it was imported; none for material that was made here.
    pub(crate) imported: Option<Imported>,
    /// None once it was deleted or has expired; only imported material is.
    wrapped: Option<Vec<u8>>,
    #[serde(skip)]
    opened: Derived<KeyMaterial>,
}

/// What is known of imported material ("Importing key material for AWS KMS keys").
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Imported {
    pub(crate) description: Option<String>,
    /// When it is deleted by itself; never, if none.
    pub(crate) valid_to_millis: Option<i64>,
}

/// Why a material was made. New reasons are added at the end.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Made {
    /// With the key.
    First,
    /// Because its time had come.
    Automatic,
    /// Because somebody asked for it.
    OnDemand,
    /// It was imported for a rotation that nobody has asked for yet: `PENDING_ROTATION`.
    ForRotation,
    /// The same in a multi-Region key some of whose keys it was not imported into yet:
    /// `PENDING_MULTI_REGION_IMPORT_AND_ROTATION`.
    ForRotationOnceEverywhere,
}

impl Made {
    /// The rotation that made it; none for a key's first material, and for one that waits for its
    /// rotation.
    pub(crate) fn rotation(self) -> Option<RotationType> {
        match self {
            Self::First | Self::ForRotation | Self::ForRotationOnceEverywhere => None,
            Self::Automatic => Some(RotationType::Automatic),
            Self::OnDemand => Some(RotationType::OnDemand),
        }
    }

    /// Whether it waits for a rotation, and does not belong to the key for ever yet.
    pub(crate) fn is_waiting(self) -> bool {
        matches!(self, Self::ForRotation | Self::ForRotationOnceEverywhere)
    }
}

/// A material of a key of format 1.
#[derive(Serialize, Deserialize)]
pub(crate) struct WrappedMaterialV1 {
    id: MaterialId,
    created_millis: i64,
    wrapped: Vec<u8>,
}

/// A material of a key of format 2.
#[derive(Serialize, Deserialize)]
pub(crate) struct WrappedMaterialV2 {
    id: MaterialId,
    created_millis: i64,
    made: Made,
    wrapped: Vec<u8>,
}

impl From<WrappedMaterialV1> for WrappedMaterialV2 {
    fn from(old: WrappedMaterialV1) -> Self {
        Self {
            id: old.id,
            created_millis: old.created_millis,
            made: Made::First,
            wrapped: old.wrapped,
        }
    }
}

impl From<WrappedMaterialV2> for WrappedMaterial {
    fn from(old: WrappedMaterialV2) -> Self {
        Self {
            id: old.id,
            created_millis: old.created_millis,
            made: old.made,
            imported: None,
            wrapped: Some(old.wrapped),
            opened: Derived::default(),
        }
    }
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
        Self::wrap(ctx.upkeep(), owner, &material, (ctx.now, Made::First))
    }

    /// The material that `bytes` are, for `owner`; none if they are none of this kind.
    pub(crate) fn given(
        ctx: &Ctx,
        spec: Spec,
        owner: &Owner<'_>,
        bytes: &[u8],
    ) -> Result<Option<Self>> {
        let Ok(material) = KeyMaterial::of_bytes(spec.material(), bytes) else {
            return Ok(None);
        };
        Self::wrap(ctx.upkeep(), owner, &material, (ctx.now, Made::First)).map(Some)
    }

    /// Makes the next material of a symmetric key; other keys have one alone.
    pub(crate) fn next(
        upkeep: &Upkeep,
        owner: &Owner<'_>,
        now: Timestamp,
        made: Made,
    ) -> Result<Self> {
        let spec = Spec::SymmetricDefault.material();
        let material = KeyMaterial::generate(spec, upkeep.random()).map_err(Error::internal)?;
        Self::wrap(upkeep, owner, &material, (now, made))
    }

    fn wrap(
        upkeep: &Upkeep,
        owner: &Owner<'_>,
        material: &KeyMaterial,
        (now, made): (Timestamp, Made),
    ) -> Result<Self> {
        let key = wrapping_key(upkeep.keyring(), owner.account);
        let wrapped = material.wrap(&key, owner.arn.as_bytes(), upkeep.random());
        Ok(Self {
            id: material.id(owner.key_id).map_err(Error::internal)?,
            created_millis: now.millis,
            made,
            imported: None,
            wrapped: Some(wrapped.map_err(Error::internal)?),
            opened: Derived::default(),
        })
    }

    /// The material that was imported into the key of `owner`.
    pub(crate) fn import(
        ctx: &Ctx,
        owner: &Owner<'_>,
        material: &KeyMaterial,
        (made, imported): (Made, Imported),
    ) -> Result<Self> {
        let wrapped = Self::wrap(ctx.upkeep(), owner, material, (ctx.now, made))?;
        Ok(Self {
            imported: Some(imported),
            ..wrapped
        })
    }

    /// The same material again: it is there from now on, whether or not it was before.
    pub(crate) fn import_again(&mut self, again: Self) {
        let known = self.imported.take().and_then(|known| known.description);
        self.wrapped = again.wrapped;
        self.opened = Derived::default();
        self.imported = again.imported.map(|imported| Imported {
            description: imported.description.or(known),
            ..imported
        });
    }

    /// Whether it is there: imported material can be deleted, and expires.
    pub(crate) fn is_there(&self) -> bool {
        self.wrapped.is_some()
    }

    /// Deletes the material itself. What names it stays, so that it can be imported again.
    pub(crate) fn delete(&mut self) {
        self.wrapped = None;
        self.opened = Derived::default();
        if let Some(imported) = &mut self.imported {
            imported.valid_to_millis = None;
        }
    }

    /// When it is deleted by itself, if it is there and ever is.
    pub(crate) fn valid_to(&self) -> Option<Timestamp> {
        let imported = self.imported.as_ref().filter(|_| self.is_there())?;
        let millis = imported.valid_to_millis?;
        Some(Timestamp { millis })
    }

    /// The same material, wrapped for a related key in another Region: under its name, it cannot
    /// be put in the place of the key that it came from. Takes its time with RSA keys.
    pub(crate) fn for_owner(
        &self,
        upkeep: &Upkeep,
        from: &Owner<'_>,
        to: &Owner<'_>,
    ) -> Result<Self> {
        let key = wrapping_key(upkeep.keyring(), from.account);
        let wrapped = self.wrapped.as_ref();
        let wrapped = wrapped.ok_or_else(|| Error::dangling("key material"))?;
        let material = KeyMaterial::unwrap(&key, from.arn.as_bytes(), wrapped);
        let made = (
            Timestamp {
                millis: self.created_millis,
            },
            self.made,
        );
        let copy = Self::wrap(upkeep, to, &material.map_err(Error::internal)?, made)?;
        if copy.id != self.id {
            return Err(Error::internal("related keys have the same materials"));
        }
        Ok(Self {
            imported: self.imported.clone(),
            ..copy
        })
    }

    /// What a related key in another Region knows of imported material: which it is, and that it is
    /// not there. Description and expiration are each key's own.
    pub(crate) fn to_import(&self) -> Self {
        Self {
            id: self.id,
            created_millis: self.created_millis,
            made: self.made,
            imported: Some(Imported {
                description: None,
                valid_to_millis: None,
            }),
            wrapped: None,
            opened: Derived::default(),
        }
    }

    /// The material itself, unwrapped once per cached record.
    pub(crate) fn open(&self, ctx: &Ctx, owner: &Owner<'_>) -> Result<&KeyMaterial> {
        self.open_with(owner.arn, || wrapping_key(ctx.keyring(), owner.account))
    }

    /// The material of the key `arn`, unwrapped with what `key` gives where it has to be.
    pub(crate) fn open_with(
        &self,
        arn: &str,
        key: impl FnOnce() -> RecordKey,
    ) -> Result<&KeyMaterial> {
        // A key without all of its material is in no state to be used.
        let wrapped = self.wrapped.as_deref();
        let wrapped = wrapped.ok_or_else(|| Error::dangling("key material"))?;
        self.opened.get_or_make(|| {
            KeyMaterial::unwrap(&key(), arn.as_bytes(), wrapped).map_err(Error::internal)
        })
    }
}

/// The key that wraps the material of all keys of an account.
pub(crate) fn wrapping_key(keyring: &Keyring, account: &str) -> RecordKey {
    keyring.record_key(account, WRAPPING_PURPOSE)
}

#[cfg(test)]
impl WrappedMaterial {
    /// A material for samples of formats. It does not open.
    pub(crate) fn sample() -> Self {
        Self {
            id: "ab".repeat(32).parse().expect("64 hexadecimal digits"),
            created_millis: 2,
            made: Made::First,
            imported: None,
            wrapped: Some(vec![1, 2, 3]),
            opened: Derived::default(),
        }
    }
}
