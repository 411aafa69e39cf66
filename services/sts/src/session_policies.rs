//! Session policies: what a caller gives up when a session begins.

use std::collections::BTreeSet;

use api::sts::{MalformedPolicyDocumentException, PolicyDescriptorType};
use platform::{Ctx, Error, Result, SessionPolicies, validation};
use policy::{Policy, PolicyKind};

/// The most managed policies of one session.
const MAX_ARNS: usize = 10;

/// The session policies of a request for a session in `account`; none where it passes none.
pub(crate) async fn read(
    ctx: &Ctx,
    account: &str,
    inline: Option<String>,
    arns: Vec<PolicyDescriptorType>,
) -> Result<Option<SessionPolicies>> {
    if let Some(text) = &inline {
        Policy::parse(text, PolicyKind::Session)
            .map_err(|malformed| MalformedPolicyDocumentException::new(malformed.to_string()))?;
    }
    let arns: Vec<String> = arns.into_iter().filter_map(|named| named.arn).collect();
    if arns.len() > MAX_ARNS {
        return Err(validation(format!(
            "1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to {MAX_ARNS}"
        )));
    }
    let mut seen = BTreeSet::new();
    let (directory, mut txn) = ctx.directory().await;
    for arn in &arns {
        if !seen.insert(arn) {
            return Err(validation(format!("Duplicate policy ARN {arn} found.")));
        }
        // A policy that was named must limit: one that is not there would limit by nothing today
        // and by something else tomorrow.
        if directory.managed(&mut txn, account, arn).await?.is_none() {
            let message = format!("Policy {arn} does not exist or is not attachable.");
            return Err(Error::Fault(MalformedPolicyDocumentException::new(message)));
        }
    }
    let passed = inline.is_some() || !arns.is_empty();
    Ok(passed.then_some(SessionPolicies { inline, arns }))
}
