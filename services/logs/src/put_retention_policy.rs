//! `logs:PutRetentionPolicy`: keeps a log group's events for so many days.

use api::logs::PutRetentionPolicyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{self, Target};
use crate::{refusals, retention};

/// The numbers of days that AWS takes (PutRetentionPolicy, `retentionInDays`).
const DAYS: [u32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

pub(crate) async fn put_retention_policy(
    ctx: &Ctx,
    req: PutRetentionPolicyRequest,
) -> Result<Empty> {
    let target = Target::named(ctx, &req.log_group_name);
    let group = access::group(ctx, "logs:PutRetentionPolicy", &target).await?;
    group.check_not_delivery()?;
    let asked = u32::try_from(req.retention_in_days);
    let known = asked
        .ok()
        .filter(|days| DAYS.contains(days))
        .ok_or_else(|| not_a_period(req.retention_in_days))?;
    let mut record = group.record();
    record.retention_in_days = Some(known);
    retention::schedule(ctx, &record).await;
    record.put(ctx).await;
    Ok(Empty)
}

fn not_a_period(asked: i32) -> wire::Fault {
    let days = DAYS.map(|days| days.to_string());
    refusals::invalid(format!(
        "1 validation error detected: Value '{asked}' at 'retentionInDays' failed to satisfy \
         constraint: Member must satisfy enum value set: [{}]",
        days.join(", ")
    ))
}
