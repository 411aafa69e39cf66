//! New key policies: their form, the principals they name, and whether their author keeps the key.

use api::kms::{LimitExceededException, MalformedPolicyDocumentException, NotFoundException};
use platform::{Ctx, Error, Result, UnknownPrincipal};
use policy::{Policy, PolicyKind, lockout};
use wire::Fault;

use crate::condition_keys::{KeyConditions, RequestKeys};
use crate::key::Key;
use crate::quotas::{KEY_POLICY_BYTES, QUOTAS};

/// The only name that a key policy has.
pub(crate) const NAME: &str = "default";

/// Refuses any other name.
pub(crate) fn check_name(name: Option<&str>) -> Result<(), Fault> {
    match name {
        None | Some(NAME) => Ok(()),
        Some(_) => Err(NotFoundException::new("No such policy exists")),
    }
}

/// Parses a policy that is to be put on a key of the caller's account.
pub(crate) async fn parse(ctx: &Ctx, text: &str) -> Result<Policy> {
    let quota = ctx.count_quota(ctx.account(), &QUOTAS, KEY_POLICY_BYTES);
    let quota = quota.await?;
    if text.len() as u64 > quota {
        let text = format!("The key policy exceeds the quota of {quota} bytes.");
        return Err(LimitExceededException::new(text).into());
    }
    let malformed =
        |malformed: policy::Malformed| MalformedPolicyDocumentException::new(malformed.to_string());
    Ok(Policy::parse(text, PolicyKind::KeyPolicy).map_err(malformed)?)
}

/// The text of a new policy as the key keeps it: the users and roles that it names by their unique
/// ids, so that a name that somebody takes later is not trusted.
pub(crate) async fn bound(ctx: &Ctx, text: &str, policy: &Policy) -> Result<String> {
    let bound = ctx.bind_principals(text, policy).await?;
    bound.map_err(|UnknownPrincipal(_)| {
        MalformedPolicyDocumentException::new(
            "Policy contains a statement with one or more invalid principals.",
        )
        .into()
    })
}

/// Refuses a policy that would leave its author unable to put another one. `text` is the policy as
/// the key keeps it, whose principals are those that decisions know.
pub(crate) async fn check_lockout(ctx: &Ctx, key: &Key, text: &str) -> Result<()> {
    let policy = Policy::parse(text, PolicyKind::KeyPolicy).map_err(Error::internal)?;
    let request = RequestKeys::default();
    let conditions = KeyConditions::of(ctx, key, &request);
    let access = ctx
        .authorize(lockout::ACTION, key.clone())
        .keys(&conditions);
    if access.under_policy(&policy).would_allow().await? {
        return Ok(());
    }
    Err(MalformedPolicyDocumentException::new(lockout::SENTENCE).into())
}
