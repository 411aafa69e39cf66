//! Quotas as answers show them.

use api::servicequotas::{AppliedLevelEnum, MetricInfo, PeriodUnit, QuotaPeriod, ServiceQuota};
use platform::{Ctx, Quota, QuotaKind, QuotaTable};
use wire::Entries;

use crate::lookup::arn;

/// The unit of every quota: AWS writes what a value counts into the name.
pub(crate) const UNIT: &str = "None";

/// A quota with the value that holds for the caller's account.
pub(crate) fn applied(ctx: &Ctx, table: &QuotaTable, quota: &Quota, value: f64) -> ServiceQuota {
    ServiceQuota {
        quota_applied_at_level: Some(AppliedLevelEnum::Account),
        ..shown(ctx, ctx.account(), table, quota, value)
    }
}

/// A quota with AWS's default, whose ARN names no account.
pub(crate) fn default(ctx: &Ctx, table: &QuotaTable, quota: &Quota) -> ServiceQuota {
    shown(ctx, "", table, quota, quota.default_in(&ctx.region))
}

fn shown(ctx: &Ctx, account: &str, table: &QuotaTable, quota: &Quota, value: f64) -> ServiceQuota {
    let is_rate = quota.kind == QuotaKind::Rate;
    ServiceQuota {
        service_code: Some(table.service_code.to_owned()),
        service_name: Some(table.service_name.to_owned()),
        quota_arn: Some(arn(&ctx.region, account, table.service_code, quota.code)),
        quota_code: Some(quota.code.to_owned()),
        quota_name: Some(quota.name.to_owned()),
        value: Some(value),
        unit: Some(UNIT.to_owned()),
        adjustable: Some(quota.adjustable),
        global_quota: Some(false),
        usage_metric: quota.usage_resource.map(|resource| metric(table, resource)),
        period: is_rate.then_some(QuotaPeriod {
            period_value: Some(1),
            period_unit: Some(PeriodUnit::Second),
        }),
        description: Some(quota.description.to_owned()),
        ..ServiceQuota::default()
    }
}

/// "AWS usage metrics" (CloudWatch user guide).
fn metric(table: &QuotaTable, resource: &str) -> MetricInfo {
    let dimensions = [
        ("Class", "None".to_owned()),
        ("Resource", resource.to_owned()),
        ("Service", table.service_code.to_uppercase()),
        ("Type", "API".to_owned()),
    ];
    let dimensions = dimensions.map(|(name, value)| (name.to_owned(), value));
    MetricInfo {
        metric_namespace: Some("AWS/Usage".to_owned()),
        metric_name: Some("CallCount".to_owned()),
        metric_dimensions: Some(Entries(dimensions.into())),
        metric_statistic_recommendation: Some("Sum".to_owned()),
    }
}
