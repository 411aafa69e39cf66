//! Resource policies: which may be attached, and what is wrong with those that should not
//! ("Resource-based policies", and ValidateResourcePolicy).

use api::secretsmanager::{MalformedPolicyDocumentException, ValidationErrorsEntry};
use platform::{Ctx, Result};
use policy::{Policy, PolicyKind};
use wire::Fault;

use crate::access::{self, Secret};
use crate::{links, refusals};

/// The only policy of a secret.
pub(crate) const NAME: &str = "default";

/// The names of a secret's policies: the one that callers write, and behind it the one that they do
/// not.
pub(crate) async fn names(ctx: &Ctx, secret: &Secret) -> Result<Vec<&'static str>> {
    let own = secret.policy.as_ref().map(|_| NAME);
    let is_replica = links::is_replica(ctx, (&secret.place, secret)).await?;
    let managed = is_replica.then_some(links::POLICY_NAME);
    Ok(own.into_iter().chain(managed).collect())
}

/// Refuses other names of policies.
pub(crate) fn check_name(name: Option<&str>) -> Result<(), Fault> {
    match name {
        None | Some(NAME) => Ok(()),
        Some(_) => Err(refusals::invalid(
            "You can only attach the default policy to a secret.",
        )),
    }
}

/// Reads a policy.
pub(crate) fn parse(document: &str) -> Result<Policy, Fault> {
    Policy::parse(document, PolicyKind::Resource).map_err(|_| {
        MalformedPolicyDocumentException::new("This resource policy contains a syntax error.")
    })
}

/// The form in which a policy is kept; none if it names somebody who does not exist.
pub(crate) async fn kept(ctx: &Ctx, document: &str, parsed: &Policy) -> Result<Option<String>> {
    Ok(ctx.bind_principals(document, parsed).await?.ok())
}

/// Somebody whom a policy names does not exist.
pub(crate) const UNKNOWN_PRINCIPAL: &str =
    "This resource policy contains an unsupported principal.";

/// What is wrong with a policy for this secret, or for any.
pub(crate) async fn findings(
    ctx: &Ctx,
    secret: Option<&Secret>,
    (document, parsed): (&str, &Policy),
) -> Result<Vec<ValidationErrorsEntry>> {
    let mut found = Vec::new();
    if parsed.allows_everyone() {
        found.push(entry(
            "BROAD_ACCESS",
            "This resource policy grants broad access to your secret.",
        ));
    }
    match kept(ctx, document, parsed).await? {
        None => found.push(entry("INVALID_PRINCIPAL", UNKNOWN_PRINCIPAL)),
        Some(kept) => {
            if let Some(secret) = secret
                && !access::keeps_control(ctx, secret, &kept).await?
            {
                found.push(entry(
                    "LOCKOUT",
                    "Your requested changes will not allow you to manage this secret in the future.",
                ));
            }
        }
    }
    Ok(found)
}

fn entry(check: &str, message: &str) -> ValidationErrorsEntry {
    ValidationErrorsEntry {
        check_name: Some(check.to_owned()),
        error_message: Some(message.to_owned()),
    }
}
