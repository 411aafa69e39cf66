//! The principals of grants: whom a grant names, and by which names a caller is known to grants.

use api::kms::InvalidArnException;
use platform::{Caller, CallerKind, Ctx, Result, UnknownPrincipal};
use serde::{Deserialize, Serialize};

/// A grantee or retiring principal, as a grant keeps it. New ones are added at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum GrantPrincipal {
    /// A user or role by unique id, an account by number, a session or somebody elsewhere by ARN.
    Identity(String),
    /// An AWS service, for example `ec2.amazonaws.com`.
    Service(String),
}

impl GrantPrincipal {
    /// Finds out whom the ARN of a request names.
    pub(crate) async fn of_arn(ctx: &Ctx, arn: &str) -> Result<Self> {
        if has_path(arn) {
            return Err(InvalidArnException::new(format!("ARN is not valid: {arn}")).into());
        }
        match ctx.bind_principal(arn).await? {
            Ok(kept) => Ok(Self::Identity(kept)),
            Err(UnknownPrincipal(_)) => {
                let text = format!("ARN does not refer to a valid principal: {arn}");
                Err(InvalidArnException::new(text).into())
            }
        }
    }

    /// Whom the text of a filter names: perhaps somebody who is gone, under the unique id that
    /// lists show.
    pub(crate) async fn of_filter(ctx: &Ctx, text: &str) -> Result<Self> {
        let bound = ctx.bind_principal(text).await?;
        Ok(Self::Identity(bound.unwrap_or_else(|unknown| unknown.0)))
    }

    /// The name in keys of records. No service is called like an identity.
    pub(crate) fn kept(&self) -> &str {
        match self {
            Self::Identity(kept) | Self::Service(kept) => kept,
        }
    }

    /// The ARN, if it is an identity.
    pub(crate) async fn shown(&self, ctx: &Ctx) -> Result<Option<String>> {
        match self {
            Self::Identity(kept) => ctx.show_principal(kept).await.map(Some),
            Self::Service(_) => Ok(None),
        }
    }

    /// The service, if it is one.
    pub(crate) fn service(&self) -> Option<&str> {
        match self {
            Self::Identity(_) => None,
            Self::Service(name) => Some(name),
        }
    }

    /// How a grant to `self` reaches `caller`.
    pub(crate) fn reach(&self, caller: &Caller) -> Option<Reach> {
        let kept = match self {
            Self::Identity(kept) => kept,
            Self::Service(name) => {
                let is_caller = caller.service_name() == Some(name);
                return is_caller.then_some(Reach::Itself);
            }
        };
        if *kept == caller.account {
            return Some(Reach::Account);
        }
        names(caller)
            .contains(&kept.as_str())
            .then_some(Reach::Itself)
    }
}

/// Whether an ARN is one of a session and names its role with a path, as no such ARN does.
fn has_path(arn: &str) -> bool {
    let session = arn.split_once(":assumed-role/");
    session.is_some_and(|(_, names)| names.matches('/').count() > 1)
}

/// How a principal of a grant covers a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// It names the caller, or the user or role behind its session.
    Itself,
    /// It names the caller's account, which says who in it may use the grant.
    Account,
}

/// The names by which a grant may name a caller, its account's aside.
pub(crate) fn names(caller: &Caller) -> Vec<&str> {
    let behind = match &caller.kind {
        CallerKind::Root | CallerKind::Anonymous | CallerKind::Service { .. } => {
            return Vec::new();
        }
        CallerKind::User { .. } => None,
        CallerKind::Role { role_arn, .. } => Some(role_arn),
        CallerKind::FederatedUser { founder_arn, .. } => Some(founder_arn),
    };
    let mut names = vec![caller.unique_id(), caller.arn.as_str()];
    names.extend(behind.map(String::as_str));
    // Whoever the root user vouches for is not the account.
    names.retain(|name| *name != caller.account && !name.ends_with(":root"));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "111122223333";

    fn caller(user_id: &str, arn: &str, kind: CallerKind) -> Caller {
        Caller {
            user_id: user_id.to_owned(),
            arn: arn.to_owned(),
            kind,
            ..Caller::root(ACCOUNT, "AKIA")
        }
    }

    fn reach(kept: &str, caller: &Caller) -> Option<Reach> {
        GrantPrincipal::Identity(kept.to_owned()).reach(caller)
    }

    #[test]
    fn a_session_is_reached_through_its_role_and_nobody_through_another_account() {
        let role_arn = "arn:aws:iam::111122223333:role/a/r";
        let session_arn = "arn:aws:sts::111122223333:assumed-role/r/s";
        let kind = CallerKind::Role {
            name: "r".to_owned(),
            role_arn: role_arn.to_owned(),
            session_name: "s".to_owned(),
        };
        let session = caller("AROAEXAMPLE:s", session_arn, kind);
        for name in ["AROAEXAMPLE", role_arn, session_arn] {
            assert_eq!(reach(name, &session), Some(Reach::Itself), "{name}");
        }
        assert_eq!(reach(ACCOUNT, &session), Some(Reach::Account));
        for name in ["AROAEXAMPLE:s", "AROAOTHER", "444455556666", "", "*"] {
            assert_eq!(reach(name, &session), None, "{name}");
        }
        let service = GrantPrincipal::Service(session_arn.to_owned());
        assert_eq!(service.reach(&session), None);
    }

    #[test]
    fn whoever_the_root_user_vouches_for_is_not_the_account_itself() {
        let kind = CallerKind::FederatedUser {
            name: "f".to_owned(),
            founder_arn: format!("arn:aws:iam::{ACCOUNT}:root"),
            founder_id: ACCOUNT.to_owned(),
        };
        let arn = "arn:aws:sts::111122223333:federated-user/f";
        let federated = caller("111122223333:f", arn, kind);
        assert_eq!(names(&federated), [arn]);
        assert_eq!(reach(ACCOUNT, &federated), Some(Reach::Account));
        assert!(names(&Caller::root(ACCOUNT, "AKIA")).is_empty());
        assert!(reach("", &Caller::anonymous()).is_none_or(|reach| reach == Reach::Account));
    }
}
