//! `PolicyExclusionList`: what would be without some of an identity's policies.

use api::iam::{
    AttachmentType, InlinePolicyIdentifierType, InvalidInputException, PolicyIdentifier,
    PolicyIdentifierPolicyType,
};
use platform::Result;

use crate::simulation::entity::{Brought, Origin, Source};

/// What the ARNs of policies that AWS manages begin with.
const AWS_MANAGED: &str = "arn:aws:iam::aws:policy/";

/// Takes the named policies out of `brought`; tells whether service control policies go too.
/// Identifiers that match nothing are ignored, as are those of resource control policies.
pub(crate) fn exclude(brought: &mut Brought, list: &[PolicyIdentifier]) -> Result<bool> {
    list.iter().try_for_each(check)?;
    let excluded = |source: &Source| list.iter().any(|one| names(one, &source.origin));
    brought.identity.retain(|source| !excluded(source));
    let is_type =
        |wanted: PolicyIdentifierPolicyType| list.iter().any(|one| one.policy_type == Some(wanted));
    if is_type(PolicyIdentifierPolicyType::PermissionBoundary) {
        brought.boundary = None;
    }
    Ok(is_type(PolicyIdentifierPolicyType::Scp))
}

/// One identifier names policies in exactly one way, with at most one `*`.
fn check(identifier: &PolicyIdentifier) -> Result<()> {
    let given = [
        identifier.policy_type.is_some(),
        identifier.policy_arn.is_some(),
        identifier.inline_policy_identifier.is_some(),
    ];
    if given.into_iter().filter(|given| *given).count() != 1 {
        let message = "A policy identifier must specify exactly one of PolicyType, PolicyArn, or \
                       InlinePolicyIdentifier.";
        return Err(InvalidInputException::new(message).into());
    }
    let stars = |text: &str| text.matches('*').count();
    let valid = match (&identifier.policy_arn, &identifier.inline_policy_identifier) {
        (Some(arn), _) => arn.split_once(":policy/").is_some_and(|(head, name)| {
            head.starts_with("arn:aws:iam::")
                && stars(head) == 0
                && !head.contains('?')
                && stars(name) <= 1
        }),
        (_, Some(inline)) => stars(&inline.attachment_name) <= 1,
        (None, None) => true,
    };
    if valid {
        return Ok(());
    }
    let message = "The policy identifier is malformed, or has a wildcard where none is allowed.";
    Err(InvalidInputException::new(message).into())
}

fn names(identifier: &PolicyIdentifier, origin: &Origin) -> bool {
    match origin {
        Origin::Input => false,
        Origin::Managed(arn) => {
            let of_type = if arn.starts_with(AWS_MANAGED) {
                PolicyIdentifierPolicyType::AwsManaged
            } else {
                PolicyIdentifierPolicyType::UserManaged
            };
            let by_arn = identifier.policy_arn.as_ref();
            identifier.policy_type == Some(of_type)
                || by_arn.is_some_and(|pattern| matches(pattern, arn))
        }
        Origin::Inline {
            kind,
            entity,
            policy,
        } => {
            let by_name = identifier.inline_policy_identifier.as_ref();
            identifier.policy_type == Some(PolicyIdentifierPolicyType::Inline)
                || by_name.is_some_and(|named| is_inline(named, (kind, entity, policy)))
        }
    }
}

fn is_inline(
    named: &InlinePolicyIdentifierType,
    (kind, entity, policy): (&str, &str, &str),
) -> bool {
    let attachment = match named.attachment_type {
        AttachmentType::User => "user",
        AttachmentType::Group => "group",
        AttachmentType::Role => "role",
    };
    attachment == kind && named.policy_name == policy && matches(&named.attachment_name, entity)
}

/// Whether `text` matches a pattern with at most one `*` and any number of `?`.
fn matches(pattern: &str, text: &str) -> bool {
    let same = |pattern: &str, text: &str| {
        pattern.chars().count() == text.chars().count()
            && pattern
                .chars()
                .zip(text.chars())
                .all(|(one, other)| one == '?' || one == other)
    };
    let Some((head, tail)) = pattern.split_once('*') else {
        return same(pattern, text);
    };
    let letters: Vec<char> = text.chars().collect();
    let (before, after) = (head.chars().count(), tail.chars().count());
    let Some(rest) = letters.len().checked_sub(before + after) else {
        return false;
    };
    let text_of = |range: &[char]| range.iter().collect::<String>();
    let (start, end) = letters.split_at(before);
    let (_, end) = end.split_at(rest);
    same(head, &text_of(start)) && same(tail, &text_of(end))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn wildcards_match_as_documented() {
        for (pattern, text, expected) in [
            ("alice", "alice", true),
            ("al?ce", "alice", true),
            ("al?ce", "allice", false),
            ("*", "", true),
            ("a*e", "alice", true),
            ("a*e", "ae", true),
            ("a*e", "a", false),
            ("a*?", "alice", true),
            ("a*a", "a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
