//! `secretsmanager:GetResourcePolicy`: the policy of a secret, if it has one.

use api::secretsmanager::{GetResourcePolicyRequest, GetResourcePolicyResponse};
use platform::{Ctx, Result};

use crate::access::{self, Asked};
use crate::{links, policies, refusals};

pub(crate) async fn get_resource_policy(
    ctx: &Ctx,
    req: GetResourcePolicyRequest,
) -> Result<GetResourcePolicyResponse> {
    let action = "secretsmanager:GetResourcePolicy";
    let secret = access::live(ctx, action, &req.secret_id, Asked::default()).await?;
    let policy = match (req.policy_name.as_deref(), &secret.policy) {
        (None | Some(policies::NAME), Some(kept)) => Some(ctx.show_principals(kept).await?),
        (None | Some(policies::NAME), None) => None,
        (Some(links::POLICY_NAME), _) => {
            let managed = links::managed_policy(ctx, (&secret.place, &secret)).await?;
            Some(managed.ok_or_else(refusals::no_policy)?)
        }
        (Some(_), _) => return Err(refusals::no_policy().into()),
    };
    Ok(GetResourcePolicyResponse {
        arn: Some(secret.arn()),
        name: Some(secret.place.name.clone()),
        resource_policy: policy,
        policy_name: req.policy_name,
    })
}
