//! `logs:DescribeMetricFilters`: shows metric filters, of one log group or of all.

use api::logs::{DescribeMetricFiltersRequest, DescribeMetricFiltersResponse};
use platform::{Ctx, Result};

use crate::access::{self, Target};
use crate::metric_filter::MetricFilterRecord;
use crate::{names, refusals};

pub(crate) async fn describe_metric_filters(
    ctx: &Ctx,
    req: DescribeMetricFiltersRequest,
) -> Result<DescribeMetricFiltersResponse> {
    const ACTION: &str = "logs:DescribeMetricFilters";
    let mut filters = match &req.log_group_name {
        None => {
            access::groups(ctx, ACTION).await?;
            MetricFilterRecord::of_account(ctx).await?
        }
        Some(name) => {
            let group = access::group(ctx, ACTION, &Target::named(ctx, name)).await?;
            let mut filters = MetricFilterRecord::of_group(ctx, &group).await?;
            // It counts together with a group alone.
            let prefix = req.filter_name_prefix.as_deref().unwrap_or_default();
            filters.retain(|filter| filter.name.starts_with(prefix));
            filters
        }
    };
    if req.metric_name.is_some() != req.metric_namespace.is_some() {
        let text = "metricName and metricNamespace must be specified together.";
        return Err(refusals::invalid(text).into());
    }
    filters.retain(|filter| {
        let name = req.metric_name.as_ref();
        let namespace = req.metric_namespace.as_ref();
        name.is_none_or(|name| *name == filter.metric_name)
            && namespace.is_none_or(|namespace| *namespace == filter.metric_namespace)
    });
    let (page, next_token) = names::page(
        filters,
        // Names hold no colon.
        |filter| format!("{}:{}", filter.name, filter.group),
        req.next_token.as_deref(),
        req.limit,
    )?;
    Ok(DescribeMetricFiltersResponse {
        metric_filters: Some(page.iter().map(|filter| filter.shown()).collect()),
        next_token,
    })
}
