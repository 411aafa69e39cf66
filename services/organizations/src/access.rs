//! Who may call what. The contents of an organization are reached only through [`Permitted`].
//!
//! The management account may do what its identity-based policies say. A member account may read
//! if it is a delegated administrator, and may do what the organization's delegation policy says;
//! its own identity-based policies have to agree ("Managing access permissions for an
//! organization", Organizations user guide).

use std::borrow::Cow;
use std::sync::Arc;

use platform::{Authorized, ConditionKeys, Ctx, Resource, ResourcePolicy, Result};
use policy::{ResourceRule, Values};

use crate::delegation::record::ResourcePolicyRecord;
use crate::organization::record::{MemberRecord, OrganizationRecord};
use crate::policies::record::PolicyRecord;
use crate::refusals;

/// Which accounts AWS lets call an operation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The management account alone.
    Management,
    /// Also delegated administrators, and whoever the delegation policy names.
    Reader,
    /// Also whoever the delegation policy names.
    Delegated,
    /// Every account of the organization.
    Member,
}

/// What a call is about.
#[derive(Clone, Copy, Default)]
pub(crate) struct About<'a> {
    /// The id of an account, a root, a unit or a policy; none asks about everything.
    pub(crate) id: Option<&'a str>,
    /// A policy of this type that does not exist yet.
    pub(crate) new_policy: bool,
    /// `organizations:PolicyType`, unless the id is that of a policy.
    pub(crate) policy_type: Option<&'a str>,
    /// `organizations:ServicePrincipal`.
    pub(crate) service: Option<&'a str>,
    /// The tags that the request gives.
    pub(crate) tags: &'a [(String, String)],
    /// The keys of tags that the request takes away.
    pub(crate) tag_keys: &'a [String],
}

impl<'a> About<'a> {
    /// Everything of the organization.
    pub(crate) fn everything() -> Self {
        Self::default()
    }

    /// The thing of this id.
    pub(crate) fn id(id: &'a str) -> Self {
        Self {
            id: Some(id),
            ..Self::default()
        }
    }
}

/// The proof that the caller may do what it asks, with the organization it may do it in.
pub(crate) struct Permitted {
    seat: Authorized<Seat>,
}

impl Permitted {
    /// The caller's organization.
    pub(crate) fn organization(&self) -> &Arc<OrganizationRecord> {
        &self.seat.organization
    }

    /// A copy to change.
    pub(crate) fn draft(&self) -> OrganizationRecord {
        OrganizationRecord::clone(&self.seat.organization)
    }

    /// The policy that the call is about.
    pub(crate) fn policy(&self) -> Result<&Arc<PolicyRecord>> {
        self.seat.policy.as_ref().ok_or_else(refusals::no_policy)
    }
}

/// Decides whether the caller may perform `action`, and whether its account may at all.
pub(crate) async fn permit(
    ctx: &Ctx,
    action: &'static str,
    reach: Reach,
    about: About<'_>,
) -> Result<Permitted> {
    let Some(organization) = organization_of_caller(ctx).await? else {
        decide(ctx, action, outside(ctx, &about), &about).await?;
        return Err(refusals::not_in_use());
    };
    let policy = match about.id.filter(|id| id.starts_with("p-")) {
        Some(id) => PolicyRecord::find(ctx, &organization, id).await?,
        None => None,
    };
    let seat = |owner: &str, delegation| Seat {
        arn: arn(&organization, policy.as_deref(), &about),
        owner: owner.to_owned(),
        policy: policy.clone(),
        delegation,
        tags: about
            .id
            .and_then(|id| organization.tags.get(id))
            .cloned()
            .unwrap_or_default(),
        policy_type: policy.as_ref().map(|policy| policy.kind.clone()),
        organization: Arc::clone(&organization),
    };
    // The caller's own policies first: without them nothing more is told.
    let own = decide(ctx, action, seat(ctx.account(), None), &about).await?;
    let is_management = ctx.account() == organization.management_account;
    let is_delegate = reach == Reach::Reader && organization.is_delegate(ctx.account());
    if is_management || reach == Reach::Member || is_delegate {
        return Ok(Permitted { seat: own });
    }
    if reach == Reach::Management {
        return Err(refusals::not_for_members());
    }
    let delegation = ResourcePolicyRecord::get(ctx, &organization).await?;
    let across = seat(&organization.management_account, delegation);
    match decide(ctx, action, across, &about).await {
        Ok(seat) => Ok(Permitted { seat }),
        Err(platform::Error::Fault(_)) => Err(refusals::not_for_members()),
        Err(error) => Err(error),
    }
}

/// The organization that the caller's account is in, which shows nothing of it.
async fn organization_of_caller(ctx: &Ctx) -> Result<Option<Arc<OrganizationRecord>>> {
    let Some(member) = MemberRecord::of(ctx, ctx.account()).await? else {
        return Ok(None);
    };
    OrganizationRecord::of(ctx, &member).await.map(Some)
}

async fn decide(
    ctx: &Ctx,
    action: &'static str,
    seat: Seat,
    about: &About<'_>,
) -> Result<Authorized<Seat>> {
    let keys = Keys {
        policy_type: seat
            .policy_type
            .clone()
            .or_else(|| about.policy_type.map(str::to_owned)),
        service: about.service.map(str::to_owned),
    };
    ctx.authorize(action, seat)
        .keys(&keys)
        .request_tags(about.tags)
        .tag_keys(about.tag_keys)
        .decide()
        .await
}

/// A place of a caller without an organization: there is nothing in it.
fn outside(ctx: &Ctx, about: &About<'_>) -> Seat {
    let nowhere = OrganizationRecord::nowhere(ctx.account());
    Seat {
        arn: arn(&nowhere, None, about),
        owner: ctx.account().to_owned(),
        policy: None,
        delegation: None,
        tags: Vec::new(),
        policy_type: None,
        organization: Arc::new(nowhere),
    }
}

/// The ARN by the form of the id, whether or not there is such a thing.
fn arn(
    organization: &OrganizationRecord,
    policy: Option<&PolicyRecord>,
    about: &About<'_>,
) -> String {
    if let Some(policy) = policy {
        return policy.arn(organization);
    }
    let kind = about.policy_type.unwrap_or("SERVICE_CONTROL_POLICY");
    let kind = kind.to_ascii_lowercase();
    match about.id {
        None if about.new_policy => organization.arn_of("policy", &format!("{kind}/p-*")),
        None => "*".to_owned(),
        Some(id) if id.starts_with("p-") => organization.arn_of("policy", &format!("{kind}/{id}")),
        Some(id) => organization.arn(id),
    }
}

/// One thing of an organization, as a decision sees it.
struct Seat {
    arn: String,
    /// The account that counts as the owner: that of the caller where only its own policies
    /// decide, otherwise the management account.
    owner: String,
    policy: Option<Arc<PolicyRecord>>,
    delegation: Option<Arc<ResourcePolicyRecord>>,
    tags: Vec<(String, String)>,
    policy_type: Option<String>,
    organization: Arc<OrganizationRecord>,
}

impl Resource for Seat {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.owner
    }

    fn policy(&self) -> Option<ResourcePolicy<'_>> {
        let record = self.delegation.as_ref()?;
        Some(ResourcePolicy {
            name: &record.id,
            policy: record.parsed().ok()?,
            rule: ResourceRule::Standard,
        })
    }

    fn tag(&self, key: &str) -> Option<&str> {
        let wanted = key.to_lowercase();
        let found = self
            .tags
            .iter()
            .find(|(known, _)| known.to_lowercase() == wanted);
        found.map(|(_, value)| value.as_str())
    }
}

/// Organizations' own condition keys.
struct Keys {
    policy_type: Option<String>,
    service: Option<String>,
}

impl ConditionKeys for Keys {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let value = match key.strip_prefix("organizations:")? {
            "policytype" => self.policy_type.as_deref(),
            "serviceprincipal" => self.service.as_deref(),
            _ => None,
        };
        value.map(Values::from)
    }
}
