//! A role that somebody asks to assume: whether it may, and the session that begins then.

use std::borrow::Cow;
use std::sync::Arc;

use api::sts::AssumedRoleUser;
use platform::{
    Authorized, Caller, CallerKind, ConditionKeys, Ctx, Error, Resource, ResourcePolicy, Result,
    Role, Session, access_denied, validation,
};
use policy::{Principal, ResourceRule, Values};
use wire::{Common, Fault};

use crate::issuing;
use crate::session_tags::SessionTags;

/// The default length of a session, and the longest of one that another session begins, in
/// seconds.
const ONE_HOUR: i32 = 3600;

/// A role by its ARN, before it is known whether the caller may assume it.
#[derive(Clone)]
pub(crate) struct Target {
    arn: String,
    account: String,
    found: Option<Arc<Role>>,
}

impl Target {
    /// The role of this ARN. Whatever cannot be one is a role that is not there.
    pub(crate) async fn find(ctx: &Ctx, arn: String) -> Result<Self> {
        let (directory, mut txn) = ctx.directory().await;
        let found = directory.role(&mut txn, &arn).await?;
        let account = arn.split(':').nth(4).unwrap_or_default().to_owned();
        Ok(Self {
            arn,
            account,
            found,
        })
    }

    /// The account that the ARN names.
    pub(crate) fn named_account(&self) -> &str {
        &self.account
    }
}

impl Resource for Target {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn audit_type(&self) -> Option<&'static str> {
        Some("AWS::IAM::Role")
    }

    fn policy(&self) -> Option<ResourcePolicy<'_>> {
        let role = self.found.as_ref()?;
        Some(ResourcePolicy {
            name: "trust policy",
            policy: &role.trust,
            rule: ResourceRule::Trust,
        })
    }

    fn tag(&self, key: &str) -> Option<&str> {
        let mut tags = self.found.as_ref()?.tags.iter();
        let found = tags.find(|(name, _)| name.to_lowercase() == key)?;
        Some(&found.1)
    }
}

/// What a request says beside the role.
pub(crate) struct Asked<'a> {
    /// `sts:AssumeRole` or its like for identity providers.
    pub(crate) action: &'static str,
    /// `RoleSessionName`.
    pub(crate) session_name: &'a str,
    /// `ExternalId`.
    pub(crate) external_id: Option<&'a str>,
    /// The source identity of the new session.
    pub(crate) source_identity: Option<&'a str>,
    /// The tags of the new session.
    pub(crate) tags: &'a SessionTags,
    /// `TransitiveTagKeys`.
    pub(crate) transitive: &'a [String],
    /// Whether the call proves a second factor.
    pub(crate) second_factor: bool,
    /// Condition keys of an identity provider, in lower case.
    pub(crate) provider_keys: &'a [(String, Vec<String>)],
    /// Who an identity provider vouches for; none for the caller.
    pub(crate) principal: Option<Principal<'a>>,
}

/// Decides whether the role may be assumed as asked. A role that is not there refuses in the same
/// words as one whose trust policy does.
pub(crate) async fn permit(
    ctx: &Ctx,
    target: Target,
    asked: &Asked<'_>,
) -> Result<Authorized<Target>> {
    let keys = RoleKeys {
        role: target.found.clone(),
        asked,
    };
    let decide = async |action| {
        let access = ctx.authorize(action, target.clone()).keys(&keys);
        let access = access
            .request_tags(&asked.tags.passed)
            .second_factor(asked.second_factor);
        let access = match asked.principal {
            Some(principal) => access.acting_as(principal),
            None => access,
        };
        let permitted = access.decide_without_reason().await?;
        match permitted.found {
            Some(_) => Ok(permitted),
            None => Err(refusal(ctx, asked, &target.arn)),
        }
    };
    let permitted = decide(asked.action).await?;
    if !asked.tags.all.is_empty() {
        decide("sts:TagSession").await?;
    }
    if asked.source_identity.is_some() {
        decide("sts:SetSourceIdentity").await?;
    }
    Ok(permitted)
}

fn refusal(ctx: &Ctx, asked: &Asked<'_>, arn: &str) -> Error {
    let action = asked.action;
    match asked.principal {
        None => access_denied(&ctx.caller.arn, action, arn, ""),
        Some(_) => not_vouched_for(action),
    }
}

/// The answer to whoever an identity provider does not vouch for as the role wants it.
pub(crate) fn not_vouched_for(action: &str) -> Error {
    let message = format!("Not authorized to perform {action}");
    Error::Fault(Fault::common(Common::AccessDenied, message))
}

/// The condition keys of STS ("Actions, resources, and condition keys for AWS STS").
struct RoleKeys<'a> {
    role: Option<Arc<Role>>,
    asked: &'a Asked<'a>,
}

impl ConditionKeys for RoleKeys<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let asked = self.asked;
        if let Some(name) = key.strip_prefix("iam:resourcetag/") {
            let mut tags = self.role.as_ref()?.tags.iter();
            let found = tags.find(|(key, _)| key.to_lowercase() == name)?;
            return Some(Values::from(found.1.as_str()));
        }
        match key {
            "sts:externalid" => asked.external_id.map(Values::from),
            "sts:rolesessionname" => Some(Values::from(asked.session_name)),
            "sts:sourceidentity" => asked.source_identity.map(Values::from),
            "sts:transitivetagkeys" if asked.transitive.is_empty() => None,
            "sts:transitivetagkeys" => Some(Values::from(asked.transitive)),
            _ => {
                let mut provided = asked.provider_keys.iter();
                let (_, values) = provided.find(|(known, _)| known == key)?;
                Some(Values::from(values.as_slice()))
            }
        }
    }
}

/// The role itself.
pub(crate) fn require(permitted: Authorized<Target>) -> Result<Arc<Role>> {
    let found = permitted.into_inner().found;
    found.ok_or_else(|| Error::internal("a role that is not there was permitted"))
}

/// The length of a session, in seconds. A session that begins another hands on one hour at most.
pub(crate) fn length(role: &Role, asked: Option<i32>, chained: bool) -> Result<i32> {
    let Some(seconds) = asked else {
        return Ok(ONE_HOUR);
    };
    if chained && seconds > ONE_HOUR {
        return Err(validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        ));
    }
    if seconds > role.max_session_seconds {
        return Err(validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(seconds)
}

/// The caller that a session of `role` is. `session` needs no times.
pub(crate) fn caller(
    ctx: &Ctx,
    role: &Role,
    session_name: &str,
    seconds: i32,
    session: Session,
) -> Caller {
    let (account, name) = (&role.account, &role.name);
    Caller {
        account: account.clone(),
        arn: format!("arn:aws:sts::{account}:assumed-role/{name}/{session_name}"),
        user_id: format!("{}:{session_name}", role.role_id),
        kind: CallerKind::Role {
            name: name.clone(),
            role_arn: role.arn.clone(),
            session_name: session_name.to_owned(),
        },
        access_key_id: String::new(),
        session: Some(Arc::new(Session {
            issued_millis: ctx.now.whole_secs().millis,
            expires_millis: issuing::end(ctx.now, seconds),
            ..session
        })),
    }
}

/// `AssumedRoleUser` of an answer.
pub(crate) fn assumed(caller: &Caller) -> AssumedRoleUser {
    AssumedRoleUser {
        assumed_role_id: Some(caller.user_id.clone()),
        arn: Some(caller.arn.clone()),
    }
}
