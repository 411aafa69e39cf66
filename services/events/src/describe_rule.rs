//! `events:DescribeRule`: shows a rule.

use api::events::{DescribeRuleRequest, DescribeRuleResponse};
use platform::{Ctx, Result};

use crate::access::{self, Tagging};
use crate::bus::BusRecord;
use crate::names::BusPlace;
use crate::rules::RulesRecord;

pub(crate) async fn describe_rule(
    ctx: &Ctx,
    req: DescribeRuleRequest,
) -> Result<DescribeRuleResponse> {
    let place = BusPlace::asked(ctx, req.event_bus_name.as_deref())?;
    let thing = RulesRecord::thing(ctx, &place, &req.name).await?;
    access::thing(ctx, "events:DescribeRule", thing, Tagging::default()).await?;
    BusRecord::existing(ctx, &place).await?;
    let rules = RulesRecord::get(ctx, &place).await?;
    let rule = rules.existing(&req.name, &place)?;
    let shown = rule.shown(&req.name, &place);
    Ok(DescribeRuleResponse {
        name: shown.name,
        arn: shown.arn,
        event_pattern: shown.event_pattern,
        schedule_expression: shown.schedule_expression,
        state: shown.state,
        description: shown.description,
        role_arn: shown.role_arn,
        managed_by: shown.managed_by,
        event_bus_name: shown.event_bus_name,
        created_by: Some(rule.creator.clone()),
    })
}
