//! AWS's limits of policies and of what they are attached to, for the callers that enforce them.
//!
//! Default quotas; where AWS raises one on request, the highest it grants stands beside it.
//! IAM counts characters without the white space between JSON tokens ([`significant_length`]).
//! Organizations counts every character of what its API is given, white space too; KMS and Secrets
//! Manager count bytes.
//!
//! Sources: "IAM and AWS STS quotas" (IAM user guide), "AWS Identity and Access Management
//! endpoints and quotas" (AWS general reference), "Quotas and service limits for AWS
//! Organizations" (Organizations user guide), "Resource quotas" (KMS developer guide), and the
//! API models, which also check lengths and patterns of names before any operation sees them.

/// Longest document [`crate::Policy::parse`] reads at all, in bytes: the
/// largest maximum that any API model states for a policy.
pub const DOCUMENT_MAX_BYTES: usize = 131_072;

// Documents of IAM.

/// Sum of a user's inline policies, characters. Past it: "Maximum policy size of 2048 bytes
/// exceeded for user ..".
pub const USER_INLINE_CHARACTERS: usize = 2_048;
/// Sum of a group's inline policies, characters.
pub const GROUP_INLINE_CHARACTERS: usize = 5_120;
/// Sum of a role's inline policies, characters. Past it: "Maximum policy size of 10240 bytes
/// exceeded for role ..".
pub const ROLE_INLINE_CHARACTERS: usize = 10_240;
/// Managed policy, characters. Past it: "Cannot exceed quota for PolicySize: 6144".
pub const MANAGED_CHARACTERS: usize = 6_144;
/// Role trust policy, characters. Past it: "Cannot exceed quota for ACLSizePerRole: 2048".
pub const TRUST_CHARACTERS: usize = 2_048;

// What IAM keeps of one kind, in an account or with one identity.

/// Versions of a managed policy.
pub const VERSIONS_PER_POLICY: usize = 5;
/// Managed policies attached to a user; 20 at most.
pub const MANAGED_PER_USER: usize = 10;
/// Managed policies attached to a group.
pub const MANAGED_PER_GROUP: usize = 10;
/// Managed policies attached to a role; 25 at most.
pub const MANAGED_PER_ROLE: usize = 10;
/// Groups that a user is in.
pub const GROUPS_PER_USER: usize = 10;
/// Access keys of a user or of the root user.
pub const ACCESS_KEYS_PER_USER: usize = 2;
/// Roles in an instance profile. Past it: "Cannot exceed quota for
/// InstanceSessionsPerInstanceProfile: 1".
pub const ROLES_PER_INSTANCE_PROFILE: usize = 1;
/// Tags of a user, role, policy or any other resource of IAM.
pub const TAGS_PER_RESOURCE: usize = 50;
/// Audiences of an OpenID Connect provider.
pub const CLIENT_IDS_PER_OIDC_PROVIDER: usize = 100;
/// Users of an account.
pub const USERS_PER_ACCOUNT: usize = 5_000;
/// Groups of an account; 500 at most.
pub const GROUPS_PER_ACCOUNT: usize = 300;
/// Roles of an account; 5,000 at most.
pub const ROLES_PER_ACCOUNT: usize = 1_000;
/// Customer managed policies of an account; 5,000 at most.
pub const POLICIES_PER_ACCOUNT: usize = 1_500;
/// Instance profiles of an account; 5,000 at most.
pub const INSTANCE_PROFILES_PER_ACCOUNT: usize = 1_000;
/// OpenID Connect providers of an account; 700 at most.
pub const OIDC_PROVIDERS_PER_ACCOUNT: usize = 100;
/// SAML providers of an account.
pub const SAML_PROVIDERS_PER_ACCOUNT: usize = 100;
/// Server certificates of an account; 1,000 at most.
pub const SERVER_CERTIFICATES_PER_ACCOUNT: usize = 20;

// Names, characters.

/// Name of a user.
pub const USER_NAME_CHARACTERS: usize = 64;
/// Name of a role.
pub const ROLE_NAME_CHARACTERS: usize = 64;
/// Name of a group.
pub const GROUP_NAME_CHARACTERS: usize = 128;
/// Name of a policy, inline or managed.
pub const POLICY_NAME_CHARACTERS: usize = 128;
/// Name of an instance profile.
pub const INSTANCE_PROFILE_NAME_CHARACTERS: usize = 128;
/// Path of any of them.
pub const PATH_CHARACTERS: usize = 512;
/// Description of a role or managed policy.
pub const DESCRIPTION_CHARACTERS: usize = 1_000;
/// Key of a tag, also of a session.
pub const TAG_KEY_CHARACTERS: usize = 128;
/// Value of a tag, also of a session; may be empty.
pub const TAG_VALUE_CHARACTERS: usize = 256;

// Sessions.

/// Plain text that is passed with one session, characters: the JSON document and the ARNs of
/// managed policies together. The limit of the packed form, tags included, is another one that AWS
/// does not publish; past it: "Packed policy consumes 157% of allotted space, please use smaller
/// policy."
pub const SESSION_CHARACTERS: usize = 2_048;
/// ARNs of managed policies that are passed with one session.
pub const SESSION_POLICY_ARNS: usize = 10;
/// Tags that are passed with one session.
pub const SESSION_TAGS: usize = 50;

// Organizations.

/// Service control policy, characters with white space; 5,120 until May 2026.
pub const SERVICE_CONTROL_CHARACTERS: usize = 10_240;
/// Resource control policy, characters with white space.
pub const RESOURCE_CONTROL_CHARACTERS: usize = 5_120;
/// Resource-based delegation policy of an organization, characters.
pub const DELEGATION_CHARACTERS: usize = 40_000;
/// Service control policies attached to a root, organizational unit or account; one at least.
pub const SERVICE_CONTROL_PER_TARGET: usize = 10;
/// Resource control policies attached to a root, organizational unit or account, of which
/// `RCPFullAWSAccess` is one.
pub const RESOURCE_CONTROL_PER_TARGET: usize = 5;
/// Service control policies of an organization.
pub const SERVICE_CONTROL_PER_ORGANIZATION: usize = 10_000;
/// Resource control policies of an organization.
pub const RESOURCE_CONTROL_PER_ORGANIZATION: usize = 2_000;
/// Organizational units of an organization.
pub const UNITS_PER_ORGANIZATION: usize = 2_000;
/// Organizational units below one another, under the root.
pub const UNIT_DEPTH: usize = 5;
/// Accounts of an organization, the management account among them; 50,000 at most.
pub const ACCOUNTS_PER_ORGANIZATION: usize = 10;
/// Tags of a root, organizational unit, account or policy.
pub const ORGANIZATION_TAGS_PER_RESOURCE: usize = 50;

// Policies of other resources.

/// KMS key policy, bytes.
pub const KEY_POLICY_BYTES: usize = 32_768;
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
    fn no_single_document_is_longer_than_what_is_read_at_all() {
        for characters in [
            USER_INLINE_CHARACTERS,
            GROUP_INLINE_CHARACTERS,
            ROLE_INLINE_CHARACTERS,
            MANAGED_CHARACTERS,
            TRUST_CHARACTERS,
            SESSION_CHARACTERS,
            SERVICE_CONTROL_CHARACTERS,
            RESOURCE_CONTROL_CHARACTERS,
            DELEGATION_CHARACTERS,
            KEY_POLICY_BYTES,
            SECRET_CHARACTERS,
            BUCKET_BYTES,
        ] {
            // No character that IAM allows in a policy takes more than two bytes.
            assert!(characters * 2 <= DOCUMENT_MAX_BYTES, "{characters}");
        }
    }

    #[test]
    fn white_space_counts_inside_strings_only() {
        assert_eq!(significant_length("{ \"a\" :\n \"b c\" }"), 11);
        assert_eq!(significant_length(r#"{"a\" b": 1}"#), 11);
    }
}
