//! `events:PutRule`: makes a rule, or replaces everything of one but its targets and tags.

use api::events::{PutRuleRequest, PutRuleResponse, RuleState};
use platform::{Ctx, Passing, Result};
use schedules::Schedule;

use crate::access::{self, Tagging};
use crate::bus::BusRecord;
use crate::names::BusPlace;
use crate::rules::{self, RuleRecord, RulesRecord};
use crate::{refusals, scheduled, tags};

/// The most rules of a bus ("Rules", EventBridge quotas).
const MOST: usize = 300;

pub(crate) async fn put_rule(ctx: &Ctx, req: PutRuleRequest) -> Result<PutRuleResponse> {
    let tags = tags::pairs(req.tags);
    let given = tags.as_deref().unwrap_or_default();
    let place = BusPlace::asked(ctx, req.event_bus_name.as_deref())?;
    let thing = RulesRecord::thing(ctx, &place, &req.name).await?;
    access::thing(ctx, "events:PutRule", thing, Tagging::giving(given)).await?;
    if !given.is_empty() {
        let thing = RulesRecord::thing(ctx, &place, &req.name).await?;
        access::thing(ctx, "events:TagResource", thing, Tagging::giving(given)).await?;
    }
    let tags = tags?;
    check(
        req.event_pattern.as_deref(),
        req.schedule_expression.as_deref(),
        &place,
    )?;
    if let Some(role) = &req.role_arn {
        let passing = Passing {
            service: "events.amazonaws.com",
            resource: None,
        };
        let found = ctx.pass_role(role, passing).await?;
        found.ok_or_else(|| refusals::not_assumable(role))?;
    }
    BusRecord::existing(ctx, &place).await?;
    let mut rules = RulesRecord::draft(ctx, &place).await?;
    let is_new = !rules.rules.contains_key(&req.name);
    if is_new && rules.rules.len() >= MOST {
        return Err(refusals::too_many().into());
    }
    let rule = rules
        .rules
        .entry(req.name.clone())
        .or_insert_with(|| RuleRecord {
            creator: ctx.account().to_owned(),
            // Tags in a request for a rule that exists are ignored (EventBridge API reference, PutRule).
            tags,
            ..RuleRecord::default()
        });
    rule.pattern = req.event_pattern.filter(|pattern| !pattern.is_empty());
    rule.schedule = req.schedule_expression.filter(|it| !it.is_empty());
    rule.state = req.state.unwrap_or(RuleState::Enabled).as_str().to_owned();
    rule.description = req.description;
    rule.role = req.role_arn;
    scheduled::follow(ctx, &place, &req.name, Some(rule)).await?;
    rules.put(ctx, &place).await?;
    Ok(PutRuleResponse {
        rule_arn: Some(place.rule_arn(&req.name)),
    })
}

/// Refuses what no rule can be made of.
fn check(pattern: Option<&str>, schedule: Option<&str>, bus: &BusPlace) -> Result<()> {
    let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let (pattern, schedule) = (given(pattern), given(schedule));
    if pattern.is_none() && schedule.is_none() {
        let message = "Parameter(s) EventPattern or ScheduleExpression must be specified.";
        return Err(refusals::invalid(message).into());
    }
    if let Some(schedule) = schedule {
        if !bus.is_default() {
            let message = "ScheduleExpression is supported only on the default event bus.";
            return Err(refusals::invalid(message).into());
        }
        let bad = |_| refusals::invalid("Parameter ScheduleExpression is not valid.");
        Schedule::parse(&schedule).map_err(bad)?;
    }
    if let Some(pattern) = pattern {
        rules::new_pattern(&pattern)?;
    }
    Ok(())
}
