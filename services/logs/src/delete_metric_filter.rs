//! `logs:DeleteMetricFilter`: deletes a metric filter.

use api::logs::DeleteMetricFilterRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{self, Target};
use crate::metric_filter::MetricFilterRecord;
use crate::refusals;

pub(crate) async fn delete_metric_filter(
    ctx: &Ctx,
    req: DeleteMetricFilterRequest,
) -> Result<Empty> {
    let target = Target::named(ctx, &req.log_group_name);
    let group = access::group(ctx, "logs:DeleteMetricFilter", &target).await?;
    let name = &req.filter_name;
    if MetricFilterRecord::find(ctx, &group, name).await?.is_none() {
        return Err(refusals::no_metric_filter().into());
    }
    MetricFilterRecord::delete(ctx, &group, name).await;
    Ok(Empty)
}
