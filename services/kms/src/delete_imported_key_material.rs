//! `kms:DeleteImportedKeyMaterial`: deletes material that somebody brought. The key cannot be used
//! until the same material is imported again.

use api::kms::{
    DeleteImportedKeyMaterialRequest, DeleteImportedKeyMaterialResponse, NotFoundException,
};
use platform::{Ctx, Result};

use crate::condition_keys::RequestKeys;
use crate::lookup::Found;
use crate::material::WrappedMaterial;
use crate::{access, expiration};

pub(crate) async fn delete_imported_key_material(
    ctx: &Ctx,
    req: DeleteImportedKeyMaterialRequest,
) -> Result<DeleteImportedKeyMaterialResponse> {
    let found = Found::own(ctx, &req.key_id).await?;
    let request = RequestKeys::default();
    let key = access::authorize(ctx, "kms:DeleteImportedKeyMaterial", found, &request).await?;
    key.check_is_imported()?;

    let record = &key.record;
    let asked = req.key_material_id.as_deref();
    let material = match asked {
        Some(id) => {
            let mut materials = record.materials.iter();
            let known = materials.find(|material| material.id.to_string() == id);
            let text = || format!("Key material '{id}' does not exist in {}", record.arn);
            Some(known.ok_or_else(|| NotFoundException::new(text()))?)
        }
        None => record.current(),
    };
    let id = material.map(|material| material.id);
    // A primary key that was a replica may wait for material that only others have.
    let is_known = |known: &&WrappedMaterial| known.is_there() || known.made.is_waiting();
    if let Some(id) = material.filter(is_known).and(id) {
        expiration::change(ctx, &key, |record| record.delete_material(id)).await?;
    }
    Ok(DeleteImportedKeyMaterialResponse {
        key_id: Some(record.arn.clone()),
        key_material_id: id.map(|id| id.to_string()),
    })
}
