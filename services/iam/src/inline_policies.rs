//! Policies that live inside a user, a group or a role.

use api::iam::{LimitExceededException, MalformedPolicyDocumentException};
use platform::Result;
use policy::limits::{GROUP_INLINE_CHARACTERS, ROLE_INLINE_CHARACTERS, USER_INLINE_CHARACTERS};
use policy::{Policy, PolicyKind, Version};

use crate::page::{Paged, Wanted, page};
use crate::permissions::{Holding, Permissions};

/// Refuses a document that is no identity-based policy, or of an older version than `oldest`.
pub(crate) fn check_document(document: &str, oldest: Version) -> Result<Policy> {
    Policy::parse_new(document, PolicyKind::Identity, oldest)
        .map_err(|malformed| MalformedPolicyDocumentException::new(malformed.to_string()).into())
}

/// Adds or replaces an inline policy whose document was checked, of the identity called `holder`.
/// All inline policies of an identity share one limit, which does not count white space ("IAM and
/// AWS STS quotas").
pub(crate) fn put(
    permissions: &mut Permissions,
    (holding, holder): (Holding, &str),
    name: String,
    document: String,
) -> Result<()> {
    permissions.put_inline(name, document);
    let (limit, kind) = match holding {
        Holding::User => (USER_INLINE_CHARACTERS, "user"),
        Holding::Group => (GROUP_INLINE_CHARACTERS, "group"),
        Holding::Role => (ROLE_INLINE_CHARACTERS, "role"),
    };
    if permissions.inline_characters() <= limit {
        return Ok(());
    }
    let message = format!("Maximum policy size of {limit} bytes exceeded for {kind} {holder}");
    Err(LimitExceededException::new(message).into())
}

/// A page of the names.
pub(crate) fn list_names(permissions: &Permissions, wanted: &Wanted) -> Paged<String> {
    let names = permissions.inline.iter().map(|policy| policy.name.clone());
    page(names.collect(), |name: &String| name, wanted)
}
