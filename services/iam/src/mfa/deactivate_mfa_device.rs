//! `iam:DeactivateMFADevice`: takes a device from its user. The device itself stays.

use api::iam::DeactivateMFADeviceRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::credentials::Holding;
use crate::mfa::enabled;
use crate::tagging::Tagged;

pub(crate) async fn deactivate_mfa_device(
    ctx: &Ctx,
    req: DeactivateMFADeviceRequest,
) -> Result<Empty> {
    let subject = enabled::subject(ctx, req.user_name).await?;
    let permitted = subject.permit(ctx, "iam:DeactivateMFADevice").await?;
    let mut holding = Holding::of(ctx, permitted).await?;
    let (_, mut device) = enabled::require(ctx, &holding, &req.serial_number).await?;
    device.owner = None;
    let serial = req.serial_number;
    holding
        .record
        .mfa
        .retain(|enabled| enabled.serial != serial);
    device.put(ctx).await;
    holding.record.put(ctx).await;
    Ok(Empty)
}
