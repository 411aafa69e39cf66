//! `servicequotas:ListServiceQuotas`: lists the values of a service's quotas that hold.

use api::servicequotas::{AppliedLevelEnum, ListServiceQuotasRequest, ListServiceQuotasResponse};
use platform::{Ctx, Result};

use crate::page::page;
use crate::{access, lookup, shown};

pub(crate) async fn list_service_quotas(
    ctx: &Ctx,
    req: ListServiceQuotasRequest,
) -> Result<ListServiceQuotasResponse> {
    access::everything(ctx, "servicequotas:ListServiceQuotas").await?;
    let table = lookup::service(ctx, &req.service_code)?;
    let mut all = lookup::sorted(table);
    if let Some(code) = &req.quota_code {
        lookup::quota(ctx, &req.service_code, code)?;
        all.retain(|quota| quota.code == code);
    }
    // No quota has values for single resources.
    if req.quota_applied_at_level == Some(AppliedLevelEnum::Resource) {
        all.clear();
    }
    let key = |quota: &&platform::Quota| quota.code.to_owned();
    let (page, next_token) = page(all, key, req.next_token.as_deref(), req.max_results)?;
    let mut quotas = Vec::with_capacity(page.len());
    for quota in page {
        let value = ctx.quota(ctx.account(), table, quota.code).await?;
        quotas.push(shown::applied(ctx, table, quota, value));
    }
    Ok(ListServiceQuotasResponse {
        next_token,
        quotas: Some(quotas),
    })
}
