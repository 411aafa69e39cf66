//! Authorization as proof: a handler reaches the contents of a resource only through
//! [`Authorized`], and only a decision makes one.

use std::ops::Deref;
use std::sync::Arc;

use policy::{
    Conditions, Decision, GrantOutcome, Layer, Named, Outcome, Principal, Reason, Request, Sources,
};
use wire::{Common, Fault};

use crate::authorization_message::{self, Refused};
use crate::conditions::{ConditionKeys, NoKeys, RequestConditions};
use crate::ctx::Ctx;
use crate::fault::{Error, Result, access_denied};
use crate::ports::{Held, Membership, NamedPolicy, PortFuture};
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

impl<R: Resource> Authorized<R> {
    /// The decision, about the same resource as it was read again. Fails where it is another one.
    pub fn renewed(self, resource: R) -> Result<Self> {
        if self.0.arn() != resource.arn() {
            return Err(Error::internal("a decision is about one resource only"));
        }
        Ok(Self(resource))
    }
}

impl<R> Deref for Authorized<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.0
    }
}

/// What may allow a call beside policies: the grants of KMS.
pub trait Grants: Send + Sync {
    /// How a grant allows the call, if one does. It is asked only where no policy allows the call
    /// and none denies it, so that whoever is allowed by policy does not pay for grants.
    fn outcome<'a>(&'a self, ctx: &'a Ctx) -> PortFuture<'a, Option<GrantOutcome>>;
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
    acting_as: Option<Principal<'a>>,
    given: Option<Arc<NamedPolicy>>,
    second_factor: bool,
    grants: Option<&'a dyn Grants>,
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
            acting_as: None,
            given: None,
            second_factor: false,
            grants: None,
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

    /// Decides about `principal` instead of the caller: for a caller whom an identity provider
    /// vouches for and who has no policies of its own.
    #[must_use]
    pub fn acting_as(mut self, principal: Principal<'a>) -> Self {
        self.acting_as = Some(principal);
        self
    }

    /// Decides as if the caller's user or role also had `policy`: for permissions that the account
    /// gives to all of its users.
    #[must_use]
    pub fn given(mut self, policy: Option<Arc<NamedPolicy>>) -> Self {
        self.given = policy;
        self
    }

    /// Decides as for a caller that has just proved itself with a second factor.
    #[must_use]
    pub fn second_factor(mut self, proved: bool) -> Self {
        self.second_factor = proved;
        self
    }

    /// Adds what may allow the call where no policy does.
    #[must_use]
    pub fn grants(mut self, grants: &'a dyn Grants) -> Self {
        self.grants = Some(grants);
        self
    }

    /// Decides. The error is AWS's `AccessDenied` with the reason.
    #[expect(
        clippy::manual_async_fn,
        reason = "an async fn has room for its arguments twice, and every call decides"
    )]
    pub fn decide(self) -> impl Future<Output = Result<Authorized<R>>> + Send {
        async move {
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
                    let caller = &ctx.caller.arn;
                    Err(access_denied(caller, self.action, &shown, &because))
                }
            }
        }
    }

    /// Decides. The error names no reason: where a role's trust policy decides, AWS says nothing
    /// that tells a role which refuses from one that is not there.
    pub async fn decide_without_reason(self) -> Result<Authorized<R>> {
        let (caller, action) = (Arc::clone(&self.ctx.caller), self.action);
        let by_provider = self.acting_as.is_some();
        let ctx = self.ctx;
        self.count();
        ctx.involve(&self.resource);
        if !ctx.enforce || self.refusal().await?.is_none() {
            return Ok(Authorized(self.resource));
        }
        if by_provider {
            let message = format!("Not authorized to perform {action}");
            return Err(Error::Fault(Fault::common(Common::AccessDenied, message)));
        }
        let shown = self.resource.shown();
        Err(access_denied(&caller.arn, action, &shown, ""))
    }

    /// Decides. A refusal comes as a message that says why and that `DecodeAuthorizationMessage`
    /// alone opens, for operations whose errors carry one.
    pub async fn decide_or_encode(self) -> Result<Result<Authorized<R>, String>> {
        let ctx = self.ctx;
        self.count();
        ctx.involve(&self.resource);
        if !ctx.enforce {
            return Ok(Ok(Authorized(self.resource)));
        }
        let bound = self.bound().await?;
        let (action, resource) = (self.action, self.resource.arn());
        let document = self.weigh(&bound, |decision, conditions| {
            let refused = Refused {
                action,
                resource: &resource,
                conditions,
            };
            let is_refused = decision.outcome != Outcome::Allow;
            is_refused.then(|| authorization_message::document(&ctx.caller, &refused, decision))
        });
        drop(resource);
        match document {
            None => Ok(Ok(Authorized(self.resource))),
            Some(document) => Ok(Err(authorization_message::encode(ctx, &document)?)),
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
        let mut bound = self.bound().await?;
        let is_near = is_one_organization(&bound);
        let (outcome, refusal) = self.weigh(&bound, |decision, _| {
            let told = Decision {
                within_account: decision.within_account || is_near,
                ..*decision
            };
            let refusal = (!told.is_allowed()).then(|| told.because(self.action));
            (decision.outcome, refusal)
        });
        if let (Outcome::ImplicitDeny, Some(grants)) = (outcome, self.grants) {
            bound.grant = grants.outcome(self.ctx).await?;
            let is_granted = bound.grant.is_some()
                && self.weigh(&bound, |decision, _| decision.outcome == Outcome::Allow);
            return Ok(refusal.filter(|_| !is_granted));
        }
        Ok(refusal)
    }

    /// Everything that binds the principal and the resource.
    async fn bound(&self) -> Result<Bound> {
        let ctx = self.ctx;
        let mut txn = ctx.txn().await;
        let house = &ctx.house;
        let mut bound = Bound::default();
        let (account, caller) = match &self.acting_as {
            None => (ctx.caller.account.as_str(), Some(&*ctx.caller)),
            Some(principal) => (principal.account, None),
        };
        if let Some(caller) = caller {
            bound.held = house.policies().held(&mut txn, caller).await?;
            bound.held.identity.extend(self.given.clone());
            if let Some(session) = &caller.session {
                bound.session = session.inline_policy()?;
                bound.has_session = session.policies.is_some();
            }
        }
        if !account.is_empty() {
            bound.organization = house.organizations.membership(&mut txn, account).await?;
        }
        if let Some(source) = &ctx.through.source.account {
            bound.source_organization = house.organizations.membership(&mut txn, source).await?;
        }
        let owner = self.resource.account();
        bound.resource_organization = if owner == account {
            bound.organization.clone()
        } else {
            // Of its own account a caller needs no such answer: it could not have called.
            bound.is_out_of_reach = house.directory.is_closed(&mut txn, owner).await?;
            house.organizations.membership(&mut txn, owner).await?
        };
        Ok(bound)
    }

    fn weigh<T>(&self, bound: &Bound, read: impl FnOnce(&Decision<'_>, &dyn Conditions) -> T) -> T {
        let ctx = self.ctx;
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
            bound,
            resource: &self.resource,
            keys: self.keys,
            request_tags: self.request_tags,
            tag_keys: self.tag_keys,
            is_caller: self.acting_as.is_none(),
            second_factor: self.second_factor,
        };
        let arn = self.resource.arn();
        let request = Request {
            principal: self.acting_as.unwrap_or_else(|| ctx.caller.principal()),
            action: self.action,
            resource: &arn,
            resource_account: self.resource.account(),
            conditions: &conditions,
        };
        let identity = named(&bound.held.identity);
        let boundary = bound.held.boundary.as_ref().map(|one| [name(one)]);
        let session = bound.session.iter().chain(&bound.held.session);
        let session = bound.has_session.then(|| session.map(name).collect());
        let session: Option<Vec<Named<'_>>> = session;
        let scps = levels(bound.organization.as_ref().map(|member| &member.scps));
        let owners = bound.resource_organization.as_ref();
        let owners = owners.filter(|_| self.resource.is_under_resource_control());
        let rcps = levels(owners.map(|member| &member.rcps));
        let scps: Vec<&[Named<'_>]> = scps.iter().map(Vec::as_slice).collect();
        let rcps: Vec<&[Named<'_>]> = rcps.iter().map(Vec::as_slice).collect();
        let sources = Sources {
            identity: &identity,
            resource: attached,
            boundary: boundary.as_ref().map(<[_; 1]>::as_slice),
            session: session.as_deref(),
            scps: &scps,
            rcps: &rcps,
            grant: bound.grant,
            ..Sources::default()
        };
        let decision = if bound.is_out_of_reach {
            NOTHING_ALLOWS
        } else {
            policy::decide(&request, &sources)
        };
        read(&decision, &conditions)
    }
}

/// Whether caller and resource belong to one organization, whose members AWS tells which policy
/// denied as it tells those of one account (AWS Security Blog, "Enhanced access denied error
/// messages with policy ARNs").
fn is_one_organization(bound: &Bound) -> bool {
    let both = bound
        .organization
        .as_ref()
        .zip(bound.resource_organization.as_ref());
    both.is_some_and(|(own, other)| own.organization_id == other.organization_id)
}

/// What everybody hears of what a closed account owns.
const NOTHING_ALLOWS: Decision<'static> = Decision {
    outcome: Outcome::ImplicitDeny,
    reason: Reason::NoAllow(Layer::Resource),
    within_account: false,
};

/// What binds the two sides of a decision.
#[derive(Default)]
pub(crate) struct Bound {
    pub(crate) held: Held,
    /// The inline session policy.
    session: Option<Arc<NamedPolicy>>,
    /// Whether session policies limit the caller, be it to nothing.
    has_session: bool,
    pub(crate) organization: Option<Arc<Membership>>,
    pub(crate) resource_organization: Option<Arc<Membership>>,
    /// Of the account for whose resource a service acts.
    pub(crate) source_organization: Option<Arc<Membership>>,
    /// Whether the account that owns the resource was closed.
    is_out_of_reach: bool,
    /// The grant that was found.
    grant: Option<GrantOutcome>,
}

fn name(one: &Arc<NamedPolicy>) -> Named<'_> {
    Named {
        name: &one.name,
        policy: &one.policy,
    }
}

fn named(policies: &[Arc<NamedPolicy>]) -> Vec<Named<'_>> {
    policies.iter().map(name).collect()
}

fn levels(levels: Option<&Vec<Vec<Arc<NamedPolicy>>>>) -> Vec<Vec<Named<'_>>> {
    levels.map_or_else(Vec::new, |levels| {
        levels.iter().map(|level| named(level)).collect()
    })
}
