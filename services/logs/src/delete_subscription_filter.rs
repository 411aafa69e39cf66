//! `logs:DeleteSubscriptionFilter`: deletes a subscription filter.

use api::logs::DeleteSubscriptionFilterRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{self, Target};
use crate::refusals;
use crate::subscription_filter::SubscriptionFilterRecord;

pub(crate) async fn delete_subscription_filter(
    ctx: &Ctx,
    req: DeleteSubscriptionFilterRequest,
) -> Result<Empty> {
    let target = Target::named(ctx, &req.log_group_name);
    let group = access::group(ctx, "logs:DeleteSubscriptionFilter", &target).await?;
    let name = &req.filter_name;
    let known = SubscriptionFilterRecord::find(ctx, &group, name).await?;
    if known.is_none() {
        return Err(refusals::no_subscription_filter().into());
    }
    SubscriptionFilterRecord::delete(ctx, &group, name).await;
    Ok(Empty)
}
