//! `events:DeleteRule`: deletes a rule that has no targets. One that is not there is no mistake.

use api::events::DeleteRuleRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{self, Tagging};
use crate::bus::BusRecord;
use crate::names::BusPlace;
use crate::rules::RulesRecord;
use crate::{refusals, scheduled};

pub(crate) async fn delete_rule(ctx: &Ctx, req: DeleteRuleRequest) -> Result<Empty> {
    let place = BusPlace::asked(ctx, req.event_bus_name.as_deref())?;
    let thing = RulesRecord::thing(ctx, &place, &req.name).await?;
    access::thing(ctx, "events:DeleteRule", thing, Tagging::default()).await?;
    BusRecord::existing(ctx, &place).await?;
    let mut rules = RulesRecord::draft(ctx, &place).await?;
    match rules.rules.remove(&req.name) {
        None => return Ok(Empty),
        Some(rule) if rule.targets.is_empty() => {}
        Some(_) => {
            let message = "Rule can't be deleted since it has targets.";
            return Err(refusals::invalid(message).into());
        }
    }
    scheduled::follow(ctx, &place, &req.name, None).await?;
    rules.put(ctx, &place).await?;
    Ok(Empty)
}
