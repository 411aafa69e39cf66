//! `iam:GetMFADevice`: shows a device of a user, by default the caller. Virtual devices have no
//! certifications.

use api::iam::{GetMFADeviceRequest, GetMFADeviceResponse};
use platform::{Ctx, Result};
use wire::Timestamp;

use crate::credentials::Holding;
use crate::mfa::enabled;

pub(crate) async fn get_mfa_device(
    ctx: &Ctx,
    req: GetMFADeviceRequest,
) -> Result<GetMFADeviceResponse> {
    let subject = enabled::subject(ctx, req.user_name).await?;
    let permitted = subject.permit(ctx, "iam:GetMFADevice").await?;
    let holding = Holding::of(ctx, permitted).await?;
    let (enabled, _) = enabled::require(ctx, &holding, &req.serial_number).await?;
    Ok(GetMFADeviceResponse {
        user_name: holding.user_name(),
        serial_number: Some(enabled.serial),
        enable_date: Some(Timestamp {
            millis: enabled.enabled_millis,
        }),
        certifications: None,
    })
}
