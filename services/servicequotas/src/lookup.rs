//! From codes and ARNs to quotas.

use platform::{Ctx, Quota, QuotaTable, Result};

use crate::refusals;

/// A quota of a service.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    pub(crate) table: &'static QuotaTable,
    pub(crate) quota: &'static Quota,
}

/// The quotas of the service with this code. Codes distinguish case.
pub(crate) fn service(ctx: &Ctx, code: &str) -> Result<&'static QuotaTable> {
    let mut tables = ctx.quota_tables().iter();
    let found = tables.find(|table| table.service_code == code);
    Ok(found.copied().ok_or_else(refusals::no_service)?)
}

/// One quota of the service.
pub(crate) fn quota(ctx: &Ctx, service_code: &str, code: &str) -> Result<Found> {
    let table = service(ctx, service_code)?;
    let quota = table.quota(code).ok_or_else(refusals::no_quota)?;
    Ok(Found { table, quota })
}

/// The quotas of the service, sorted by code.
pub(crate) fn sorted(table: &'static QuotaTable) -> Vec<&'static Quota> {
    let mut quotas: Vec<_> = table.quotas.iter().collect();
    quotas.sort_by_key(|quota| quota.code);
    quotas
}

/// The quota of this ARN in the caller's account and the call's region.
pub(crate) fn by_arn(ctx: &Ctx, arn: &str) -> Result<Found> {
    let place = format!(":servicequotas:{}:{}:", ctx.region, ctx.account());
    let codes = arn
        .split_once(&place)
        .and_then(|(_, codes)| codes.split_once('/'));
    let (service_code, code) = codes.ok_or_else(refusals::no_resource)?;
    let found = quota(ctx, service_code, code);
    let found = found.ok().filter(|found| found.arn(ctx) == arn);
    Ok(found.ok_or_else(refusals::no_resource)?)
}

impl Found {
    /// The ARN of the quota in the caller's account.
    pub(crate) fn arn(&self, ctx: &Ctx) -> String {
        arn(
            &ctx.region,
            ctx.account(),
            self.table.service_code,
            self.quota.code,
        )
    }

    /// The value that holds.
    pub(crate) async fn value(&self, ctx: &Ctx) -> Result<f64> {
        ctx.quota(ctx.account(), self.table, self.quota.code).await
    }
}

/// The ARN of a quota, of an account or, without one, of its default.
pub(crate) fn arn(region: &str, account: &str, service_code: &str, code: &str) -> String {
    let partition = partition(region);
    format!("arn:{partition}:servicequotas:{region}:{account}:{service_code}/{code}")
}

/// The partition that a region belongs to.
fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}
