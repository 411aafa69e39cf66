//! `kms:GetKeyRotationStatus`: whether, how often and when next a key rotates.

use api::kms::{GetKeyRotationStatusRequest, GetKeyRotationStatusResponse};
use platform::{Ctx, Result};
use wire::Timestamp;

use crate::access;
use crate::condition_keys::RequestKeys;
use crate::key::State;
use crate::lookup::Found;

pub(crate) async fn get_key_rotation_status(
    ctx: &Ctx,
    req: GetKeyRotationStatusRequest,
) -> Result<GetKeyRotationStatusResponse> {
    let found = Found::by_id(ctx, &req.key_id).await?;
    let request = RequestKeys::default();
    let key = access::authorize(ctx, "kms:GetKeyRotationStatus", found, &request).await?;
    key.record.check_origin_rotates()?;
    let record = &key.record;
    // A key that is to be deleted does not rotate, and says so. A cancelled deletion brings the
    // schedule back.
    let is_ending = matches!(
        record.state,
        State::PendingDeletion { .. } | State::PendingReplicaDeletion { .. }
    );
    let automatic = record.rotation.filter(|_| !is_ending);
    let at = |millis| Timestamp { millis };
    Ok(GetKeyRotationStatusResponse {
        key_rotation_enabled: Some(automatic.is_some()),
        key_id: Some(record.id.clone()),
        rotation_period_in_days: automatic.map(|automatic| automatic.period_in_days),
        next_rotation_date: automatic.map(|automatic| at(automatic.next_millis)),
        on_demand_rotation_start_date: record.on_demand_since_millis.map(at),
    })
}
