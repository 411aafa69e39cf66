//! `logs:DescribeResourcePolicies`: shows the resource policies of the account, or of its groups.

use api::logs::{DescribeResourcePoliciesRequest, DescribeResourcePoliciesResponse, PolicyScope};
use platform::{Ctx, Result};

use crate::put_resource_policy::own_group;
use crate::resource_policy::{Place, ResourcePolicyRecord};
use crate::{access, names};

pub(crate) async fn describe_resource_policies(
    ctx: &Ctx,
    req: DescribeResourcePoliciesRequest,
) -> Result<DescribeResourcePoliciesResponse> {
    access::everything(ctx, "logs:DescribeResourcePolicies").await?;
    let policies = match &req.resource_arn {
        None => {
            let scope = req.policy_scope.unwrap_or(PolicyScope::Account);
            ResourcePolicyRecord::list(ctx, scope).await?
        }
        Some(arn) => {
            let arn = own_group(ctx, arn)?.existing_arn(ctx).await?;
            let found = ResourcePolicyRecord::find(ctx, Place::Group(&arn)).await?;
            found.into_iter().collect()
        }
    };
    let key = |policy: &std::sync::Arc<ResourcePolicyRecord>| match &policy.group {
        None => policy.name.clone(),
        Some(revision) => revision.group_arn.clone(),
    };
    let (page, next_token) = names::page(policies, key, req.next_token.as_deref(), req.limit)?;
    Ok(DescribeResourcePoliciesResponse {
        resource_policies: Some(page.iter().map(|policy| policy.shown()).collect()),
        next_token,
    })
}
