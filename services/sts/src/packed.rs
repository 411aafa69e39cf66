//! How much of a session's space its policies and tags take.
//!
//! AWS packs them into a form that it does not describe, and tells the percentage. Its documented
//! limit for policies is 2048 characters; recorded answers for tags (nine tags of 252 characters
//! are 498 %) come to nine units a character where a character of a policy is two.

use api::sts::PackedPolicyTooLargeException;
use platform::SessionPolicies;
use policy::limits::significant_length;
use wire::Fault;

/// The space of a session, in units.
const SPACE: usize = 4096;
/// The units of a character of a policy or of a policy's ARN.
const POLICY: usize = 2;
/// The units of a character of a tag.
const TAG: usize = 9;

/// The percentage that goes into the answer: none where nothing was passed.
pub(crate) fn percentage(
    policies: Option<&SessionPolicies>,
    tags: &[(String, String)],
) -> Result<Option<i32>, Fault> {
    let policies = policies.map_or(0, units_of_policies);
    let tags = units_of_tags(tags);
    let percent = ((policies + tags) * 100).div_ceil(SPACE);
    if percent > 100 {
        let message = if policies == 0 {
            format!("Packed size of session tags consumes {percent}% of allotted space.")
        } else {
            format!(
                "Packed policy consumes {percent}% of allotted space, please use smaller policy."
            )
        };
        return Err(PackedPolicyTooLargeException::new(message));
    }
    Ok(i32::try_from(percent).ok().filter(|percent| *percent > 0))
}

fn units_of_policies(policies: &SessionPolicies) -> usize {
    let inline = policies.inline.as_deref().map_or(0, significant_length);
    let arns: usize = policies.arns.iter().map(String::len).sum();
    (inline + arns) * POLICY
}

fn units_of_tags(tags: &[(String, String)]) -> usize {
    let characters = tags.iter();
    let characters: usize = characters
        .map(|(key, value)| key.chars().count() + value.chars().count())
        .sum();
    characters * TAG
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(count: usize, length: usize) -> Vec<(String, String)> {
        let tag = |index| (format!("T{index}"), "a".repeat(length));
        (1..=count).map(tag).collect()
    }

    fn message(refused: Result<Option<i32>, Fault>) -> String {
        match refused {
            Ok(percent) => format!("accepted: {percent:?}"),
            Err(fault) => fault.message().unwrap_or_default().to_owned(),
        }
    }

    #[test]
    fn tags_take_what_aws_was_seen_to_count() {
        let recorded = "Packed size of session tags consumes 499% of allotted space.";
        assert_eq!(message(percentage(None, &tags(9, 250))), recorded);
        assert_eq!(percentage(None, &tags(1, 250)).ok(), Some(Some(56)));
        assert_eq!(percentage(None, &[]).ok(), Some(None));
    }

    #[test]
    fn a_policy_of_2048_characters_fills_the_space() {
        let policies = |length: usize| SessionPolicies {
            inline: Some("x".repeat(length)),
            arns: Vec::new(),
        };
        assert_eq!(percentage(Some(&policies(2048)), &[]).ok(), Some(Some(100)));
        let refused = message(percentage(Some(&policies(2049)), &[]));
        assert!(
            refused.starts_with("Packed policy consumes 101%"),
            "{refused}"
        );
        assert!(percentage(Some(&policies(2000)), &tags(1, 250)).is_err());
    }
}
