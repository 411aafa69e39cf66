//! `iam:UntagMFADevice`: takes tags away from a virtual MFA device.

use api::iam::UntagMFADeviceRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::mfa::record::VirtualMfaRecord;
use crate::tagging;

pub(crate) async fn untag_mfa_device(ctx: &Ctx, req: UntagMFADeviceRequest) -> Result<Empty> {
    let target = VirtualMfaRecord::target(ctx, req.serial_number).await?;
    tagging::untag(ctx, target, "iam:UntagMFADevice", &req.tag_keys).await?;
    Ok(Empty)
}
