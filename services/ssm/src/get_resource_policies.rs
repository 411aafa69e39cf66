//! `ssm:GetResourcePolicies`: the policy by which a parameter is shared.

use api::ssm::{
    GetResourcePoliciesRequest, GetResourcePoliciesResponse, GetResourcePoliciesResponseEntry,
};
use platform::{Ctx, Result};

use crate::sharing;

pub(crate) async fn get_resource_policies(
    ctx: &Ctx,
    req: GetResourcePoliciesRequest,
) -> Result<GetResourcePoliciesResponse> {
    let action = "ssm:GetResourcePolicies";
    let (_, record) = sharing::shared(ctx, action, &req.resource_arn).await?;
    let mut policies = Vec::new();
    // There is one at most, and so no page behind the first.
    if let Some(sharing) = &record.sharing {
        policies.push(GetResourcePoliciesResponseEntry {
            policy_id: Some(sharing.id.clone()),
            policy_hash: Some(sharing.hash.clone()),
            policy: Some(ctx.show_principals(&sharing.document).await?),
        });
    }
    Ok(GetResourcePoliciesResponse {
        next_token: None,
        policies: Some(policies),
    })
}
