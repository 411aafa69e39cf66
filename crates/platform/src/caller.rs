//! Who calls.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::session::Session;

/// The account of what AWS itself owns, such as AWS owned keys. No caller is ever of it.
pub const AWS_ACCOUNT: &str = "000999999999";

/// Whether somebody may have the account `id`: it has 12 digits and is not [AWS's own](AWS_ACCOUNT).
pub fn is_account(id: &str) -> bool {
    id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()) && id != AWS_ACCOUNT
}

/// An authenticated caller, or the anonymous one.
#[derive(Clone)]
pub struct Caller {
    /// The account, 12 digits; empty for the anonymous caller.
    pub account: String,
    /// The principal's ARN, as policies and `GetCallerIdentity` show it.
    pub arn: String,
    /// The unique id: `AIDA..` of a user, `AROA..:session` of a role's session, the account number
    /// of a root user.
    pub user_id: String,
    /// What kind of principal.
    pub kind: CallerKind,
    /// The access key that signed; empty for the anonymous caller.
    pub access_key_id: String,
    /// What temporary credentials carry; none for an access key that an owner keeps.
    pub session: Option<Arc<Session>>,
}

/// The kinds of principals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallerKind {
    /// The account's root user.
    Root,
    /// An IAM user.
    User {
        /// The name without the path.
        name: String,
    },
    /// Nobody in particular.
    Anonymous,
    /// A session of a role.
    Role {
        /// The role's name without the path.
        name: String,
        /// The role's ARN, with the path.
        role_arn: String,
        /// `RoleSessionName`.
        session_name: String,
    },
    /// A session that `sts:GetFederationToken` began.
    FederatedUser {
        /// The name that the caller of `GetFederationToken` chose.
        name: String,
        /// The ARN of who called it: an IAM user, or the root user.
        founder_arn: String,
        /// The unique id of who called it.
        founder_id: String,
    },
    /// An AWS service that acts for itself.
    Service {
        /// The service principal: `logs.amazonaws.com`.
        name: String,
    },
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
            session: None,
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
            session: None,
        }
    }

    /// The service principal `name`, which has no account and no credentials.
    pub(crate) fn service(name: &str) -> Self {
        Self {
            account: String::new(),
            arn: name.to_owned(),
            user_id: String::new(),
            kind: CallerKind::Service {
                name: name.to_owned(),
            },
            access_key_id: String::new(),
            session: None,
        }
    }

    /// The name of a service principal.
    pub fn service_name(&self) -> Option<&str> {
        match &self.kind {
            CallerKind::Service { name } => Some(name),
            _ => None,
        }
    }

    /// The friendly name of a user.
    pub fn user_name(&self) -> Option<&str> {
        match &self.kind {
            CallerKind::User { name } => Some(name),
            _ => None,
        }
    }

    /// The type as CloudTrail's `userIdentity` writes it.
    pub fn identity_type(&self) -> &'static str {
        match self.kind {
            CallerKind::Root => "Root",
            CallerKind::User { .. } => "IAMUser",
            CallerKind::Role { .. } => "AssumedRole",
            CallerKind::FederatedUser { .. } => "FederatedUser",
            CallerKind::Anonymous => "AWSAccount",
            CallerKind::Service { .. } => "AWSService",
        }
    }

    /// The value of `aws:PrincipalType`.
    pub fn principal_type(&self) -> &'static str {
        match self.kind {
            CallerKind::Root => "Account",
            CallerKind::User { .. } => "User",
            CallerKind::Role { .. } => "AssumedRole",
            CallerKind::FederatedUser { .. } => "FederatedUser",
            CallerKind::Anonymous => "Anonymous",
            CallerKind::Service { .. } => "Service",
        }
    }

    /// The value of `aws:PrincipalArn`: for a session of a role, the role itself.
    pub fn principal_arn(&self) -> &str {
        match &self.kind {
            CallerKind::Role { role_arn, .. } => role_arn,
            _ => &self.arn,
        }
    }

    /// The unique id of the user or role behind the call: `AROA..` of a role's session.
    pub fn unique_id(&self) -> &str {
        match &self.kind {
            CallerKind::Role { .. } => self.user_id.split(':').next().unwrap_or_default(),
            CallerKind::FederatedUser { founder_id, .. } => founder_id,
            _ => &self.user_id,
        }
    }

    /// The caller as the policy engine sees it.
    pub fn principal(&self) -> policy::Principal<'_> {
        use policy::PrincipalKind;
        policy::Principal {
            arn: match &self.kind {
                CallerKind::Service { .. } => "",
                _ => &self.arn,
            },
            account: &self.account,
            user_id: match &self.kind {
                CallerKind::FederatedUser { founder_id, .. } => founder_id,
                _ => &self.user_id,
            },
            kind: match &self.kind {
                CallerKind::Root => PrincipalKind::Root,
                CallerKind::User { .. } => PrincipalKind::User,
                CallerKind::Role { role_arn, .. } => PrincipalKind::Role { role_arn },
                CallerKind::FederatedUser { founder_arn, .. } => PrincipalKind::FederatedUser {
                    user_arn: founder_arn,
                },
                CallerKind::Anonymous => PrincipalKind::Anonymous,
                CallerKind::Service { name } => PrincipalKind::Service(name),
            },
        }
    }
}
