//! `events:PutTargets`: gives a rule targets, or replaces those of the same ids.

use api::events::{PutTargetsRequest, PutTargetsResponse};
use platform::{ConditionKeys, Ctx, Passing, Result};
use policy::Values;

use crate::bus::BusRecord;
use crate::names::BusPlace;
use crate::refusals;
use crate::rules::RulesRecord;
use crate::targets::{self, TargetRecord};

pub(crate) async fn put_targets(ctx: &Ctx, req: PutTargetsRequest) -> Result<PutTargetsResponse> {
    let place = BusPlace::asked(ctx, req.event_bus_name.as_deref())?;
    let thing = RulesRecord::thing(ctx, &place, &req.rule).await?;
    let keys = OfTargets {
        creator: thing.creator.clone(),
        arns: req
            .targets
            .iter()
            .map(|target| target.arn.clone())
            .collect(),
    };
    let access = ctx.authorize("events:PutTargets", thing).keys(&keys);
    access.decide().await?;
    if req.targets.len() > targets::MOST_AT_ONCE {
        let most = targets::MOST_AT_ONCE;
        let message =
            format!("Parameter Targets is not valid. Reason: at most {most} are allowed.");
        return Err(refusals::invalid(message).into());
    }
    let mut new = Vec::with_capacity(req.targets.len());
    for target in req.targets {
        new.push(TargetRecord::of(target, &place)?);
    }
    for role in new.iter().filter_map(|target| target.role.as_deref()) {
        let passing = Passing {
            service: "events.amazonaws.com",
            resource: None,
        };
        ctx.pass_role(role, passing).await?;
    }
    BusRecord::existing(ctx, &place).await?;
    let mut rules = RulesRecord::draft(ctx, &place).await?;
    let rule = rules.existing_mut(&req.rule, &place)?;
    for target in new {
        match rule.targets.iter_mut().find(|known| known.id == target.id) {
            Some(known) => *known = target,
            None => rule.targets.push(target),
        }
    }
    if rule.targets.len() > targets::MOST {
        return Err(refusals::too_many().into());
    }
    rules.put(ctx, &place).await?;
    Ok(PutTargetsResponse {
        failed_entry_count: Some(0),
        failed_entries: Some(Vec::new()),
    })
}

/// `events:TargetArn` and `events:creatorAccount`
struct OfTargets {
    creator: Option<String>,
    arns: Vec<String>,
}

impl ConditionKeys for OfTargets {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        match key {
            "events:targetarn" => Some(Values::Many(&self.arns)),
            "events:creatoraccount" => self.creator.as_deref().map(Values::from),
            _ => None,
        }
    }
}
