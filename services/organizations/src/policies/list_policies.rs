//! `organizations:ListPolicies`: shows the policies of a type.

use std::sync::Arc;

use api::organizations::{ListPoliciesRequest, ListPoliciesResponse};
use platform::{Ctx, Result};

use crate::access::{About, Reach, permit};
use crate::page::{Wanted, page};
use crate::policies::managed;
use crate::policies::record::PolicyRecord;

pub(crate) async fn list_policies(
    ctx: &Ctx,
    req: ListPoliciesRequest,
) -> Result<ListPoliciesResponse> {
    let kind = req.filter.as_str();
    let about = About {
        policy_type: Some(kind),
        ..About::everything()
    };
    let permitted = permit(ctx, "organizations:ListPolicies", Reach::Reader, about).await?;
    let organization = permitted.organization();
    let mut policies = PolicyRecord::all(ctx, organization).await?;
    policies.retain(|policy| policy.kind == kind);
    if let Some(managed) = managed::of_kind(kind).filter(|_| organization.all_features) {
        policies.push(Arc::new(PolicyRecord::of(managed)));
    }
    let wanted = Wanted {
        next_token: req.next_token,
        max_results: req.max_results,
    };
    let (policies, next_token) = page(policies, |policy| policy.id.clone(), &wanted)?;
    let policies = policies.iter().map(|policy| policy.summary(organization));
    Ok(ListPoliciesResponse {
        policies: Some(policies.collect()),
        next_token,
    })
}
