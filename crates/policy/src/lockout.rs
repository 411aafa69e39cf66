//! The safety check of a new key policy: does its author keep the key?

use crate::decide::{Named, Request, ResourceRule, Sources, decide};
use crate::policy::Policy;

/// The action that must remain allowed.
pub const ACTION: &str = "kms:PutKeyPolicy";

/// AWS's sentence when it does not (`MalformedPolicyDocumentException`).
pub const SENTENCE: &str =
    "The new key policy will not allow you to update the key policy in the future.";

/// Whether the caller could put a key policy again once `policy` is the key's.
///
/// `request` is the caller's request about the key, whatever its action;
/// `sources` are the policies that applied to it, of which the key policy is
/// replaced and a grant ignored. A policy that only delegates to the account
/// passes if the caller's identity-based policies allow the action.
pub fn still_administers(request: &Request<'_>, sources: &Sources<'_>, policy: &Policy) -> bool {
    let named = Named {
        name: "new key policy",
        policy,
    };
    let sources = Sources {
        resource: Some((named, ResourceRule::KeyPolicy)),
        grant: None,
        ..*sources
    };
    decide(
        &Request {
            action: ACTION,
            ..*request
        },
        &sources,
    )
    .is_allowed()
}
