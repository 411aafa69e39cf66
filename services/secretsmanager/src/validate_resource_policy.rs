//! `secretsmanager:ValidateResourcePolicy`: what would be wrong with a policy.

use api::secretsmanager::{ValidateResourcePolicyRequest, ValidateResourcePolicyResponse};
use platform::{Ctx, Result};

use crate::access::{self, Asked};
use crate::policies;

const ACTIONS: [&str; 2] = [
    "secretsmanager:ValidateResourcePolicy",
    "secretsmanager:PutResourcePolicy",
];

pub(crate) async fn validate_resource_policy(
    ctx: &Ctx,
    req: ValidateResourcePolicyRequest,
) -> Result<ValidateResourcePolicyResponse> {
    let mut secret = None;
    for action in ACTIONS {
        match &req.secret_id {
            Some(id) => secret = Some(access::live(ctx, action, id, Asked::default()).await?),
            None => access::everything(ctx, action).await?,
        }
    }
    let parsed = policies::parse(&req.resource_policy)?;
    let document = (&*req.resource_policy, &parsed);
    let findings = policies::findings(ctx, secret.as_ref(), document).await?;
    Ok(ValidateResourcePolicyResponse {
        policy_validation_passed: Some(findings.is_empty()),
        validation_errors: Some(findings),
    })
}
