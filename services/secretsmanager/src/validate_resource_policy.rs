//! `secretsmanager:ValidateResourcePolicy`: what would be wrong with a policy.

use api::secretsmanager::{ValidateResourcePolicyRequest, ValidateResourcePolicyResponse};
use platform::{Ctx, Result};

use crate::access::{self, Asked};
use crate::names::{Place, UNKNOWN_SUFFIX};
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
            // A policy for no secret in particular is one for any of the caller's.
            None => {
                let any = Place::own(ctx, "*");
                access::new(ctx, action, (&any, UNKNOWN_SUFFIX), Asked::default()).await?;
            }
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
