//! `logs:DeleteLogGroup`: deletes a log group with all that is in it.

use api::logs::DeleteLogGroupRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{self, Target};
use crate::group::GroupRecord;
use crate::metric_filter::MetricFilterRecord;
use crate::subscription_filter::SubscriptionFilterRecord;
use crate::{refusals, resource_policy, retention};

pub(crate) async fn delete_log_group(ctx: &Ctx, req: DeleteLogGroupRequest) -> Result<Empty> {
    let target = Target::named(ctx, &req.log_group_name);
    let group = access::group(ctx, "logs:DeleteLogGroup", &target).await?;
    if group.is_protected {
        return Err(refusals::protected().into());
    }
    let place = GroupRecord::place(&group.account, &group.region, &group.name);
    ctx.delete::<GroupRecord>(&place).await;
    MetricFilterRecord::delete_all(ctx, &group).await?;
    SubscriptionFilterRecord::delete_all(ctx, &group).await?;
    resource_policy::delete_of_group(ctx, &group).await?;
    retention::discard_group(ctx, &group).await;
    Ok(Empty)
}
