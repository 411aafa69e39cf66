//! `kms:ImportKeyMaterial`: puts material that somebody brings into a key that was made for it.

use api::kms::{
    ExpirationModelType, ImportKeyMaterialRequest, ImportKeyMaterialResponse, ImportType,
    IncorrectKeyMaterialException, InvalidCiphertextException, KMSInvalidStateException,
    UnsupportedOperationException,
};
use crypto::{ImportError, KeyMaterial};
use platform::{Authorized, Ctx, Error, Result, validation};
use wire::Timestamp;

use crate::condition_keys::RequestKeys;
use crate::key::{Key, KeyRecord, State};
use crate::kind::Spec;
use crate::lookup::Found;
use crate::material::{Imported, Made, WrappedMaterial};
use crate::{access, deletion, expiration, import_token};

const MAX_SECONDS_VALID: i64 = 365 * 86_400;

pub(crate) async fn import_key_material(
    ctx: &Ctx,
    req: ImportKeyMaterialRequest,
) -> Result<ImportKeyMaterialResponse> {
    let default = ExpirationModelType::KeyMaterialExpires;
    let expiration = (req.expiration_model.unwrap_or(default), req.valid_to);
    let found = Found::own(ctx, &req.key_id).await?;
    let request = RequestKeys {
        expiration: Some(expiration),
        ..RequestKeys::default()
    };
    let key = access::authorize(ctx, "kms:ImportKeyMaterial", found, &request).await?;
    check_expiration(ctx, expiration)?;
    key.check_is_imported()?;
    key.check_not_pending_deletion()?;
    check_suits(&req, &key.record)?;
    // A replica key takes what its primary key has, and nothing else.
    if req.import_type == Some(ImportType::NewKeyMaterial) {
        key.record.check_is_no_replica()?;
    }
    let key = deletion::settled(ctx, key).await?;

    let material = unwrap(ctx, &key, &req).await?;
    let imported = Imported {
        description: req.key_material_description.clone(),
        valid_to_millis: req.valid_to.map(|at| at.millis),
    };
    let made = match key.record.materials.is_empty() {
        true => Made::First,
        false => Made::ForRotation,
    };
    let owner = key.record.owner();
    let material = WrappedMaterial::import(ctx, &owner, &material, (made, imported))?;
    let id = material.id.to_string();
    let is_new = check_expected(&req, &key.record, &material)?;
    expiration::change(ctx, &key, |record| add(record, material, is_new)).await?;
    Ok(ImportKeyMaterialResponse {
        key_id: Some(key.record.arn.clone()),
        key_material_id: Some(id),
    })
}

/// Material that expires does so within 365 days from now.
fn check_expiration(ctx: &Ctx, expiration: (ExpirationModelType, Option<Timestamp>)) -> Result<()> {
    let latest = ctx.now.plus_secs(MAX_SECONDS_VALID);
    let refusal = match expiration {
        (ExpirationModelType::KeyMaterialExpires, None) => {
            "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"
        }
        (ExpirationModelType::KeyMaterialDoesNotExpire, Some(_)) => {
            "A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE"
        }
        (_, Some(at)) if at.millis <= ctx.now.millis => "The validTo date must be in the future",
        (_, Some(at)) if at.millis > latest.millis => {
            "The validTo date must be within 365 days of the request"
        }
        _ => return Ok(()),
    };
    Err(validation(refusal))
}

/// Only symmetric encryption keys can have more than one material, and only theirs is named and
/// described.
fn check_suits(req: &ImportKeyMaterialRequest, key: &KeyRecord) -> Result<()> {
    if req.import_type == Some(ImportType::NewKeyMaterial) && req.key_material_id.is_some() {
        return Err(validation(
            "You cannot specify a KeyMaterialId with ImportType NEW_KEY_MATERIAL.",
        ));
    }
    let says_which = req.import_type.is_some()
        || req.key_material_description.is_some()
        || req.key_material_id.is_some();
    if says_which && key.spec != Spec::SymmetricDefault {
        return Err(UnsupportedOperationException::new(format!(
            "ImportType, KeyMaterialDescription and KeyMaterialId are not supported for KeySpec {}.",
            key.spec.shown().as_str()
        ))
        .into());
    }
    Ok(())
}

/// The material of the request, if it is wrapped as its token says.
async fn unwrap(
    ctx: &Ctx,
    key: &Authorized<Key>,
    req: &ImportKeyMaterialRequest,
) -> Result<KeyMaterial> {
    let token = import_token::open(ctx, &key.record, &req.import_token)?;
    let (spec, wrapped) = (
        key.record.spec.material(),
        req.encrypted_key_material.clone(),
    );
    let unwrapped = ctx.blocking(move |_| token.unwrap(spec, &wrapped)).await?;
    unwrapped.map_err(|error| match error {
        ImportError::Undecryptable => InvalidCiphertextException::bare().into(),
        ImportError::Unfit => IncorrectKeyMaterialException::bare().into(),
        ImportError::Key(error) => Error::internal(error),
    })
}

/// Whether `material` is new to `key`, if it is what the request says.
fn check_expected(
    req: &ImportKeyMaterialRequest,
    key: &KeyRecord,
    material: &WrappedMaterial,
) -> Result<bool> {
    let default = match key.materials.is_empty() {
        true => ImportType::NewKeyMaterial,
        false => ImportType::ExistingKeyMaterial,
    };
    let expected = req.import_type.unwrap_or(default);
    let is_known = key.materials.iter().any(|known| known.id == material.id);
    let asked = req.key_material_id.as_deref();
    let is_other = asked.is_some_and(|asked| asked != material.id.to_string());
    match (expected, is_known) {
        (ImportType::ExistingKeyMaterial, true) if !is_other => Ok(false),
        (ImportType::NewKeyMaterial, false) if key.for_rotation().is_none() && !is_other => {
            Ok(true)
        }
        (ImportType::NewKeyMaterial, false) if !is_other => {
            let text = format!("{} already has key material pending rotation.", key.arn);
            Err(KMSInvalidStateException::new(text).into())
        }
        _ => Err(IncorrectKeyMaterialException::bare().into()),
    }
}

fn add(record: &mut KeyRecord, material: WrappedMaterial, is_new: bool) {
    let mut known = record.materials.iter_mut();
    match known.find(|known| !is_new && known.id == material.id) {
        Some(known) => known.import_again(material),
        None => record.materials.push(material),
    }
    if record.state == State::PendingImport && !record.lacks_material() {
        record.state = State::Enabled;
    }
}
