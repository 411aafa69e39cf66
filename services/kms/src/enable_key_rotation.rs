//! `kms:EnableKeyRotation`: lets a key rotate by itself, or changes how often it does.

use api::kms::EnableKeyRotationRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access;
use crate::condition_keys::RequestKeys;
use crate::lookup::Found;
use crate::rotation::{self, AutomaticRotation, DEFAULT_PERIOD_IN_DAYS};

pub(crate) async fn enable_key_rotation(ctx: &Ctx, req: EnableKeyRotationRequest) -> Result<Empty> {
    let period = req.rotation_period_in_days;
    let period = period.unwrap_or(DEFAULT_PERIOD_IN_DAYS);
    let found = Found::own(ctx, &req.key_id).await?;
    let request = RequestKeys {
        rotation_period_in_days: Some(period),
        ..RequestKeys::default()
    };
    let key = access::authorize(ctx, "kms:EnableKeyRotation", found, &request).await?;
    key.record.check_origin_rotates()?;
    key.check_enabled()?;
    key.record.check_can_rotate()?;
    key.record.check_is_no_replica()?;

    let known = key.record.rotation;
    // The same again does not put a rotation off.
    if known.is_none_or(|known| known.period_in_days != period) {
        let begun = AutomaticRotation::beginning(ctx.now, period);
        rotation::change_schedule(ctx, &key, |record| record.rotation = Some(begun)).await?;
    }
    Ok(Empty)
}
