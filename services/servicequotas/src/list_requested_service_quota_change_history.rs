//! `servicequotas:ListRequestedServiceQuotaChangeHistory`: lists requests for more.

use api::servicequotas::{
    ListRequestedServiceQuotaChangeHistoryRequest, ListRequestedServiceQuotaChangeHistoryResponse,
};
use platform::{Ctx, Result};

use crate::change::{self, Filter};
use crate::{access, lookup};

pub(crate) async fn list_requested_service_quota_change_history(
    ctx: &Ctx,
    req: ListRequestedServiceQuotaChangeHistoryRequest,
) -> Result<ListRequestedServiceQuotaChangeHistoryResponse> {
    let action = "servicequotas:ListRequestedServiceQuotaChangeHistory";
    access::everything(ctx, action).await?;
    if let Some(code) = &req.service_code {
        lookup::service(ctx, code)?;
    }
    let filter = Filter {
        service_code: req.service_code.as_deref(),
        quota_code: None,
        status: req.status,
        level: req.quota_requested_at_level,
        next_token: req.next_token.as_deref(),
        max_results: req.max_results,
    };
    let (changes, next_token) = change::list(ctx, filter).await?;
    Ok(ListRequestedServiceQuotaChangeHistoryResponse {
        next_token,
        requested_quotas: Some(changes),
    })
}
