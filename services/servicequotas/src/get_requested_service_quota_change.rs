//! `servicequotas:GetRequestedServiceQuotaChange`: shows a request for more.

use api::servicequotas::{
    GetRequestedServiceQuotaChangeRequest, GetRequestedServiceQuotaChangeResponse,
};
use platform::{Ctx, Result};

use crate::change::ChangeRecord;
use crate::{access, refusals};

pub(crate) async fn get_requested_service_quota_change(
    ctx: &Ctx,
    req: GetRequestedServiceQuotaChangeRequest,
) -> Result<GetRequestedServiceQuotaChangeResponse> {
    access::everything(ctx, "servicequotas:GetRequestedServiceQuotaChange").await?;
    let change = ChangeRecord::find(ctx, &req.request_id).await?;
    let change = change.ok_or_else(refusals::no_change)?;
    Ok(GetRequestedServiceQuotaChangeResponse {
        requested_quota: Some(change.shown(ctx)),
    })
}
