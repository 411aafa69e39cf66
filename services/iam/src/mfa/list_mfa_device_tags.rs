//! `iam:ListMFADeviceTags`: shows the tags of a virtual MFA device.

use api::iam::{ListMFADeviceTagsRequest, ListMFADeviceTagsResponse};
use platform::{Ctx, Result};

use crate::mfa::record::VirtualMfaRecord;
use crate::page::Wanted;
use crate::tagging;

pub(crate) async fn list_mfa_device_tags(
    ctx: &Ctx,
    req: ListMFADeviceTagsRequest,
) -> Result<ListMFADeviceTagsResponse> {
    let target = VirtualMfaRecord::target(ctx, req.serial_number).await?;
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = tagging::list(ctx, target, "iam:ListMFADeviceTags", &wanted).await?;
    Ok(ListMFADeviceTagsResponse {
        tags: Some(paged.items),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
