//! `secretsmanager:PutResourcePolicy`: attaches a policy to a secret.

use api::secretsmanager::{
    MalformedPolicyDocumentException, PublicPolicyException, PutResourcePolicyRequest,
    PutResourcePolicyResponse,
};
use platform::{Ctx, Result};

use crate::access::{self, Asked};
use crate::{policies, replication};

pub(crate) async fn put_resource_policy(
    ctx: &Ctx,
    req: PutResourcePolicyRequest,
) -> Result<PutResourcePolicyResponse> {
    let asked = Asked {
        keys: vec![("blockpublicpolicy", req.block_public_policy.to_string())],
        ..Asked::default()
    };
    let action = "secretsmanager:PutResourcePolicy";
    let secret = access::governed(ctx, action, &req.secret_id, asked).await?;
    policies::check_name(req.policy_name.as_deref())?;
    let parsed = policies::parse(&req.resource_policy)?;
    if req.block_public_policy && parsed.allows_everyone() {
        return Err(PublicPolicyException::new(
            "You can't attach a resource-based policy that allows broad access to the secret.",
        )
        .into());
    }
    let kept = policies::kept(ctx, &req.resource_policy, &parsed).await?;
    let kept =
        kept.ok_or_else(|| MalformedPolicyDocumentException::new(policies::UNKNOWN_PRINCIPAL))?;
    let mut draft = secret.draft(ctx);
    draft.policy = Some(kept);
    replication::store(ctx, &secret.place, draft).await?;
    Ok(PutResourcePolicyResponse {
        arn: Some(secret.arn()),
        name: Some(secret.place.name.clone()),
        policy_name: req.policy_name,
    })
}
