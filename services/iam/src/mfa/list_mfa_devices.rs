//! `iam:ListMFADevices`: shows the devices of a user, by default the caller.

use api::iam::{ListMFADevicesRequest, ListMFADevicesResponse, MFADevice};
use platform::{Ctx, Result};
use wire::Timestamp;

use crate::credentials::Holding;
use crate::mfa::enabled::{self, EnabledDevice};
use crate::page::{Wanted, page};

pub(crate) async fn list_mfa_devices(
    ctx: &Ctx,
    req: ListMFADevicesRequest,
) -> Result<ListMFADevicesResponse> {
    let subject = enabled::subject(ctx, req.user_name).await?;
    let permitted = subject.permit(ctx, "iam:ListMFADevices").await?;
    let holding = Holding::of(ctx, permitted).await?;
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let user_name = holding.user_name();
    let paged = page(holding.record.mfa, |enabled| &enabled.serial, &wanted);
    let shown = |enabled: EnabledDevice| MFADevice {
        user_name: user_name.clone(),
        serial_number: Some(enabled.serial),
        enable_date: Some(Timestamp {
            millis: enabled.enabled_millis,
        }),
    };
    Ok(ListMFADevicesResponse {
        mfa_devices: Some(paged.items.into_iter().map(shown).collect()),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
