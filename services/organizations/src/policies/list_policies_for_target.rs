//! `organizations:ListPoliciesForTarget`: shows the policies of a type that are attached to a target
//! itself.

use api::organizations::{ListPoliciesForTargetRequest, ListPoliciesForTargetResponse};
use platform::{Ctx, Error, Result};

use crate::access::{About, Reach, permit};
use crate::page::{Wanted, page};
use crate::policies::record::PolicyRecord;
use crate::refusals;

pub(crate) async fn list_policies_for_target(
    ctx: &Ctx,
    req: ListPoliciesForTargetRequest,
) -> Result<ListPoliciesForTargetResponse> {
    let kind = req.filter.as_str();
    let about = About {
        policy_type: Some(kind),
        ..About::id(&req.target_id)
    };
    let action = "organizations:ListPoliciesForTarget";
    let permitted = permit(ctx, action, Reach::Reader, about).await?;
    let organization = permitted.organization();
    if !organization.is_target(&req.target_id) {
        return Err(refusals::no_target());
    }
    let attached = organization.attachments.get(&req.target_id);
    let attached = attached.into_iter().flatten();
    let of_kind = attached.filter(|one| one.kind == kind);
    let ids = of_kind.map(|one| one.policy_id.clone()).collect();
    let wanted = Wanted {
        next_token: req.next_token,
        max_results: req.max_results,
    };
    let (ids, next_token) = page(ids, String::clone, &wanted)?;
    let mut policies = Vec::with_capacity(ids.len());
    for id in &ids {
        let policy = PolicyRecord::find(ctx, organization, id).await?;
        let policy = policy.ok_or_else(|| Error::dangling("a policy"))?;
        policies.push(policy.summary(organization));
    }
    Ok(ListPoliciesForTargetResponse {
        policies: Some(policies),
        next_token,
    })
}
