//! `servicequotas:RequestServiceQuotaIncrease`: raises a quota. The new value holds from the
//! answer on.

use api::servicequotas::{RequestServiceQuotaIncreaseRequest, RequestServiceQuotaIncreaseResponse};
use platform::{Ctx, Result};

use crate::change::ChangeRecord;
use crate::{access, lookup, refusals};

pub(crate) async fn request_service_quota_increase(
    ctx: &Ctx,
    req: RequestServiceQuotaIncreaseRequest,
) -> Result<RequestServiceQuotaIncreaseResponse> {
    let action = "servicequotas:RequestServiceQuotaIncrease";
    access::quota(ctx, action, &req.service_code, &req.quota_code).await?;
    let found = lookup::quota(ctx, &req.service_code, &req.quota_code)?;
    if req.context_id.is_some() {
        return Err(refusals::no_resource_level().into());
    }
    if !found.quota.adjustable {
        return Err(refusals::not_adjustable().into());
    }
    let is_more = req.desired_value > found.value(ctx).await?;
    if !is_more {
        return Err(refusals::no_increase().into());
    }
    let change = ChangeRecord::new(ctx, found, req.desired_value)?;
    let requested_quota = Some(change.shown(ctx));
    ctx.change_quota(found.table, found.quota.code, req.desired_value)
        .await?;
    change.put(ctx).await;
    Ok(RequestServiceQuotaIncreaseResponse { requested_quota })
}
