//! `events:ListRules`: lists the rules of a bus.

use api::events::{ListRulesRequest, ListRulesResponse};
use platform::{Ctx, Result};

use crate::bus::BusRecord;
use crate::names::BusPlace;
use crate::rules::RulesRecord;
use crate::{access, page};

pub(crate) async fn list_rules(ctx: &Ctx, req: ListRulesRequest) -> Result<ListRulesResponse> {
    access::everything(ctx, "events:ListRules").await?;
    let place = BusPlace::asked_own(ctx, req.event_bus_name.as_deref())?;
    BusRecord::existing(ctx, &place).await?;
    let rules = RulesRecord::get(ctx, &place).await?;
    let prefix = req.name_prefix.unwrap_or_default();
    let found = rules.rules.iter();
    let found = found
        .filter(|(name, _)| name.starts_with(&prefix))
        .collect();
    let name = |(name, _): &(&String, _)| (*name).clone();
    let (found, next_token) = page::page(found, name, req.next_token.as_deref(), req.limit)?;
    let found = found
        .into_iter()
        .map(|(name, rule)| rule.shown(name, &place));
    Ok(ListRulesResponse {
        rules: Some(found.collect()),
        next_token,
    })
}
