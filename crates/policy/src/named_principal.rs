//! Whom a policy names, and how that covers who asks.

use crate::arn::{is_account, is_arn};
use crate::malformed::{Fault, Refusal};
use crate::principal::{Principal, PrincipalKind};

/// A principal that a policy names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedPrincipal {
    /// `*`.
    Everyone,
    /// An account, by its id or the ARN of its root.
    Account(String),
    /// A user, role, role session or federated user.
    Arn(String),
    /// `AIDA..` or `AROA..`.
    UniqueId(String),
    /// A service, or `*` for any.
    Service(String),
    /// An identity provider, by ARN or domain.
    Federated(String),
    /// An S3 canonical user id. S3 replaces it by the account when a policy is
    /// stored; left in place it matches no one.
    CanonicalUser(String),
}

/// How directly a policy names a principal, which decides what limits the
/// permission ("policy evaluation logic", IAM user guide).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// Through the account: delegates to identity policies.
    Account,
    /// Through the role or user behind a session: boundary and session
    /// policies limit it, identity policies are not needed.
    Role,
    /// The principal itself, or everyone: grants in its own account.
    Direct,
}

impl NamedPrincipal {
    /// The account, user, role or session of this ARN; none for any other text.
    pub fn of_arn(text: &str) -> Option<Self> {
        parse_aws(text).filter(|_| text.starts_with("arn:"))
    }

    /// Reads one value of the `Principal` element under the given type.
    pub(crate) fn parse(class: &str, text: &str) -> Result<Self, Refusal> {
        let invalid = || {
            let fault = Fault::InvalidPrincipal(format!("\"{class}\":\"{text}\""));
            Refusal::new(
                fault,
                format!("`{text}` is not a principal of type {class}"),
            )
        };
        match class {
            "AWS" => parse_aws(text).ok_or_else(invalid),
            "Service" if text == "*" || is_domain(text) => Ok(Self::Service(text.to_owned())),
            "Federated" if is_provider(text) || is_domain(text) => {
                Ok(Self::Federated(text.to_owned()))
            }
            "CanonicalUser" if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) => {
                Ok(Self::CanonicalUser(text.to_owned()))
            }
            "Service" | "Federated" | "CanonicalUser" => Err(invalid()),
            _ => Err(Refusal::syntax(format!(
                "unknown type of principal `{class}`"
            ))),
        }
    }

    /// How this name covers `principal`, if it does.
    pub(crate) fn reach(&self, principal: &Principal<'_>) -> Option<Reach> {
        match self {
            Self::Everyone => Some(Reach::Direct),
            Self::Account(account) => account_reach(account, principal),
            Self::Arn(arn) => arn_reach(arn, principal),
            Self::UniqueId(id) => id_reach(id, principal),
            Self::Service(name) => match principal.kind {
                PrincipalKind::Service(service) if name == "*" || name == service => {
                    Some(Reach::Direct)
                }
                _ => None,
            },
            Self::Federated(name) => match principal.kind {
                PrincipalKind::Federated { provider } if name == provider => Some(Reach::Direct),
                _ => None,
            },
            Self::CanonicalUser(_) => None,
        }
    }

    /// Whether `names`, the values of `NotPrincipal`, except `principal`.
    ///
    /// A principal counts as excepted only if its account, its role and itself
    /// are all listed, as AWS requires them to be.
    pub(crate) fn except(names: &[Self], principal: &Principal<'_>) -> bool {
        let listed = |reach| {
            names
                .iter()
                .any(|name| name.reach(principal) == Some(reach))
        };
        if names.contains(&Self::Everyone) {
            return true;
        }
        match principal.kind {
            PrincipalKind::User => listed(Reach::Account) && listed(Reach::Direct),
            PrincipalKind::Role { .. } | PrincipalKind::FederatedUser { .. } => {
                listed(Reach::Account) && listed(Reach::Role) && listed(Reach::Direct)
            }
            _ => listed(Reach::Direct),
        }
    }
}

fn account_reach(account: &str, principal: &Principal<'_>) -> Option<Reach> {
    if principal.is_outsider() || account != principal.account {
        return None;
    }
    match principal.kind {
        PrincipalKind::Root => Some(Reach::Direct),
        _ => Some(Reach::Account),
    }
}

/// Compares whole ARNs: account and path count, case too.
fn arn_reach(arn: &str, principal: &Principal<'_>) -> Option<Reach> {
    match principal.kind {
        PrincipalKind::User => (arn == principal.arn).then_some(Reach::Direct),
        PrincipalKind::Role { role_arn: behind }
        | PrincipalKind::FederatedUser { user_arn: behind } => {
            if arn == principal.arn {
                Some(Reach::Direct)
            } else {
                (arn == behind).then_some(Reach::Role)
            }
        }
        _ => None,
    }
}

fn id_reach(id: &str, principal: &Principal<'_>) -> Option<Reach> {
    match principal.kind {
        PrincipalKind::User => (id == principal.user_id).then_some(Reach::Direct),
        PrincipalKind::Role { .. } => {
            let (role_id, _) = principal.user_id.split_once(':')?;
            (id == role_id).then_some(Reach::Role)
        }
        PrincipalKind::FederatedUser { .. } => (id == principal.user_id).then_some(Reach::Role),
        _ => None,
    }
}

fn parse_aws(text: &str) -> Option<NamedPrincipal> {
    if text == "*" {
        return Some(NamedPrincipal::Everyone);
    }
    if is_account(text) {
        return Some(NamedPrincipal::Account(text.to_owned()));
    }
    if is_unique_id(text) {
        return Some(NamedPrincipal::UniqueId(text.to_owned()));
    }
    let (service, account, resource) = arn_parts(text)?;
    if service == "iam" && resource == "root" {
        return Some(NamedPrincipal::Account(account.to_owned()));
    }
    let (class, name) = resource.split_once('/')?;
    let known = match service {
        "iam" => ["user", "role"].contains(&class),
        _ => class == "federated-user" || (class == "assumed-role" && name.contains('/')),
    };
    let plain = !name.is_empty() && !name.starts_with('/') && !name.ends_with('/');
    (known && plain).then(|| NamedPrincipal::Arn(text.to_owned()))
}

/// Service, account and resource of an ARN of IAM or STS without wildcards.
fn arn_parts(text: &str) -> Option<(&str, &str, &str)> {
    let mut parts = text.splitn(6, ':');
    let arn = parts.next()? == "arn";
    let partition = parts.next()?;
    let (service, region) = (parts.next()?, parts.next()?);
    let (account, resource) = (parts.next()?, parts.next()?);
    let valid = arn
        && (partition == "aws" || partition.starts_with("aws-"))
        && ["iam", "sts"].contains(&service)
        && region.is_empty()
        && is_account(account)
        && !text.contains(['*', '?', ' ', '"']);
    valid.then_some((service, account, resource))
}

fn is_unique_id(text: &str) -> bool {
    let known = text.starts_with("AIDA") || text.starts_with("AROA");
    known
        && (16..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn is_provider(text: &str) -> bool {
    let provider = text.contains(":saml-provider/") || text.contains(":oidc-provider/");
    is_arn(text) && provider && !text.contains(['*', '?'])
}

/// A dotted lower-case name such as `logs.eu-west-1.amazonaws.com`.
fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    text.contains('.') && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = "arn:aws:iam::111111111111:role/path/app";
    const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/app/s1";

    fn session() -> Principal<'static> {
        Principal {
            arn: SESSION,
            account: "111111111111",
            kind: PrincipalKind::Role { role_arn: ROLE },
            user_id: "AROAEXAMPLE00000000AA:s1",
        }
    }

    fn aws(text: &str) -> NamedPrincipal {
        NamedPrincipal::parse("AWS", text).unwrap()
    }

    #[test]
    fn a_session_is_reached_through_account_role_and_itself() {
        let reach = |text| aws(text).reach(&session());
        assert_eq!(reach("111111111111"), Some(Reach::Account));
        assert_eq!(
            reach("arn:aws:iam::111111111111:root"),
            Some(Reach::Account)
        );
        assert_eq!(reach(ROLE), Some(Reach::Role));
        assert_eq!(reach("AROAEXAMPLE00000000AA"), Some(Reach::Role));
        assert_eq!(reach(SESSION), Some(Reach::Direct));
        assert_eq!(reach("*"), Some(Reach::Direct));
    }

    #[test]
    fn sec_i4_i5_names_compare_whole_and_exactly() {
        for text in [
            "arn:aws:iam::222222222222:role/path/app",
            "arn:aws:iam::111111111111:role/app",
            "arn:aws:iam::111111111111:role/path/App",
            "arn:aws:iam::111111111111:user/path/app",
            "arn:aws:sts::111111111111:assumed-role/app/s2",
            "arn:aws:iam::111111111111:role/path/\u{430}pp",
            "222222222222",
            "AROAEXAMPLE00000000AB",
        ] {
            assert_eq!(aws(text).reach(&session()), None, "{text}");
        }
    }

    #[test]
    fn sec_i5_a_recreated_role_has_another_unique_id() {
        let recreated = Principal {
            user_id: "AROAEXAMPLE00000000ZZ:s1",
            ..session()
        };
        assert_eq!(aws("AROAEXAMPLE00000000AA").reach(&recreated), None);
    }

    #[test]
    fn a_federated_user_is_reached_through_the_id_of_who_began_it() {
        let federated = Principal {
            arn: "arn:aws:sts::111111111111:federated-user/bo",
            kind: PrincipalKind::FederatedUser {
                user_arn: "arn:aws:iam::111111111111:user/alice",
            },
            user_id: "AIDAEXAMPLE00000000AA",
            ..session()
        };
        assert_eq!(
            aws("AIDAEXAMPLE00000000AA").reach(&federated),
            Some(Reach::Role)
        );
        assert_eq!(aws("AIDAEXAMPLE00000000AB").reach(&federated), None);
    }

    #[test]
    fn the_root_user_is_its_account() {
        let kind = PrincipalKind::Root;
        let root = Principal {
            kind,
            arn: "arn:aws:iam::111111111111:root",
            ..session()
        };
        assert_eq!(aws("111111111111").reach(&root), Some(Reach::Direct));
        assert_eq!(aws("222222222222").reach(&root), None);
    }

    #[test]
    fn services_and_providers_are_their_own_kind() {
        let logs = NamedPrincipal::parse("Service", "logs.amazonaws.com").unwrap();
        let kind = PrincipalKind::Service("logs.amazonaws.com");
        let service = Principal {
            arn: "",
            account: "",
            kind,
            user_id: "",
        };
        assert_eq!(logs.reach(&service), Some(Reach::Direct));
        assert_eq!(logs.reach(&session()), None);
        let other = PrincipalKind::Federated {
            provider: "logs.amazonaws.com",
        };
        assert_eq!(
            logs.reach(&Principal {
                kind: other,
                ..service
            }),
            None
        );
        assert_eq!(aws("*").reach(&service), Some(Reach::Direct));
    }

    #[test]
    fn an_exception_needs_account_role_and_session() {
        let account = "arn:aws:iam::111111111111:root";
        let except = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| aws(name)).collect();
            NamedPrincipal::except(&names, &session())
        };
        assert!(except(&[account, ROLE, SESSION]));
        assert!(!except(&[account, ROLE]));
        assert!(!except(&[ROLE, SESSION]));
        assert!(!except(&[account, SESSION]));
        assert!(except(&["*"]));
    }

    #[test]
    fn malformed_principals_are_refused() {
        for text in [
            "",
            "alice",
            "11111111111",
            "arn:aws:iam:TARGET_GROUP_ID:role/ROLENAME",
            "arn:aws:iam::ACCOUNT:root",
            "arn:aws:iam::111111111111:user/*",
            "arn:aws:iam::*:root",
            "arn:aws:iam::111111111111:group/admins",
            "arn:aws:iam::111111111111:user/",
            "arn:aws:iam:us-east-1:111111111111:user/a",
            "arn:aws:s3::111111111111:user/a",
            "arn:aws:sts::111111111111:assumed-role/app",
            " arn:aws:iam::111111111111:root",
        ] {
            let refusal = NamedPrincipal::parse("AWS", text).unwrap_err();
            let expected = Fault::InvalidPrincipal(format!("\"AWS\":\"{text}\""));
            assert_eq!(refusal.fault, expected, "{text}");
        }
        let refusal = NamedPrincipal::parse("Aws", "*").unwrap_err();
        assert_eq!(refusal.fault, Fault::Syntax);
    }

    #[test]
    fn each_type_has_its_form() {
        let canonical = "0123456789abcdef".repeat(4);
        let (short, odd) = (&canonical[1..], canonical.replace('a', "g"));
        let rows: &[(&str, &str, bool)] = &[
            ("Service", "*", true),
            ("Service", "logs.eu-west-1.amazonaws.com", true),
            ("Service", "logs", false),
            ("Service", "Logs.amazonaws.com", false),
            ("Service", "logs..com", false),
            ("Service", "lo_gs.com", false),
            ("Federated", "accounts.google.com", true),
            (
                "Federated",
                "arn:aws:iam::111111111111:saml-provider/corp",
                true,
            ),
            (
                "Federated",
                "arn:aws:iam::111111111111:oidc-provider/idp",
                true,
            ),
            (
                "Federated",
                "arn:aws:iam::111111111111:saml-provider/*",
                false,
            ),
            (
                "Federated",
                "arn:aws:iam::111111111111:oidc-provider/i?",
                false,
            ),
            ("Federated", "arn:aws:iam::111111111111:user/corp", false),
            ("Federated", "x:saml-provider/corp", false),
            ("Federated", "nonsense", false),
            ("CanonicalUser", &canonical, true),
            ("CanonicalUser", short, false),
            ("CanonicalUser", &odd, false),
            ("AWS", "AIDAEXAMPLE00000", true),
            ("AWS", "AIDAEXAMPLE0000", false),
            ("AWS", "AKIAEXAMPLE00000", false),
            ("AWS", "AIDAExample00000", false),
            ("AWS", "AIDAEXAMPLE0000-", false),
        ];
        for (class, text, valid) in rows {
            let fault = NamedPrincipal::parse(class, text)
                .err()
                .map(|refusal| refusal.fault);
            let invalid = matches!(fault, Some(Fault::InvalidPrincipal(_)));
            assert_eq!((fault.is_none(), invalid), (*valid, !valid), "{text}");
        }
    }
}
