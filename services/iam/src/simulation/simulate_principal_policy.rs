//! `iam:SimulatePrincipalPolicy`: what the policies of a user, group or role would decide.

use api::iam::{SimulatePolicyResponse, SimulatePrincipalPolicyRequest};
use platform::{Authorized, Ctx, Result};

use crate::page::Wanted;
use crate::simulation::context::Context;
use crate::simulation::entity::policies;
use crate::simulation::evaluation::evaluate;
use crate::simulation::exclusion::exclude;
use crate::simulation::scenario::{Asked, Document, Scenario};
use crate::simulation::subject::Subject;

pub(crate) async fn simulate_principal_policy(
    ctx: &Ctx,
    req: SimulatePrincipalPolicyRequest,
) -> Result<SimulatePolicyResponse> {
    let subject = Subject::of_arn(ctx, &req.policy_source_arn)
        .await?
        .permit(ctx, "iam:SimulatePrincipalPolicy")
        .await?;
    let mut brought = policies(ctx, &subject).await?;
    let without_scps = exclude(&mut brought, &req.policy_exclusion_list)?;

    let is_itself = req.caller_arn.is_none();
    let mut context = Context::of(req.context_entries)?;
    if is_itself {
        derive(&subject, &mut context);
    }
    let asked = Asked {
        caller_arn: req.caller_arn.or(Some(req.policy_source_arn)),
        actions: req.action_names,
        resources: req.resource_arns,
        resource_policy: req.resource_policy,
        owner: req.resource_owner,
        handling: req.resource_handling_option,
        context,
    };
    let mut scenario = Scenario::new(asked, ctx.account())?;
    for source in brought.identity {
        scenario.identity.push(Document::identity(source)?);
    }
    scenario.boundary = brought.boundary.map(Document::identity).transpose()?;
    scenario.add_inputs(req.policy_input_list)?;
    scenario.set_boundary(req.permissions_boundary_policy_input_list)?;
    if !without_scps && let Some(membership) = ctx.membership(ctx.account()).await? {
        scenario.scps = Some(membership.scps.clone());
    }
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    evaluate(scenario, &wanted)
}

/// The keys that follow from the identity's record.
fn derive(subject: &Authorized<Subject>, context: &mut Context) {
    for (key, value) in subject.tags() {
        context.derive(&format!("aws:PrincipalTag/{key}"), value);
    }
    if let Some(id) = subject.unique_id() {
        context.derive("aws:userid", id);
    }
}
