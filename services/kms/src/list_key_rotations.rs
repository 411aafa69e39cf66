//! `kms:ListKeyRotations`: the rotations of a key, or all of its materials; the oldest first.

use api::kms::{
    ImportState, IncludeKeyMaterial, KeyMaterialState, ListKeyRotationsRequest,
    ListKeyRotationsResponse, RotationsListEntry,
};
use platform::{Ctx, Result};
use wire::Timestamp;

use crate::condition_keys::RequestKeys;
use crate::key::KeyRecord;
use crate::lookup::Found;
use crate::material::{Made, WrappedMaterial};
use crate::paging::{Paging, page_size};
use crate::{access, imported};

pub(crate) async fn list_key_rotations(
    ctx: &Ctx,
    req: ListKeyRotationsRequest,
) -> Result<ListKeyRotationsResponse> {
    let limit = page_size(req.limit, 100, 1000)?;
    let found = Found::own(ctx, &req.key_id).await?;
    let request = RequestKeys::default();
    let key = access::authorize(ctx, "kms:ListKeyRotations", found, &request).await?;
    let record = &key.record;
    // The parameter is for keys that support rotation; others have no rotations to list.
    if req.include_key_material.is_some() {
        record.check_can_rotate()?;
    }
    let paging = Paging {
        ctx,
        list: "ListKeyRotations",
        about: &record.id,
    };
    let after = paging.open(req.marker.as_deref())?;

    let is_listed = |material: &&WrappedMaterial| {
        let all = req.include_key_material == Some(IncludeKeyMaterial::AllKeyMaterial);
        record.can_rotate() && (all || material.made.rotation().is_some())
    };
    let mut listed = record.materials.iter().filter(is_listed).peekable();
    if let Some(after) = after {
        // What another material follows is never taken away: the position is there.
        while listed
            .next_if(|known| known.id.to_string() != after)
            .is_some()
        {}
        listed.next();
    }
    let page: Vec<_> = listed.by_ref().take(limit).collect();
    let next_marker = match page.last() {
        Some(last) if listed.peek().is_some() => Some(paging.seal(&last.id.to_string())?),
        _ => None,
    };
    let truncated = Some(next_marker.is_some());
    let shown = page.into_iter().map(|material| entry(record, material));
    Ok(ListKeyRotationsResponse {
        rotations: Some(shown.collect()),
        next_marker,
        truncated,
    })
}

fn entry(record: &KeyRecord, material: &WrappedMaterial) -> RotationsListEntry {
    let current = record.current();
    let is_current = current.is_some_and(|current| current.id == material.id);
    let rotation_type = material.made.rotation();
    let imported = material.imported.as_ref();
    let expiration = imported.filter(|_| material.is_there());
    RotationsListEntry {
        key_id: Some(record.id.clone()),
        key_material_id: Some(material.id.to_string()),
        key_material_description: imported.and_then(|imported| imported.description.clone()),
        import_state: imported.map(|_| match material.is_there() {
            true => ImportState::Imported,
            false => ImportState::PendingImport,
        }),
        key_material_state: Some(match (is_current, material.made) {
            (true, _) => KeyMaterialState::Current,
            (false, Made::ForRotation) => KeyMaterialState::PendingRotation,
            (false, Made::ForRotationOnceEverywhere) => {
                KeyMaterialState::PendingMultiRegionImportAndRotation
            }
            (false, _) => KeyMaterialState::NonCurrent,
        }),
        expiration_model: expiration.map(|_| imported::model(material.valid_to())),
        valid_to: material.valid_to(),
        rotation_date: rotation_type.map(|_| Timestamp {
            millis: material.created_millis,
        }),
        rotation_type,
    }
}
