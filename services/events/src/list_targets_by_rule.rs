//! `events:ListTargetsByRule`: lists the targets of a rule.

use api::events::{ListTargetsByRuleRequest, ListTargetsByRuleResponse};
use platform::{Ctx, Result};

use crate::access::{self, Tagging};
use crate::bus::BusRecord;
use crate::names::BusPlace;
use crate::page;
use crate::rules::RulesRecord;
use crate::targets::TargetRecord;

pub(crate) async fn list_targets_by_rule(
    ctx: &Ctx,
    req: ListTargetsByRuleRequest,
) -> Result<ListTargetsByRuleResponse> {
    let place = BusPlace::asked(ctx, req.event_bus_name.as_deref())?;
    let thing = RulesRecord::thing(ctx, &place, &req.rule).await?;
    access::thing(ctx, "events:ListTargetsByRule", thing, Tagging::default()).await?;
    BusRecord::existing(ctx, &place).await?;
    let rules = RulesRecord::get(ctx, &place).await?;
    let mut targets = rules.existing(&req.rule, &place)?.targets.clone();
    targets.sort_by(|one, other| one.id.cmp(&other.id));
    let token = req.next_token.as_deref();
    let (targets, next_token) = page::page(targets, |target| target.id.clone(), token, req.limit)?;
    Ok(ListTargetsByRuleResponse {
        targets: Some(targets.iter().map(TargetRecord::shown).collect()),
        next_token,
    })
}
