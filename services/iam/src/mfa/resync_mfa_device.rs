//! `iam:ResyncMFADevice`: learns how far the clock of a device is off.

use api::iam::ResyncMFADeviceRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::credentials::Holding;
use crate::mfa::enabled;
use crate::tagging::Tagged;

/// How many steps a clock may be off: a day.
const WINDOW: i64 = 2880;

pub(crate) async fn resync_mfa_device(ctx: &Ctx, req: ResyncMFADeviceRequest) -> Result<Empty> {
    let subject = enabled::subject(ctx, Some(req.user_name)).await?;
    let permitted = subject.permit(ctx, "iam:ResyncMFADevice").await?;
    let holding = Holding::of(ctx, permitted).await?;
    let (_, mut device) = enabled::require(ctx, &holding, &req.serial_number).await?;
    let codes = (&*req.authentication_code1, &*req.authentication_code2);
    if !device.synchronize(ctx.keyring(), codes, (ctx.now, WINDOW))? {
        return Err(enabled::wrong_code());
    }
    device.put(ctx).await;
    Ok(Empty)
}
