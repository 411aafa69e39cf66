//! `secretsmanager:DeleteResourcePolicy`: takes the policy of a secret away.

use api::secretsmanager::{DeleteResourcePolicyRequest, DeleteResourcePolicyResponse};
use platform::{Ctx, Result};

use crate::access::{self, Asked};
use crate::{policies, replication};

pub(crate) async fn delete_resource_policy(
    ctx: &Ctx,
    req: DeleteResourcePolicyRequest,
) -> Result<DeleteResourcePolicyResponse> {
    let action = "secretsmanager:DeleteResourcePolicy";
    let secret = access::governed(ctx, action, &req.secret_id, Asked::default()).await?;
    policies::check_name(req.policy_name.as_deref())?;
    if secret.policy.is_some() {
        let mut draft = secret.draft(ctx);
        draft.policy = None;
        replication::store(ctx, &secret.place, draft).await?;
    }
    Ok(DeleteResourcePolicyResponse {
        arn: Some(secret.arn()),
        name: Some(secret.place.name.clone()),
        policy_name: req.policy_name,
    })
}
