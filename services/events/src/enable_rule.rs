//! `events:EnableRule`: lets events match a rule again.

use api::events::{EnableRuleRequest, RuleState};
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{self, Tagging};
use crate::bus::BusRecord;
use crate::names::BusPlace;
use crate::rules::RulesRecord;
use crate::scheduled;

pub(crate) async fn enable_rule(ctx: &Ctx, req: EnableRuleRequest) -> Result<Empty> {
    let place = BusPlace::asked(ctx, req.event_bus_name.as_deref())?;
    let thing = RulesRecord::thing(ctx, &place, &req.name).await?;
    access::thing(ctx, "events:EnableRule", thing, Tagging::default()).await?;
    BusRecord::existing(ctx, &place).await?;
    let mut rules = RulesRecord::draft(ctx, &place).await?;
    let rule = rules.existing_mut(&req.name, &place)?;
    rule.state = RuleState::Enabled.as_str().to_owned();
    scheduled::follow(ctx, &place, &req.name, Some(rule)).await?;
    rules.put(ctx, &place).await?;
    Ok(Empty)
}
