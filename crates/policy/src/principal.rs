//! Who asks.

/// The principal of a request, as the server established it.
#[derive(Debug, Clone, Copy)]
pub struct Principal<'a> {
    /// The ARN; for a role session the `assumed-role` ARN. Empty for
    /// anonymous and federated callers.
    pub arn: &'a str,
    /// Twelve digits; empty for services, anonymous and federated callers.
    pub account: &'a str,
    /// What it is.
    pub kind: PrincipalKind<'a>,
    /// The unique id: `AIDA..` of a user, `AROA..:session` of a role session,
    /// the account id of a root user; of a federated user, the id of who
    /// started the session. Empty where there is none.
    pub user_id: &'a str,
}

/// What a principal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalKind<'a> {
    /// The root user of the account.
    Root,
    /// An IAM user.
    User,
    /// A session of a role.
    Role {
        /// The role's ARN with its path, `arn:aws:iam::account:role/path/name`.
        role_arn: &'a str,
    },
    /// A session of GetFederationToken.
    FederatedUser {
        /// The IAM user that started it.
        user_arn: &'a str,
    },
    /// Someone whom an identity provider vouches for, before a role is assumed.
    Federated {
        /// The provider's ARN, or its domain for the built-in ones.
        provider: &'a str,
    },
    /// An AWS service acting for itself, `logs.amazonaws.com`.
    Service(&'a str),
    /// A caller without credentials.
    Anonymous,
}

impl Principal<'_> {
    /// SCPs and RCPs do not bind service-linked roles. Their path begins so; a path may also hold
    /// colons, so that of another role can say the same further on.
    pub(crate) fn is_service_linked(&self) -> bool {
        matches!(self.kind, PrincipalKind::Role { role_arn }
            if role_arn
                .splitn(6, ':')
                .nth(5)
                .is_some_and(|resource| resource.starts_with("role/aws-service-role/")))
    }

    /// Whether this is the root user of an account, or a session of it.
    pub(crate) fn is_root(&self) -> bool {
        self.kind == PrincipalKind::Root
    }

    /// Whether a root user began the session: only its session policies limit it then.
    pub(crate) fn is_federated_by_root(&self) -> bool {
        matches!(self.kind, PrincipalKind::FederatedUser { user_arn } if user_arn.ends_with(":root"))
    }

    /// Whether the principal belongs to no account and thus has no identity
    /// policies.
    pub(crate) fn is_outsider(&self) -> bool {
        matches!(
            self.kind,
            PrincipalKind::Federated { .. } | PrincipalKind::Service(_) | PrincipalKind::Anonymous
        )
    }
}
