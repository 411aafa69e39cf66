//! `logs:DescribeSubscriptionFilters`: shows the subscription filters of a log group.

use api::logs::{DescribeSubscriptionFiltersRequest, DescribeSubscriptionFiltersResponse};
use platform::{Ctx, Result};

use crate::access::{self, Target};
use crate::names;
use crate::subscription_filter::SubscriptionFilterRecord;

pub(crate) async fn describe_subscription_filters(
    ctx: &Ctx,
    req: DescribeSubscriptionFiltersRequest,
) -> Result<DescribeSubscriptionFiltersResponse> {
    let target = Target::named(ctx, &req.log_group_name);
    let group = access::group(ctx, "logs:DescribeSubscriptionFilters", &target).await?;
    group.check_standard()?;
    let mut filters = SubscriptionFilterRecord::of_group(ctx, &group).await?;
    let prefix = req.filter_name_prefix.as_deref().unwrap_or_default();
    filters.retain(|filter| filter.name.starts_with(prefix));
    let (page, next_token) = names::page(
        filters,
        |filter| filter.name.clone(),
        req.next_token.as_deref(),
        req.limit,
    )?;
    Ok(DescribeSubscriptionFiltersResponse {
        subscription_filters: Some(page.iter().map(|filter| filter.shown()).collect()),
        next_token,
    })
}
