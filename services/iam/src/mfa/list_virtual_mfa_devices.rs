//! `iam:ListVirtualMFADevices`: shows the virtual devices of the account.

use api::iam::{
    AssignmentStatusType, ListVirtualMFADevicesRequest, ListVirtualMFADevicesResponse, User,
};
use platform::{Ctx, Everything, Result, validation};

use crate::mfa::enabled::shown_owner;
use crate::mfa::record::{VirtualMfaRecord, arn_of};
use crate::page::{Wanted, page};
use crate::target::Entity;
use crate::users::UserRecord;

pub(crate) async fn list_virtual_mfa_devices(
    ctx: &Ctx,
    req: ListVirtualMFADevicesRequest,
) -> Result<ListVirtualMFADevicesResponse> {
    let everything = Everything {
        account: ctx.account().to_owned(),
    };
    let list = ctx.authorize("iam:ListVirtualMFADevices", everything);
    list.decide().await?;
    check_marker(ctx, req.marker.as_deref())?;
    let rows = ctx
        .scan_all::<VirtualMfaRecord>(&VirtualMfaRecord::prefix(ctx.account()))
        .await?;
    let is_wanted = |device: &VirtualMfaRecord| match &req.assignment_status {
        Some(AssignmentStatusType::Assigned) => device.owner.is_some(),
        Some(AssignmentStatusType::Unassigned) => device.owner.is_none(),
        Some(AssignmentStatusType::Any) | None => true,
    };
    let devices = rows.into_iter().map(|(_, device)| (device.arn(), device));
    let devices = devices.filter(|(_, device)| is_wanted(device)).collect();
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = page(devices, |(serial, _)| serial, &wanted);
    let users = users(ctx).await?;
    let shown = paged.items.iter().map(|(_, device)| {
        let owner = device.owner.as_ref();
        device.listed(owner.and_then(|owner| shown_owner(ctx.account(), owner, &users)))
    });
    Ok(ListVirtualMFADevicesResponse {
        virtual_mfa_devices: Some(shown.collect()),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}

/// Refuses what no page ended with.
fn check_marker(ctx: &Ctx, marker: Option<&str>) -> Result<()> {
    let serials = arn_of(ctx.account(), "/", "");
    match marker {
        Some(marker) if !marker.starts_with(&serials) => Err(validation("Invalid Marker.")),
        _ => Ok(()),
    }
}

async fn users(ctx: &Ctx) -> Result<Vec<User>> {
    let rows = ctx
        .scan_all::<UserRecord>(&UserRecord::prefix(ctx.account()))
        .await?;
    Ok(rows.iter().map(|(_, user)| user.listed()).collect())
}
