//! New key policies: their form, the principals they name, and whether their author keeps the key.

use api::kms::{LimitExceededException, MalformedPolicyDocumentException, NotFoundException};
use platform::{Ctx, Result};
use policy::limits::KEY_POLICY_BYTES;
use policy::{NamedPrincipal, Policy, PolicyKind, lockout};
use wire::Fault;

use crate::condition_keys::{KeyConditions, RequestKeys};
use crate::key::Key;

/// The only name that a key policy has.
pub(crate) const NAME: &str = "default";

/// Refuses any other name.
pub(crate) fn check_name(name: Option<&str>) -> Result<(), Fault> {
    match name {
        None | Some(NAME) => Ok(()),
        Some(_) => Err(NotFoundException::new("No such policy exists")),
    }
}

/// Parses a policy that is to be put.
pub(crate) fn parse(text: &str) -> Result<Policy, Fault> {
    if text.len() > KEY_POLICY_BYTES {
        let text = format!("The key policy exceeds the quota of {KEY_POLICY_BYTES} bytes.");
        return Err(LimitExceededException::new(text));
    }
    Policy::parse(text, PolicyKind::KeyPolicy)
        .map_err(|malformed| MalformedPolicyDocumentException::new(malformed.to_string()))
}

/// Refuses principals of the key's own account that do not exist. Whether those of other accounts
/// do is none of this account's business.
pub(crate) async fn check_principals(ctx: &Ctx, policy: &Policy) -> Result<()> {
    for principal in policy.principals() {
        let NamedPrincipal::Arn(arn) = principal else {
            continue;
        };
        let is_own = arn.split(':').nth(4) == Some(ctx.account());
        if is_own && !ctx.principal_exists(arn).await? {
            return Err(MalformedPolicyDocumentException::new(
                "Policy contains a statement with one or more invalid principals.",
            )
            .into());
        }
    }
    Ok(())
}

/// Refuses a policy that would leave its author unable to put another one.
pub(crate) async fn check_lockout(ctx: &Ctx, key: &Key, policy: &Policy) -> Result<()> {
    let conditions = KeyConditions::of(ctx, key, RequestKeys::default());
    let access = ctx
        .authorize(lockout::ACTION, key.clone())
        .keys(&conditions);
    if access.under_policy(policy).would_allow().await? {
        return Ok(());
    }
    Err(MalformedPolicyDocumentException::new(lockout::SENTENCE).into())
}
