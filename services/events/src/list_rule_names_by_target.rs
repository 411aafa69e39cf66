//! `events:ListRuleNamesByTarget`: lists the rules of a bus that have a target.

use api::events::{ListRuleNamesByTargetRequest, ListRuleNamesByTargetResponse};
use platform::{Ctx, Result};

use crate::bus::BusRecord;
use crate::names::BusPlace;
use crate::rules::RulesRecord;
use crate::{access, page};

pub(crate) async fn list_rule_names_by_target(
    ctx: &Ctx,
    req: ListRuleNamesByTargetRequest,
) -> Result<ListRuleNamesByTargetResponse> {
    access::everything(ctx, "events:ListRuleNamesByTarget").await?;
    let place = BusPlace::asked_own(ctx, req.event_bus_name.as_deref())?;
    BusRecord::existing(ctx, &place).await?;
    let rules = RulesRecord::get(ctx, &place).await?;
    let found = rules.rules.iter();
    let found = found.filter(|(_, rule)| {
        let mut targets = rule.targets.iter();
        targets.any(|target| target.arn == req.target_arn)
    });
    let names = found.map(|(name, _)| name.clone()).collect();
    let token = req.next_token.as_deref();
    let (names, next_token) = page::page(names, String::clone, token, req.limit)?;
    Ok(ListRuleNamesByTargetResponse {
        rule_names: Some(names),
        next_token,
    })
}
