//! `iam:DeleteVirtualMFADevice`: deletes a device that is enabled for nobody.

use api::iam::{DeleteConflictException, DeleteVirtualMFADeviceRequest};
use platform::{Ctx, Result};
use wire::Empty;

use crate::mfa::record::VirtualMfaRecord;
use crate::target::require;

pub(crate) async fn delete_virtual_mfa_device(
    ctx: &Ctx,
    req: DeleteVirtualMFADeviceRequest,
) -> Result<Empty> {
    let target = VirtualMfaRecord::target(ctx, req.serial_number).await?;
    let device = require(target.permit(ctx, "iam:DeleteVirtualMFADevice").await?)?;
    if device.owner.is_some() {
        let message = "MFA VirtualDevice in use. Must deactivate first.";
        return Err(DeleteConflictException::new(message).into());
    }
    let key = VirtualMfaRecord::key(&device.account, &device.path, &device.name);
    ctx.delete::<VirtualMfaRecord>(&key).await;
    Ok(Empty)
}
