//! `servicequotas:GetAWSDefaultServiceQuota`: shows AWS's default of a quota.

use api::servicequotas::{GetAWSDefaultServiceQuotaRequest, GetAWSDefaultServiceQuotaResponse};
use platform::{Ctx, Result};

use crate::{access, lookup, shown};

pub(crate) async fn get_aws_default_service_quota(
    ctx: &Ctx,
    req: GetAWSDefaultServiceQuotaRequest,
) -> Result<GetAWSDefaultServiceQuotaResponse> {
    access::everything(ctx, "servicequotas:GetAWSDefaultServiceQuota").await?;
    let found = lookup::quota(ctx, &req.service_code, &req.quota_code)?;
    Ok(GetAWSDefaultServiceQuotaResponse {
        quota: Some(shown::default(ctx, found.table, found.quota)),
    })
}
