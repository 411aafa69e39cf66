//! Who calls.

/// An authenticated caller, or the anonymous one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account, 12 digits; empty for the anonymous caller.
    pub account: String,
    /// The principal's ARN, as policies and `GetCallerIdentity` show it.
    pub arn: String,
    /// The unique id: `AIDA..` of a user, the account number of a root user.
    pub user_id: String,
    /// What kind of principal.
    pub kind: CallerKind,
    /// The access key that signed; empty for the anonymous caller.
    pub access_key_id: String,
}

/// The kinds of principals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallerKind {
    /// The account's root user.
    Root,
    /// An IAM user, with its friendly name.
    User {
        /// The name without the path.
        name: String,
    },
    /// Nobody in particular.
    Anonymous,
}

impl Caller {
    /// The root user of `account`.
    pub fn root(account: &str, access_key_id: &str) -> Self {
        Self {
            account: account.to_owned(),
            arn: format!("arn:aws:iam::{account}:root"),
            user_id: account.to_owned(),
            kind: CallerKind::Root,
            access_key_id: access_key_id.to_owned(),
        }
    }

    /// The caller that shows no credentials.
    pub fn anonymous() -> Self {
        Self {
            account: String::new(),
            arn: "*".to_owned(),
            user_id: "anonymous".to_owned(),
            kind: CallerKind::Anonymous,
            access_key_id: String::new(),
        }
    }

    /// The friendly name of a user.
    pub fn user_name(&self) -> Option<&str> {
        match &self.kind {
            CallerKind::User { name } => Some(name),
            CallerKind::Root | CallerKind::Anonymous => None,
        }
    }

    /// The type as CloudTrail's `userIdentity` writes it.
    pub fn identity_type(&self) -> &'static str {
        match self.kind {
            CallerKind::Root => "Root",
            CallerKind::User { .. } => "IAMUser",
            CallerKind::Anonymous => "AWSAccount",
        }
    }

    /// The value of `aws:PrincipalType`.
    pub fn principal_type(&self) -> &'static str {
        match self.kind {
            CallerKind::Root => "Account",
            CallerKind::User { .. } => "User",
            CallerKind::Anonymous => "Anonymous",
        }
    }
}
