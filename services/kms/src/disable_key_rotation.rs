//! `kms:DisableKeyRotation`: ends the automatic rotation of a key. What it encrypted before stays
//! readable, whatever the material.

use api::kms::DisableKeyRotationRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::condition_keys::RequestKeys;
use crate::lookup::Found;
use crate::{access, rotation};

pub(crate) async fn disable_key_rotation(
    ctx: &Ctx,
    req: DisableKeyRotationRequest,
) -> Result<Empty> {
    let found = Found::own(ctx, &req.key_id).await?;
    let request = RequestKeys::default();
    let key = access::authorize(ctx, "kms:DisableKeyRotation", found, &request).await?;
    key.record.check_origin_rotates()?;
    key.check_enabled()?;
    key.record.check_can_rotate()?;
    key.record.check_is_no_replica()?;
    if key.record.rotation.is_some() {
        rotation::change_schedule(ctx, &key, |record| record.rotation = None).await?;
    }
    Ok(Empty)
}
