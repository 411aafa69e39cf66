//! AWS's size limits of policy documents, for the callers that enforce them.
//!
//! Sources: "IAM and AWS STS quotas" (IAM user guide), "Resource quotas" (KMS),
//! "Quotas for AWS Organizations", and the API models. IAM and Organizations
//! count characters without white space outside quoted strings
//! ([`significant_length`]); KMS and Secrets Manager count bytes.

/// Longest document [`crate::Policy::parse`] reads at all, in bytes: the
/// largest maximum that any API model states for a policy.
pub const DOCUMENT_MAX_BYTES: usize = 131_072;
/// KMS key policy, bytes.
pub const KEY_POLICY_BYTES: usize = 32_768;
/// Sum of a user's inline policies, characters.
pub const USER_INLINE_CHARACTERS: usize = 2_048;
/// Sum of a group's inline policies, characters.
pub const GROUP_INLINE_CHARACTERS: usize = 5_120;
/// Sum of a role's inline policies, characters.
pub const ROLE_INLINE_CHARACTERS: usize = 10_240;
/// Managed policy, characters.
pub const MANAGED_CHARACTERS: usize = 6_144;
/// Role trust policy, characters (the default quota).
pub const TRUST_CHARACTERS: usize = 2_048;
/// Session policies passed in one call, characters (before packing).
pub const SESSION_CHARACTERS: usize = 2_048;
/// Service control policy, characters.
pub const SERVICE_CONTROL_CHARACTERS: usize = 5_120;
/// Resource control policy, characters.
pub const RESOURCE_CONTROL_CHARACTERS: usize = 5_120;
/// Secrets Manager resource policy, characters.
pub const SECRET_CHARACTERS: usize = 20_480;
/// S3 bucket policy, bytes.
pub const BUCKET_BYTES: usize = 20_480;

/// Characters of `document` as IAM counts them: white space between JSON
/// tokens does not count, white space inside strings does.
pub fn significant_length(document: &str) -> usize {
    let (mut count, mut quoted, mut escaped) = (0, false, false);
    for character in document.chars() {
        if quoted || !character.is_ascii_whitespace() {
            count += 1;
        }
        if character == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = quoted && character == '\\' && !escaped;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_counts_inside_strings_only() {
        assert_eq!(significant_length("{ \"a\" :\n \"b c\" }"), 11);
        assert_eq!(significant_length(r#"{"a\" b": 1}"#), 11);
    }
}
