//! Authorization as proof: a handler reaches the contents of a resource only through
//! [`Authorized`], and only a decision makes one.

use std::ops::Deref;

use policy::{Named, Outcome, PrincipalKind, Request, Sources};

use crate::caller::{Caller, CallerKind};
use crate::conditions::{ConditionKeys, NoKeys, RequestConditions};
use crate::ctx::Ctx;
use crate::fault::{Result, access_denied};
use crate::resource::Resource;

/// A resource that the caller may perform one action on. The functions that open, sign, read or
/// change it exist only behind this type.
pub struct Authorized<R>(R);

impl<R> Authorized<R> {
    /// The resource itself.
    pub fn into_inner(self) -> R {
        self.0
    }
}

impl<R> Deref for Authorized<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.0
    }
}

/// A decision in the making.
pub struct Access<'a, R> {
    ctx: &'a Ctx,
    action: &'static str,
    resource: R,
    keys: &'a dyn ConditionKeys,
    request_tags: &'a [(String, String)],
    tag_keys: &'a [String],
    replaced_policy: Option<&'a policy::Policy>,
}

impl<'a, R: Resource> Access<'a, R> {
    pub(crate) fn new(ctx: &'a Ctx, action: &'static str, resource: R) -> Self {
        Self {
            ctx,
            action,
            resource,
            keys: &NoKeys,
            request_tags: &[],
            tag_keys: &[],
            replaced_policy: None,
        }
    }

    /// Adds the condition keys of the service.
    #[must_use]
    pub fn keys(mut self, keys: &'a dyn ConditionKeys) -> Self {
        self.keys = keys;
        self
    }

    /// Adds the tags of the request, for `aws:RequestTag/..` and `aws:TagKeys`.
    #[must_use]
    pub fn request_tags(mut self, tags: &'a [(String, String)]) -> Self {
        self.request_tags = tags;
        self
    }

    /// Adds keys of tags that the request names without values, for `aws:TagKeys`.
    #[must_use]
    pub fn tag_keys(mut self, keys: &'a [String]) -> Self {
        self.tag_keys = keys;
        self
    }

    /// Decides as if the resource carried `policy` instead of its own: for the check that a new
    /// key policy does not lock its author out.
    #[must_use]
    pub fn under_policy(mut self, policy: &'a policy::Policy) -> Self {
        self.replaced_policy = Some(policy);
        self
    }

    /// Decides. The error is AWS's `AccessDenied` with the reason.
    pub async fn decide(self) -> Result<Authorized<R>> {
        let ctx = self.ctx;
        self.count();
        ctx.involve(&self.resource);
        if !ctx.enforce {
            return Ok(Authorized(self.resource));
        }
        match self.refusal().await? {
            None => Ok(Authorized(self.resource)),
            Some(because) => {
                let shown = self.resource.shown();
                Err(access_denied(
                    &ctx.caller.arn,
                    self.action,
                    &shown,
                    &because,
                ))
            }
        }
    }

    /// Whether the call would be allowed; for checks whose failure is another error.
    pub async fn would_allow(self) -> Result<bool> {
        self.count();
        Ok(!self.ctx.enforce || self.refusal().await?.is_none())
    }

    fn count(&self) {
        self.ctx.count_decision();
        if let Some(witness) = self.ctx.house.witness.get() {
            witness.asks(self.action, &self.resource.arn());
        }
    }

    /// Why the call is refused, or `None` if it is allowed.
    async fn refusal(&self) -> Result<Option<String>> {
        let ctx = self.ctx;
        let held = {
            let mut txn = ctx.txn().await;
            ctx.house.policies.identity(&mut txn, &ctx.caller).await?
        };
        let identity: Vec<Named<'_>> = held
            .iter()
            .map(|held| Named {
                name: &held.name,
                policy: &held.policy,
            })
            .collect();
        let attached = self.resource.policy().map(|attached| {
            let policy = self.replaced_policy.unwrap_or(attached.policy);
            (
                Named {
                    name: attached.name,
                    policy,
                },
                attached.rule,
            )
        });
        let conditions = RequestConditions {
            ctx,
            resource: &self.resource,
            keys: self.keys,
            request_tags: self.request_tags,
            tag_keys: self.tag_keys,
        };
        let arn = self.resource.arn();
        let request = Request {
            principal: principal(&ctx.caller),
            action: self.action,
            resource: &arn,
            resource_account: self.resource.account(),
            conditions: &conditions,
        };
        let sources = Sources {
            identity: &identity,
            resource: attached,
            ..Sources::default()
        };
        let decision = policy::decide(&request, &sources);
        match decision.outcome {
            Outcome::Allow => Ok(None),
            Outcome::ExplicitDeny | Outcome::ImplicitDeny => {
                Ok(Some(decision.because(self.action)))
            }
        }
    }
}

fn principal(caller: &Caller) -> policy::Principal<'_> {
    policy::Principal {
        arn: &caller.arn,
        account: &caller.account,
        user_id: &caller.user_id,
        kind: match caller.kind {
            CallerKind::Root => PrincipalKind::Root,
            CallerKind::User { .. } => PrincipalKind::User,
            CallerKind::Anonymous => PrincipalKind::Anonymous,
        },
    }
}
