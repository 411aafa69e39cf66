//! A KMS key: its record, its states, and the resource that policies protect.

use std::borrow::Cow;
use std::sync::Arc;

use api::kms::{DisabledException, KMSInvalidStateException};
use platform::{Authorized, Ctx, Derived, Error, Resource, ResourcePolicy, Result};
use policy::{Policy, PolicyKind, ResourceRule};
use serde::{Deserialize, Serialize};
use store::{DecodeError, Key as RecordKey, Migrate as _, Record};
use wire::{Fault, Timestamp};

use crate::kind::{Origin, Spec, Usage};
use crate::material::{Owner, WrappedMaterial};
use crate::rotation::AutomaticRotation;

/// What the store keeps of a key.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KeyRecord {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) created_millis: i64,
    pub(crate) description: String,
    pub(crate) spec: Spec,
    pub(crate) usage: Usage,
    pub(crate) origin: Origin,
    pub(crate) manager: Manager,
    /// The family of a multi-Region key; none for a key of one Region.
    pub(crate) family: Option<Family>,
    pub(crate) state: State,
    /// The key policy as it was put, but for its users and roles, which stand in it by unique id.
    pub(crate) policy: String,
    /// In the order in which the keys were first set.
    pub(crate) tags: Vec<(String, String)>,
    /// The names of the aliases that point here, with `alias/`, sorted.
    pub(crate) aliases: Vec<String>,
    /// Oldest first; the [current](Self::current) one is used, and all of them decrypt.
    pub(crate) materials: Vec<WrappedMaterial>,
    /// Whether and when the key rotates by itself.
    pub(crate) rotation: Option<AutomaticRotation>,
    /// When the on-demand rotation that is still to be completed was asked for.
    pub(crate) on_demand_since_millis: Option<i64>,
    #[serde(skip)]
    pub(crate) parsed_policy: Derived<Arc<Policy>>,
}

impl Record for KeyRecord {
    const TABLE: &'static str = "kms.keys";
    const SERVICE: &'static str = "kms";
    const FORMAT: u8 = 3;

    fn decode_older(format: u8, bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::decode_previous(format, bytes)
    }
}

/// The states of a key ("Key states of AWS KMS keys"). New ones are added at the end.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    Enabled,
    Disabled,
    /// The key ceases to exist at this time.
    PendingDeletion {
        at_millis: i64,
    },
    /// Material that the key needs was not imported yet, or is there no longer.
    PendingImport,
    /// A primary key that is to be deleted and still has replicas: the window begins when the last
    /// of them is gone.
    PendingReplicaDeletion {
        window_in_days: i32,
    },
}

/// Who makes and rules a key. New ones are added at the end.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Manager {
    /// The account's own.
    Customer,
    /// An AWS managed key: it was made for this service, named as in `alias/aws/NAME`, and is used
    /// only through it.
    Service(String),
}

/// Where the keys of a multi-Region key stand ("Multi-Region keys in AWS KMS"). Every one of them
/// says the same.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Family {
    /// The Region of the primary key.
    pub(crate) primary_region: String,
    /// The Regions of the replica keys, sorted.
    pub(crate) replica_regions: Vec<String>,
}

impl KeyRecord {
    /// Where the record of the key `id` stands.
    pub(crate) fn place(account: &str, region: &str, id: &str) -> RecordKey {
        RecordKey::new(account, region, [id])
    }

    /// Whether the deletion window has ended: the key no longer exists, whether or not its record
    /// is gone already.
    pub(crate) fn is_gone(&self, now: Timestamp) -> bool {
        matches!(self.state, State::PendingDeletion { at_millis } if at_millis <= now.millis)
    }

    /// The material that encrypts; none where none was imported yet.
    pub(crate) fn current(&self) -> Option<&WrappedMaterial> {
        let mut newest_first = self.materials.iter().rev();
        newest_first.find(|material| !material.made.is_waiting())
    }

    /// The owner of the key's material.
    pub(crate) fn owner(&self) -> Owner<'_> {
        Owner {
            account: &self.account,
            key_id: &self.id,
            arn: &self.arn,
        }
    }
}

/// A key that exists. Its contents are changed and used only through [`Authorized`].
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) record: Arc<KeyRecord>,
    /// The alias that the request named it by, with `alias/`.
    pub(crate) alias: Option<String>,
    policy: Arc<Policy>,
}

impl Key {
    /// The key of `record`. Fails if its policy does not parse: without the policy there is no
    /// decision, and none may be made.
    pub(crate) fn new(record: Arc<KeyRecord>) -> Result<Self> {
        let parse = || Policy::parse(&record.policy, PolicyKind::KeyPolicy).map(Arc::new);
        let policy = record
            .parsed_policy
            .get_or_make(parse)
            .map_err(Error::internal)?;
        let policy = Arc::clone(policy);
        Ok(Self {
            record,
            alias: None,
            policy,
        })
    }

    /// The key `id`, if it exists.
    pub(crate) async fn get(
        ctx: &Ctx,
        account: &str,
        region: &str,
        id: &str,
    ) -> Result<Option<Self>> {
        let record = ctx
            .get::<KeyRecord>(&KeyRecord::place(account, region, id))
            .await?;
        match record {
            Some(record) if !record.is_gone(ctx.now) => Self::new(record).map(Some),
            _ => Ok(None),
        }
    }

    /// Refuses what AWS refuses to a key that is pending deletion.
    pub(crate) fn check_not_pending_deletion(&self) -> Result<(), Fault> {
        match self.record.state {
            State::Enabled | State::Disabled | State::PendingImport => Ok(()),
            State::PendingDeletion { .. } => Err(KMSInvalidStateException::new(format!(
                "{} is pending deletion.",
                self.record.arn
            ))),
            State::PendingReplicaDeletion { .. } => Err(KMSInvalidStateException::new(format!(
                "{} is pending replica deletion.",
                self.record.arn
            ))),
        }
    }

    /// Refuses what AWS refuses to a key that lacks material.
    pub(crate) fn check_not_pending_import(&self) -> Result<(), Fault> {
        match self.record.state {
            State::PendingImport => Err(KMSInvalidStateException::new(format!(
                "{} is pending import.",
                self.record.arn
            ))),
            State::Enabled
            | State::Disabled
            | State::PendingDeletion { .. }
            | State::PendingReplicaDeletion { .. } => Ok(()),
        }
    }

    /// Refuses what AWS refuses to a key that is not enabled.
    pub(crate) fn check_enabled(&self) -> Result<(), Fault> {
        self.check_not_pending_deletion()?;
        self.check_not_pending_import()?;
        match self.record.state {
            State::Disabled => Err(DisabledException::new(format!(
                "{} is disabled.",
                self.record.arn
            ))),
            State::Enabled
            | State::PendingImport
            | State::PendingDeletion { .. }
            | State::PendingReplicaDeletion { .. } => Ok(()),
        }
    }
}

impl Resource for Key {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.record.arn)
    }

    fn account(&self) -> &str {
        &self.record.account
    }

    fn region(&self) -> Option<&str> {
        Some(&self.record.region)
    }

    fn audit_type(&self) -> Option<&'static str> {
        Some("AWS::KMS::Key")
    }

    fn policy(&self) -> Option<ResourcePolicy<'_>> {
        let rule = ResourceRule::KeyPolicy;
        Some(ResourcePolicy {
            name: &self.record.arn,
            policy: &self.policy,
            rule,
        })
    }

    fn tag(&self, key: &str) -> Option<&str> {
        let tags = &self.record.tags;
        tags.iter()
            .find(|(known, _)| known.to_lowercase() == key)
            .map(|(_, value)| value.as_str())
    }
}

/// Stages a change of the record of a key that the caller may change.
pub(crate) async fn change(ctx: &Ctx, key: &Authorized<Key>, edit: impl FnOnce(&mut KeyRecord)) {
    let mut record = KeyRecord::clone(&key.record);
    edit(&mut record);
    let place = KeyRecord::place(&record.account, &record.region, &record.id);
    ctx.put(place, record).await;
}
