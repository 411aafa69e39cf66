//! One decision from every policy that applies.
//!
//! Source: "Policy evaluation logic" (IAM user guide) and "KMS key access and
//! permissions" (KMS developer guide). Every explicit deny is looked for before
//! any missing allow, so that nothing can hide one.

use crate::condition::Conditions;
use crate::decision::{Decision, Layer, Outcome, Reason};
use crate::named_principal::Reach;
use crate::policy::Policy;
use crate::prefixes::Prefix;
use crate::principal::{Principal, PrincipalKind};
use crate::statement::Effect;

/// What is asked.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: Principal<'a>,
    /// `kms:Decrypt`.
    pub action: &'a str,
    /// An ARN, or `*` for actions without a resource.
    pub resource: &'a str,
    /// The account that owns the resource; the caller's own for `*`.
    pub resource_account: &'a str,
    /// The request's context.
    pub conditions: &'a dyn Conditions,
}

/// A policy with the name it goes by in explanations.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// Name or ARN.
    pub name: &'a str,
    /// The document.
    pub policy: &'a Policy,
}

/// What a resource's policy means for principals of its own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceRule {
    /// Either it or an identity-based policy is enough.
    Standard,
    /// KMS: without the key policy nothing is allowed; naming the account lets
    /// identity-based policies allow.
    KeyPolicy,
    /// A role's trust policy: without it nothing is allowed either.
    Trust,
}

/// What KMS found among the grants of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantOutcome {
    /// A grant allows this operation to this principal.
    Allow,
    /// A grant names the session itself: what its policies and a boundary do not allow is allowed
    /// all the same (recordings of AWS).
    AllowSession,
    /// A grant allows this operation to the principal's account, whose identity-based policies say
    /// who in it may use the grant.
    Delegate,
}

/// Every policy that applies to a request.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sources<'a> {
    /// Policies of the user with its groups, or of the role.
    pub identity: &'a [Named<'a>],
    /// The policy of the resource, if it has one.
    pub resource: Option<(Named<'a>, ResourceRule)>,
    /// The permissions boundary, if one is set. An empty list allows nothing.
    pub boundary: Option<&'a [Named<'a>]>,
    /// The session policies, if any were passed. An empty list allows nothing.
    pub session: Option<&'a [Named<'a>]>,
    /// SCPs of the principal's account, one list a level from the root down.
    /// Empty for the management account, and for services and others without
    /// an account.
    pub scps: &'a [&'a [Named<'a>]],
    /// RCPs of the resource's account, one list a level. `RCPFullAWSAccess`
    /// is implied at every level, since AWS lets no one detach it.
    pub rcps: &'a [&'a [Named<'a>]],
    /// The policy of the VPC endpoint that the request came through, if it came
    /// through one. It binds everyone, and an empty list allows nothing.
    pub endpoint: Option<&'a [Named<'a>]>,
    /// A grant that KMS found.
    pub grant: Option<GrantOutcome>,
}

/// Decides one request. Allocates nothing unless a policy uses variables.
pub fn decide<'a>(request: &Request<'_>, sources: &Sources<'a>) -> Decision<'a> {
    let (outcome, reason) = match Found::gather(request, sources) {
        Err(reason) => (Outcome::ExplicitDeny, reason),
        Ok(found) => match found.weigh(request, sources) {
            Ok(reason) => (Outcome::Allow, reason),
            Err(layer) => (Outcome::ImplicitDeny, Reason::NoAllow(layer)),
        },
    };
    Decision {
        outcome,
        reason,
        within_account: request.principal.account == request.resource_account,
    }
}

/// The most direct allow of one layer.
#[derive(Clone, Copy)]
struct Allow<'a> {
    reach: Reach,
    reason: Reason<'a>,
}

/// What each layer allows, when none of them denies.
struct Found<'a> {
    identity: Option<Allow<'a>>,
    resource: Option<Allow<'a>>,
    /// The first of boundary and session policies that does not allow.
    ceiling: Result<(), Layer>,
    /// The first of the organization's policies and the endpoint's that does
    /// not allow.
    perimeter: Result<(), Layer>,
}

impl<'a> Found<'a> {
    /// The error is the explicit deny that was found.
    fn gather(request: &Request<'_>, sources: &Sources<'a>) -> Result<Self, Reason<'a>> {
        let asked = Asked::new(request, sources);
        let mut perimeter = asked.organization(sources)?;
        if let Some(endpoint) = sources.endpoint
            && asked.scan(Layer::Endpoint, endpoint)?.is_none()
        {
            perimeter = perimeter.and(Err(Layer::Endpoint));
        }
        let identity = asked.scan(Layer::Identity, sources.identity)?;
        let resource = match &sources.resource {
            None => None,
            Some((named, ResourceRule::Trust)) => {
                asked.scan(Layer::Trust, std::slice::from_ref(named))?
            }
            Some((named, _)) => asked.scan(Layer::Resource, std::slice::from_ref(named))?,
        };
        let root = request.principal.is_root() || request.principal.is_federated_by_root();
        let implicit = Allow {
            reach: Reach::Direct,
            reason: Reason::RootUser,
        };
        Ok(Self {
            identity: if root { Some(implicit) } else { identity },
            resource,
            ceiling: asked.ceiling(sources)?,
            perimeter,
        })
    }

    /// The reason to allow, or the layer that lacks an allow.
    fn weigh(&self, request: &Request<'_>, sources: &Sources<'a>) -> Result<Reason<'a>, Layer> {
        self.perimeter?;
        let by_policy = self.by_policy(request, sources);
        match (by_policy, sources.grant) {
            (Err(_), Some(GrantOutcome::Allow)) => {
                // A grant names the role, so what limits a session of the role
                // by a resource policy limits it here too.
                let is_session = matches!(
                    request.principal.kind,
                    PrincipalKind::Role { .. } | PrincipalKind::FederatedUser { .. }
                );
                if is_session || request.principal.is_root() {
                    self.ceiling?;
                }
                Ok(Reason::Grant)
            }
            (Err(_), Some(GrantOutcome::AllowSession)) => {
                if request.principal.is_root() {
                    self.ceiling?;
                }
                Ok(Reason::Grant)
            }
            (Err(_), Some(GrantOutcome::Delegate)) => {
                self.identity.ok_or(Layer::Identity)?;
                self.ceiling.map(|()| Reason::Grant)
            }
            (by_policy, _) => by_policy,
        }
    }

    fn by_policy(&self, request: &Request<'_>, sources: &Sources<'_>) -> Result<Reason<'a>, Layer> {
        let rule = sources
            .resource
            .map_or(ResourceRule::Standard, |(_, rule)| rule);
        let needed = match rule {
            ResourceRule::Trust => Layer::Trust,
            ResourceRule::Standard | ResourceRule::KeyPolicy => Layer::Resource,
        };
        let principal = &request.principal;
        if principal.is_outsider() {
            return self.resource.map(|allow| allow.reason).ok_or(needed);
        }
        let same_account = principal.account == request.resource_account;
        match self.resource {
            // A session of the root user (`AssumeRoot`) has no ARN of its own that a policy could
            // name: naming the account does not lift its limits.
            Some(allow) if same_account && principal.is_root() => {
                return self.ceiling.map(|()| allow.reason);
            }
            Some(allow) if same_account && allow.reach == Reach::Direct => return Ok(allow.reason),
            Some(allow) if same_account && allow.reach == Reach::Role => {
                return self.ceiling.map(|()| allow.reason);
            }
            Some(_) => {}
            None if same_account && rule == ResourceRule::Standard => {}
            None => return Err(needed),
        }
        let identity = self.identity.ok_or(Layer::Identity)?;
        self.ceiling.map(|()| identity.reason)
    }
}

/// A request on its way through the layers.
pub(crate) struct Asked<'r, 'p> {
    pub(crate) request: &'r Request<'p>,
    /// Whether the principal has a permissions boundary.
    pub(crate) bounded: bool,
    /// Of the action.
    pub(crate) prefix: Prefix,
}

impl<'r, 'p> Asked<'r, 'p> {
    fn new(request: &'r Request<'p>, sources: &Sources<'_>) -> Self {
        let root = request.principal.is_root();
        Self::about(request, sources.boundary.is_some() && !root)
    }

    /// A request of a principal that has a boundary if `bounded`.
    pub(crate) fn about(request: &'r Request<'p>, bounded: bool) -> Self {
        Self {
            request,
            bounded,
            prefix: Prefix::of(request.action),
        }
    }

    /// The organization's policies: whether every level of SCPs allows.
    fn organization<'a>(&self, sources: &Sources<'a>) -> Result<Result<(), Layer>, Reason<'a>> {
        let mut scps = Ok(());
        if self.request.principal.is_service_linked() {
            return Ok(scps);
        }
        for level in sources.scps {
            if self.scan(Layer::ServiceControl, level)?.is_none() {
                scps = Err(Layer::ServiceControl);
            }
        }
        for level in sources.rcps {
            self.scan(Layer::ResourceControl, level)?;
        }
        Ok(scps)
    }

    /// Boundary and session policies: the first that does not allow.
    fn ceiling<'a>(&self, sources: &Sources<'a>) -> Result<Result<(), Layer>, Reason<'a>> {
        let mut ceiling = Ok(());
        if let (Some(boundary), true) = (sources.boundary, self.bounded)
            && self.scan(Layer::Boundary, boundary)?.is_none()
        {
            ceiling = Err(Layer::Boundary);
        }
        if let Some(session) = sources.session
            && self.scan(Layer::Session, session)?.is_none()
        {
            ceiling = ceiling.and(Err(Layer::Session));
        }
        Ok(ceiling)
    }

    /// Reads one layer: an explicit deny ends it, otherwise the most direct allow.
    fn scan<'a>(
        &self,
        layer: Layer,
        policies: &[Named<'a>],
    ) -> Result<Option<Allow<'a>>, Reason<'a>> {
        let mut best: Option<Allow<'a>> = None;
        for named in policies {
            for (index, statement) in named.policy.statements().iter().enumerate() {
                let Some(reach) = statement.applies(self) else {
                    continue;
                };
                let (policy, sid) = (named.name, statement.sid());
                let reason = Reason::Statement {
                    layer,
                    policy,
                    index,
                    sid,
                };
                match statement.effect() {
                    Effect::Deny => return Err(reason),
                    Effect::Allow if best.is_none_or(|best| best.reach < reach) => {
                        best = Some(Allow { reach, reason });
                    }
                    Effect::Allow => {}
                }
            }
        }
        Ok(best)
    }
}
