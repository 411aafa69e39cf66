//! Trust policies: their form, their size, and the principals that they name.

use api::iam::{LimitExceededException, MalformedPolicyDocumentException};
use platform::{Ctx, Result, UnknownPrincipal};
use policy::limits::{TRUST_CHARACTERS, significant_length};
use policy::{Policy, PolicyKind};

/// The text of a new trust policy as the role keeps it: users and roles stand in it by unique id,
/// so that a name that somebody takes later is not trusted.
pub(crate) async fn bound(ctx: &Ctx, document: &str) -> Result<String> {
    let policy = Policy::parse(document, PolicyKind::Trust)
        .map_err(|malformed| MalformedPolicyDocumentException::new(malformed.to_string()))?;
    if significant_length(document) > TRUST_CHARACTERS {
        let message = format!("Cannot exceed quota for ACLSizePerRole: {TRUST_CHARACTERS}");
        return Err(LimitExceededException::new(message).into());
    }
    let bound = ctx.bind_principals(document, &policy).await?;
    bound.map_err(|UnknownPrincipal(name)| {
        let message = format!("Invalid principal in policy: \"AWS\":\"{name}\"");
        MalformedPolicyDocumentException::new(message).into()
    })
}
