//! `iam:SimulateCustomPolicy`: what policies that come with the request would decide.

use api::iam::{SimulateCustomPolicyRequest, SimulatePolicyResponse};
use platform::{Ctx, Everything, Result};

use crate::page::Wanted;
use crate::simulation::context::Context;
use crate::simulation::evaluation::evaluate;
use crate::simulation::scenario::{Asked, Scenario, organization};

pub(crate) async fn simulate_custom_policy(
    ctx: &Ctx,
    req: SimulateCustomPolicyRequest,
) -> Result<SimulatePolicyResponse> {
    let account = ctx.account().to_owned();
    let everything = Everything { account };
    ctx.authorize("iam:SimulateCustomPolicy", everything)
        .decide()
        .await?;

    let asked = Asked {
        caller_arn: req.caller_arn,
        actions: req.action_names,
        resources: req.resource_arns,
        resource_policy: req.resource_policy,
        owner: req.resource_owner,
        handling: req.resource_handling_option,
        context: Context::of(req.context_entries)?,
    };
    let mut scenario = Scenario::new(asked, ctx.account())?;
    scenario.add_inputs(req.policy_input_list)?;
    scenario.set_boundary(req.permissions_boundary_policy_input_list)?;
    scenario.scps = organization(req.ordered_organization_policy_input_list)?;
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    evaluate(scenario, &wanted)
}
