//! `events:RemoveTargets`: takes targets from a rule. Ids that it does not have are no mistake.

use api::events::{RemoveTargetsRequest, RemoveTargetsResponse};
use platform::{Ctx, Result};

use crate::access::{self, Tagging};
use crate::bus::BusRecord;
use crate::names::BusPlace;
use crate::rules::RulesRecord;

pub(crate) async fn remove_targets(
    ctx: &Ctx,
    req: RemoveTargetsRequest,
) -> Result<RemoveTargetsResponse> {
    let place = BusPlace::asked(ctx, req.event_bus_name.as_deref())?;
    let thing = RulesRecord::thing(ctx, &place, &req.rule).await?;
    access::thing(ctx, "events:RemoveTargets", thing, Tagging::default()).await?;
    BusRecord::existing(ctx, &place).await?;
    let mut rules = RulesRecord::draft(ctx, &place).await?;
    let rule = rules.existing_mut(&req.rule, &place)?;
    rule.targets.retain(|target| !req.ids.contains(&target.id));
    rules.put(ctx, &place).await?;
    Ok(RemoveTargetsResponse {
        failed_entry_count: Some(0),
        failed_entries: Some(Vec::new()),
    })
}
