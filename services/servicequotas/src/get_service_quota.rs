//! `servicequotas:GetServiceQuota`: shows the value of a quota that holds.

use api::servicequotas::{GetServiceQuotaRequest, GetServiceQuotaResponse};
use platform::{Ctx, Result};

use crate::{access, lookup, refusals, shown};

pub(crate) async fn get_service_quota(
    ctx: &Ctx,
    req: GetServiceQuotaRequest,
) -> Result<GetServiceQuotaResponse> {
    let (service_code, code) = (&req.service_code, &req.quota_code);
    access::quota(ctx, "servicequotas:GetServiceQuota", service_code, code).await?;
    let found = lookup::quota(ctx, service_code, code)?;
    if req.context_id.is_some() {
        return Err(refusals::no_value_in_context().into());
    }
    let value = found.value(ctx).await?;
    Ok(GetServiceQuotaResponse {
        quota: Some(shown::applied(ctx, found.table, found.quota, value)),
    })
}
