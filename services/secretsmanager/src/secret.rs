//! What the store keeps of secrets.
//!
//! A secret with the list of its versions is one record; what a version says stands apart, sealed
//! under a data key of its own.

use std::sync::Arc;

use platform::{Ctx, Derived, Error, Result};
use policy::{Policy, PolicyKind};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;

use crate::names::{Place, Reference};
use crate::rotation::Rotation;

/// The version that readers get who ask for none.
pub(crate) const CURRENT: &str = "AWSCURRENT";
/// The version that was the current one before.
pub(crate) const PREVIOUS: &str = "AWSPREVIOUS";
/// The version that a rotation makes.
pub(crate) const PENDING: &str = "AWSPENDING";
/// The key of secrets for which no other is named.
pub(crate) const DEFAULT_KEY: &str = "alias/aws/secretsmanager";

/// A secret.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SecretRecord {
    /// The six random characters of the ARN.
    pub(crate) suffix: String,
    /// Its place in the order of creation, in its account and Region.
    pub(crate) number: u64,
    pub(crate) description: Option<String>,
    /// The KMS key as the caller named it; none for the AWS managed key.
    pub(crate) key_id: Option<String>,
    /// In the order of their creation.
    pub(crate) versions: Vec<Version>,
    /// Staging labels, and the ids of the versions that they are attached to.
    pub(crate) labels: Vec<(String, String)>,
    /// Keys and values, sorted by key.
    pub(crate) tags: Vec<(String, String)>,
    /// The resource policy. Users and roles that it names are kept by their unique ids.
    pub(crate) policy: Option<String>,
    pub(crate) created_millis: i64,
    pub(crate) changed_millis: i64,
    pub(crate) deletion: Option<Deletion>,
    pub(crate) rotation: Option<Rotation>,
    /// The service that manages the secret.
    pub(crate) owning_service: Option<String>,
    /// The partner that holds a managed external secret.
    pub(crate) kind: Option<String>,
    /// Where the secret is that this one is a replica of, or whose replicas it has.
    pub(crate) primary_region: Option<String>,
    pub(crate) replicas: Vec<Replica>,
    #[serde(skip)]
    pub(crate) parsed: Derived<Policy>,
}

/// A version of a secret, without what it says.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) id: String,
    pub(crate) created_millis: i64,
    /// The KMS key as the secret named it then; none for the AWS managed key.
    pub(crate) key_id: Option<String>,
    pub(crate) content: Content,
}

/// Where it stands what a version says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Content {
    /// Under its own id.
    Own,
    /// Nowhere: a rotation made the version, and has not said yet what it says.
    Nothing,
    /// Under the id of another version: a rotation is tested with the current value.
    Of(String),
}

/// A deletion that was asked for.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Deletion {
    pub(crate) asked_millis: i64,
    pub(crate) due_millis: i64,
}

/// A replica of a secret.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Replica {
    pub(crate) region: String,
    pub(crate) key_id: Option<String>,
    /// The status as AWS writes it: `InSync`.
    pub(crate) status: String,
    pub(crate) message: Option<String>,
}

/// What a version says.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct VersionRecord {
    /// Encrypted by KMS.
    pub(crate) data_key: Vec<u8>,
    /// The value under the data key.
    pub(crate) sealed: Vec<u8>,
    /// Whether it is `SecretBinary`.
    pub(crate) is_binary: bool,
}

impl Record for SecretRecord {
    const TABLE: &'static str = "secretsmanager.secrets";
    const SERVICE: &'static str = "secretsmanager";
}

impl Record for VersionRecord {
    const TABLE: &'static str = "secretsmanager.versions";
    const SERVICE: &'static str = "secretsmanager";
}

impl SecretRecord {
    /// The secret of this name, unless its time is over.
    pub(crate) async fn get(ctx: &Ctx, place: &Place) -> Result<Option<Arc<Self>>> {
        if place.region != ctx.region {
            return Ok(None);
        }
        let found = ctx.get::<Self>(&place.key()).await?;
        Ok(found.filter(|found| !found.is_gone(ctx.now)))
    }

    /// The secrets of these names of the caller's, without those whose time is over; none where
    /// there is no such secret.
    pub(crate) async fn get_own(ctx: &Ctx, names: &[&str]) -> Result<Vec<(Place, Arc<Self>)>> {
        let places = names.iter().map(|name| Place::own(ctx, name));
        let places: Vec<Place> = places.collect();
        let keys: Vec<Key> = places.iter().map(Place::key).collect();
        let found = ctx.get_all::<Self>(&keys).await?;
        let found = places.into_iter().zip(found);
        let present = found.filter_map(|(place, found)| Some((place, found?)));
        Ok(present
            .filter(|(_, found)| !found.is_gone(ctx.now))
            .collect())
    }

    /// Whether a request that names this place means this secret.
    pub(crate) fn is_meant(&self, reference: &Reference) -> bool {
        let suffix = reference.suffix.as_ref();
        suffix.is_none_or(|suffix| *suffix == self.suffix)
    }

    /// Whether its recovery window is over, though it may not have been deleted yet.
    pub(crate) fn is_gone(&self, now: Timestamp) -> bool {
        let due = self.deletion.as_ref().map(|it| it.due_millis);
        due.is_some_and(|due| due <= now.millis)
    }

    /// The secret that this one is a replica of; none where it is none.
    pub(crate) fn primary(&self, place: &Place) -> Option<Place> {
        let region = self.primary_region.as_ref();
        let other = region.filter(|region| **region != place.region);
        other.map(|region| place.in_region(region))
    }

    /// Whether it is encrypted under the AWS managed key.
    pub(crate) fn has_default_key(&self) -> bool {
        self.key_id.is_none()
    }

    /// The key for `asked`, as records name it.
    pub(crate) fn key_named(asked: Option<&str>) -> Option<String> {
        let asked = asked.filter(|asked| !asked.is_empty() && *asked != DEFAULT_KEY);
        asked.map(str::to_owned)
    }

    /// The version of this id.
    pub(crate) fn version(&self, id: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.id == id)
    }

    /// The id under which it stands what the version of this id says; none if it says nothing.
    pub(crate) fn content_of(&self, id: &str) -> Option<&str> {
        let version = self.version(id)?;
        match &version.content {
            Content::Own => Some(&version.id),
            Content::Nothing => None,
            Content::Of(other) => Some(other),
        }
    }

    /// The id of the version that has this label.
    pub(crate) fn labelled(&self, label: &str) -> Option<&str> {
        let mut labels = self.labels.iter();
        let found = labels.find(|(known, _)| known == label);
        found.map(|(_, id)| id.as_str())
    }

    /// The labels of a version.
    pub(crate) fn labels_of(&self, id: &str) -> Vec<String> {
        let labels = self.labels.iter().filter(|(_, of)| of == id);
        labels.map(|(label, _)| label.clone()).collect()
    }

    /// The id of the version that waits to become the current one, if there is another than that.
    pub(crate) fn pending(&self) -> Option<&str> {
        let pending = self.labelled(PENDING);
        pending.filter(|pending| self.labelled(CURRENT) != Some(pending))
    }

    /// Where it stands what a version says. A secret of another time has other random characters.
    pub(crate) fn version_key(&self, place: &Place, id: &str) -> Key {
        place.key().with(&self.suffix).with(id)
    }

    /// The resource policy, parsed once.
    pub(crate) fn policy(&self) -> Result<Option<&Policy>> {
        let Some(document) = &self.policy else {
            return Ok(None);
        };
        let parsed = self.parsed.get_or_make(|| {
            Policy::parse(document, PolicyKind::Resource).map_err(|malformed| {
                let detail = malformed.detail();
                Error::internal(format!("a stored policy is malformed: {detail}"))
            })
        });
        parsed.map(Some)
    }
}
