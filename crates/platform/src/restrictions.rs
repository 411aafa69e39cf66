//! What temporary credentials can never be used for, whatever policies say: otherwise a session
//! could mint another one that outlives it or shakes off its limits.
//!
//! Source: "Permissions" of GetSessionToken, GetFederationToken and AssumeRole (STS API reference)
//! and "Compare AWS STS credentials" (IAM user guide).

use wire::{Common, Fault};

use crate::caller::{Caller, CallerKind};
use crate::session::Session;

/// Where temporary credentials come from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// `GetSessionToken`, with or without a second factor.
    SessionToken { second_factor: bool },
    /// `GetFederationToken`.
    FederationToken,
    /// `AssumeRole` and the like.
    Role,
    /// `AssumeRoot`.
    Root,
}

/// Whether `caller` may call the operation at all.
pub(crate) fn check(caller: &Caller, service: &str, operation: &str) -> Result<(), Fault> {
    let Some(origin) = caller.session.as_deref().and_then(|it| origin(caller, it)) else {
        return Ok(());
    };
    match service {
        "iam" if !reaches_iam(origin) => Err(Fault::common(
            Common::InvalidClientTokenId,
            "The security token included in the request is invalid",
        )),
        "sts" if !reaches_sts(origin, operation) => Err(Fault::common(
            Common::AccessDenied,
            format!("Cannot call {operation} with session credentials"),
        )),
        _ => Ok(()),
    }
}

fn origin(caller: &Caller, session: &Session) -> Option<Origin> {
    match caller.kind {
        CallerKind::Root if session.policies.is_some() => Some(Origin::Root),
        CallerKind::Root | CallerKind::User { .. } => Some(Origin::SessionToken {
            second_factor: session.mfa_millis.is_some(),
        }),
        CallerKind::FederatedUser { .. } => Some(Origin::FederationToken),
        CallerKind::Role { .. } => Some(Origin::Role),
        CallerKind::Anonymous | CallerKind::Service { .. } => None,
    }
}

fn reaches_iam(origin: Origin) -> bool {
    match origin {
        Origin::SessionToken { second_factor } => second_factor,
        Origin::FederationToken => false,
        Origin::Role | Origin::Root => true,
    }
}

fn reaches_sts(origin: Origin, operation: &str) -> bool {
    let issues_for_users = ["GetFederationToken", "GetSessionToken"].contains(&operation);
    match origin {
        _ if operation == "GetCallerIdentity" => true,
        Origin::SessionToken { .. } => operation == "AssumeRole",
        Origin::FederationToken => false,
        Origin::Role | Origin::Root => !issues_for_users,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::session::SessionPolicies;

    fn caller(kind: CallerKind, mfa_millis: Option<i64>, limited: bool) -> Caller {
        Caller {
            kind,
            session: Some(Arc::new(Session {
                mfa_millis,
                policies: limited.then(SessionPolicies::default),
                ..Session::default()
            })),
            ..Caller::root("111122223333", "ASIA")
        }
    }

    #[test]
    fn sec_s7_no_session_reaches_what_mints_credentials_beyond_its_kind() {
        let user = || CallerKind::User {
            name: "a".to_owned(),
        };
        let role = CallerKind::Role {
            name: "r".to_owned(),
            role_arn: String::new(),
            session_name: String::new(),
        };
        let federated = CallerKind::FederatedUser {
            name: "f".to_owned(),
            founder_arn: String::new(),
            founder_id: String::new(),
        };
        let rows = [
            (caller(user(), None, false), false, &["AssumeRole"][..]),
            (caller(user(), Some(1), false), true, &["AssumeRole"]),
            (
                caller(CallerKind::Root, None, false),
                false,
                &["AssumeRole"],
            ),
            (
                caller(CallerKind::Root, Some(1), false),
                true,
                &["AssumeRole"],
            ),
            (
                caller(CallerKind::Root, None, true),
                true,
                &["AssumeRole", "AssumeRoot"],
            ),
            (caller(federated, Some(1), true), false, &[]),
            (
                caller(role, None, false),
                true,
                &["AssumeRole", "AssumeRoot"],
            ),
        ];
        for (index, (caller, iam, sts)) in rows.iter().enumerate() {
            assert_eq!(check(caller, "iam", "GetUser").is_ok(), *iam, "{index}");
            assert!(check(caller, "kms", "Decrypt").is_ok());
            assert!(check(caller, "sts", "GetCallerIdentity").is_ok());
            let all = [
                "AssumeRole",
                "AssumeRoot",
                "GetFederationToken",
                "GetSessionToken",
            ];
            for operation in all {
                let may = check(caller, "sts", operation).is_ok();
                assert_eq!(may, sts.contains(&operation), "{index} {operation}");
            }
        }
    }

    #[test]
    fn keys_that_an_owner_keeps_reach_everything() {
        let root = Caller::root("111122223333", "AKIA");
        assert!(check(&root, "sts", "GetSessionToken").is_ok());
        assert!(check(&root, "iam", "GetUser").is_ok());
    }
}
