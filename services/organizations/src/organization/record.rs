//! The record of an organization: its tree, its settings, and what is attached where.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use api::organizations::{PolicyType, PolicyTypeStatus, PolicyTypeSummary, Root};
use platform::{Ctx, Derived, Error, Membership, NamedPolicy, Result, ServiceAccess};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

/// Says which organization an account is in.
#[derive(Serialize, Deserialize)]
pub(crate) struct MemberRecord {
    /// `o-..`
    pub(crate) organization_id: String,
    /// The number of its management account.
    pub(crate) management_account: String,
}

impl Record for MemberRecord {
    const TABLE: &'static str = "organizations.members";
    const SERVICE: &'static str = "organizations";
}

impl MemberRecord {
    /// Where the record of `account` is.
    pub(crate) fn key(account: &str) -> Key {
        Key::new(account, "", ["member"])
    }

    /// Where it is the only record.
    pub(crate) fn prefix(account: &str) -> Key {
        Key::new(account, "", std::iter::empty::<String>())
    }

    /// The record of `account`, if it is in an organization.
    pub(crate) async fn of(ctx: &Ctx, account: &str) -> Result<Option<Arc<Self>>> {
        ctx.get(&Self::key(account)).await
    }
}

/// An organization. Every decision about a member account reads it.
///
/// INVARIANT: `controls` holds exactly the customer's service and resource control policies that
/// are attached to anything, and every parent and every attachment leads to something that exists.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct OrganizationRecord {
    /// `o-..`
    pub(crate) id: String,
    /// The number of the management account.
    pub(crate) management_account: String,
    /// `r-..`
    pub(crate) root_id: String,
    /// Whether all features are enabled; otherwise consolidated billing alone.
    pub(crate) all_features: bool,
    /// The policy types that are enabled in the root.
    pub(crate) policy_types: BTreeSet<String>,
    /// The organizational units by id.
    pub(crate) units: BTreeMap<String, Unit>,
    /// The accounts by number, the management account among them.
    pub(crate) accounts: BTreeMap<String, MemberAccount>,
    /// The ids of policies by the id of what they are attached to, in the order of attachment.
    pub(crate) attachments: BTreeMap<String, Vec<Attachment>>,
    /// The attached service and resource control policies by id.
    pub(crate) controls: BTreeMap<String, Control>,
    /// The tags of anything by its id.
    pub(crate) tags: BTreeMap<String, Vec<(String, String)>>,
    /// The services with trusted access, and since when (milliseconds since 1970).
    pub(crate) services: BTreeMap<String, i64>,
    /// The delegated administrators.
    pub(crate) delegates: Vec<Delegate>,
    /// The id of the delegation policy, if there is one.
    pub(crate) resource_policy: Option<String>,
    #[serde(skip)]
    pub(crate) memberships: Derived<Mutex<BTreeMap<String, Arc<Membership>>>>,
}

/// An organizational unit.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Unit {
    /// The name, unique among those of one parent.
    pub(crate) name: String,
    /// The id of the root or unit it is in.
    pub(crate) parent: String,
}

/// An account of an organization.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MemberAccount {
    /// The id of the root or unit it is in.
    pub(crate) parent: String,
    /// Whether it was invited; otherwise it was made here.
    pub(crate) invited: bool,
    /// When it joined, in milliseconds since 1970.
    pub(crate) joined_millis: i64,
    /// When it was closed, if it was.
    pub(crate) closed_millis: Option<i64>,
}

/// A policy that is attached to something.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Attachment {
    /// `p-..`
    pub(crate) policy_id: String,
    /// The type, as `SERVICE_CONTROL_POLICY`.
    pub(crate) kind: String,
}

/// A service or resource control policy that binds somebody.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Control {
    /// The type, as `SERVICE_CONTROL_POLICY`.
    pub(crate) kind: String,
    /// The JSON text.
    pub(crate) document: String,
    #[serde(skip)]
    pub(crate) parsed: Derived<Arc<NamedPolicy>>,
}

/// A delegated administrator for one service.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Delegate {
    /// The account, 12 digits.
    pub(crate) account: String,
    /// The service principal.
    pub(crate) service: String,
    /// Since when, in milliseconds since 1970.
    pub(crate) enabled_millis: i64,
}

impl Record for OrganizationRecord {
    const TABLE: &'static str = "organizations.organizations";
    const SERVICE: &'static str = "organizations";
}

impl OrganizationRecord {
    /// Where the organization of a management account is.
    pub(crate) fn key(management_account: &str) -> Key {
        Key::new(management_account, "", ["organization"])
    }

    /// The organization that a membership leads to.
    pub(crate) async fn of(ctx: &Ctx, member: &MemberRecord) -> Result<Arc<Self>> {
        let found = ctx.get(&Self::key(&member.management_account)).await?;
        found.ok_or_else(|| Error::dangling("an organization"))
    }

    /// An organization without accounts, for a caller that is in none.
    pub(crate) fn nowhere(account: &str) -> Self {
        Self::new("o-*", "r-*", account)
    }

    /// An organization with nothing in it.
    pub(crate) fn new(id: &str, root_id: &str, management_account: &str) -> Self {
        Self {
            id: id.to_owned(),
            management_account: management_account.to_owned(),
            root_id: root_id.to_owned(),
            all_features: false,
            policy_types: BTreeSet::new(),
            units: BTreeMap::new(),
            accounts: BTreeMap::new(),
            attachments: BTreeMap::new(),
            controls: BTreeMap::new(),
            tags: BTreeMap::new(),
            services: BTreeMap::new(),
            delegates: Vec::new(),
            resource_policy: None,
            memberships: Derived::default(),
        }
    }

    /// How far a service is let in.
    pub(crate) fn service_access(&self, service: &str) -> ServiceAccess {
        let delegates = self.delegates.iter().filter(|one| one.service == service);
        ServiceAccess {
            all_features: self.all_features,
            trusted: self.services.contains_key(service),
            delegated_administrators: delegates.map(|one| one.account.clone()).collect(),
        }
    }

    /// Stages this version.
    pub(crate) async fn put(self, ctx: &Ctx) {
        ctx.put(Self::key(&self.management_account), self).await;
    }

    /// The ARN of something of the organization.
    pub(crate) fn arn_of(&self, kind: &str, rest: &str) -> String {
        let Self {
            id,
            management_account,
            ..
        } = self;
        format!("arn:aws:organizations::{management_account}:{kind}/{id}/{rest}")
    }

    /// The ARN of the account, root, unit or resource policy of this id, by the form of the id.
    pub(crate) fn arn(&self, id: &str) -> String {
        let kind = match id {
            _ if id.starts_with("r-") => "root",
            _ if id.starts_with("ou-") => "ou",
            _ if id.starts_with("rp-") => "resourcepolicy",
            _ => "account",
        };
        self.arn_of(kind, id)
    }

    /// The ARN of the organization.
    pub(crate) fn own_arn(&self) -> String {
        let Self {
            id,
            management_account,
            ..
        } = self;
        format!("arn:aws:organizations::{management_account}:organization/{id}")
    }

    /// Whether `account` is a delegated administrator for any service.
    pub(crate) fn is_delegate(&self, account: &str) -> bool {
        self.delegates
            .iter()
            .any(|delegate| delegate.account == account)
    }

    /// The root as AWS shows it.
    pub(crate) fn shown_root(&self) -> Root {
        let kinds = self
            .policy_types
            .iter()
            .filter_map(|kind| PolicyType::parse(kind));
        let summary = |kind| PolicyTypeSummary {
            r#type: Some(kind),
            status: Some(PolicyTypeStatus::Enabled),
        };
        Root {
            id: Some(self.root_id.clone()),
            arn: Some(self.arn(&self.root_id)),
            name: Some("Root".to_owned()),
            policy_types: Some(kinds.map(summary).collect()),
        }
    }
}
