//! `servicequotas:ListAWSDefaultServiceQuotas`: lists AWS's defaults of a service's quotas.

use api::servicequotas::{ListAWSDefaultServiceQuotasRequest, ListAWSDefaultServiceQuotasResponse};
use platform::{Ctx, Result};

use crate::page::page;
use crate::{access, lookup, shown};

pub(crate) async fn list_aws_default_service_quotas(
    ctx: &Ctx,
    req: ListAWSDefaultServiceQuotasRequest,
) -> Result<ListAWSDefaultServiceQuotasResponse> {
    access::everything(ctx, "servicequotas:ListAWSDefaultServiceQuotas").await?;
    let table = lookup::service(ctx, &req.service_code)?;
    let (quotas, next_token) = page(
        lookup::sorted(table),
        |quota| quota.code.to_owned(),
        req.next_token.as_deref(),
        req.max_results,
    )?;
    let quotas = quotas.into_iter();
    Ok(ListAWSDefaultServiceQuotasResponse {
        next_token,
        quotas: Some(
            quotas
                .map(|quota| shown::default(ctx, table, quota))
                .collect(),
        ),
    })
}
