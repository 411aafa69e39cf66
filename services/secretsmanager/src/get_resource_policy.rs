//! `secretsmanager:GetResourcePolicy`: the policy of a secret, if it has one.

use api::secretsmanager::{GetResourcePolicyRequest, GetResourcePolicyResponse};
use platform::{Ctx, Result};

use crate::access::{self, Asked};
use crate::policies;

pub(crate) async fn get_resource_policy(
    ctx: &Ctx,
    req: GetResourcePolicyRequest,
) -> Result<GetResourcePolicyResponse> {
    let action = "secretsmanager:GetResourcePolicy";
    let secret = access::live(ctx, action, &req.secret_id, Asked::default()).await?;
    policies::check_name(req.policy_name.as_deref())?;
    let policy = match &secret.policy {
        Some(kept) => Some(ctx.show_principals(kept).await?),
        None => None,
    };
    Ok(GetResourcePolicyResponse {
        arn: Some(secret.arn()),
        name: Some(secret.place.name.clone()),
        resource_policy: policy,
        policy_name: req.policy_name,
    })
}
