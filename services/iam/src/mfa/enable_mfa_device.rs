//! `iam:EnableMFADevice`: gives a user a device that shows it has the seed.

use api::iam::{EnableMFADeviceRequest, EntityAlreadyExistsException, LimitExceededException};
use platform::{Ctx, Result};
use wire::Empty;

use crate::credentials::Holding;
use crate::mfa::enabled::{self, EnabledDevice, QUOTA};
use crate::mfa::record::{MfaOwner, VirtualMfaRecord};
use crate::tagging::Tagged;
use crate::target::Entity;

/// How many steps the codes may be old: ten minutes.
const WINDOW: i64 = 20;

pub(crate) async fn enable_mfa_device(ctx: &Ctx, req: EnableMFADeviceRequest) -> Result<Empty> {
    let subject = enabled::subject(ctx, Some(req.user_name)).await?;
    let permitted = subject.permit(ctx, "iam:EnableMFADevice").await?;
    let mut holding = Holding::of(ctx, permitted).await?;
    let found = VirtualMfaRecord::find(ctx, &req.serial_number).await?;
    let found = found.ok_or_else(|| VirtualMfaRecord::absent(&req.serial_number))?;
    if found.owner.is_some() {
        return Err(EntityAlreadyExistsException::new("MFA Device is already in use.").into());
    }
    if holding.record.mfa.len() >= QUOTA {
        let message = format!("Cannot exceed quota for MFADevicesPerUser: {QUOTA}");
        return Err(LimitExceededException::new(message).into());
    }

    let mut device = VirtualMfaRecord::clone(&found);
    let codes = (&*req.authentication_code1, &*req.authentication_code2);
    if !device.synchronize(ctx.keyring(), codes, (ctx.now, WINDOW))? {
        return Err(enabled::wrong_code());
    }
    let enabled_millis = ctx.now.whole_secs().millis;
    device.owner = Some(MfaOwner {
        holder: holding.record.holder.clone(),
        enabled_millis,
    });
    holding.record.mfa.push(EnabledDevice {
        serial: req.serial_number,
        enabled_millis,
    });
    device.put(ctx).await;
    holding.record.put(ctx).await;
    Ok(Empty)
}
