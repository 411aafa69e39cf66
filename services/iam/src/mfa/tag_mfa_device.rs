//! `iam:TagMFADevice`: gives tags to a virtual MFA device.

use api::iam::TagMFADeviceRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::mfa::record::VirtualMfaRecord;
use crate::tagging;

pub(crate) async fn tag_mfa_device(ctx: &Ctx, req: TagMFADeviceRequest) -> Result<Empty> {
    let target = VirtualMfaRecord::target(ctx, req.serial_number).await?;
    tagging::tag(ctx, target, "iam:TagMFADevice", req.tags).await?;
    Ok(Empty)
}
