//! `servicequotas:ListRequestedServiceQuotaChangeHistoryByQuota`: lists requests for more of one
//! quota.

use api::servicequotas::{
    ListRequestedServiceQuotaChangeHistoryByQuotaRequest,
    ListRequestedServiceQuotaChangeHistoryByQuotaResponse,
};
use platform::{Ctx, Result};

use crate::change::{self, Filter};
use crate::{access, lookup};

pub(crate) async fn list_requested_service_quota_change_history_by_quota(
    ctx: &Ctx,
    req: ListRequestedServiceQuotaChangeHistoryByQuotaRequest,
) -> Result<ListRequestedServiceQuotaChangeHistoryByQuotaResponse> {
    let action = "servicequotas:ListRequestedServiceQuotaChangeHistoryByQuota";
    access::quota(ctx, action, &req.service_code, &req.quota_code).await?;
    lookup::quota(ctx, &req.service_code, &req.quota_code)?;
    let filter = Filter {
        service_code: Some(&req.service_code),
        quota_code: Some(&req.quota_code),
        status: req.status,
        level: req.quota_requested_at_level,
        next_token: req.next_token.as_deref(),
        max_results: req.max_results,
    };
    let (changes, next_token) = change::list(ctx, filter).await?;
    Ok(ListRequestedServiceQuotaChangeHistoryByQuotaResponse {
        next_token,
        requested_quotas: Some(changes),
    })
}
