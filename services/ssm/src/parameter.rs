//! What the store keeps of parameters.
//!
//! A parameter with its current version is one record, which stands where its hierarchy says:
//! reading it reads nothing else. Older versions stand apart, by the parameter's own id.

use std::sync::Arc;

use api::ssm::{ParameterTier, ParameterType};
use platform::{Ctx, Derived, Error, Result};
use policy::{Policy, PolicyKind};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use crate::lifetime::Clause;
use crate::names::{Place, Reference, Selector};
use crate::refusals;
use crate::secret::Content;

/// How many versions of a parameter are kept (PutParameter, ParameterMaxVersionLimitExceeded).
pub(crate) const MOST_VERSIONS: i64 = 100;

/// A parameter, and its current version.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ParameterRecord {
    /// The name, as it was given first.
    pub(crate) name: String,
    /// Tells the parameter from others that have had its name.
    pub(crate) id: String,
    pub(crate) current: Version,
    /// The oldest version that is kept; all from it on are.
    pub(crate) oldest: i64,
    /// Labels, and the versions that they are attached to.
    pub(crate) labels: Vec<(String, i64)>,
    /// Keys and values, sorted by key.
    pub(crate) tags: Vec<(String, String)>,
    /// What is done by the clock.
    pub(crate) clauses: Vec<Clause>,
    /// By which it is shared.
    pub(crate) sharing: Option<Sharing>,
    #[serde(skip)]
    pub(crate) parsed: Derived<Policy>,
}

/// A version of a parameter.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Version {
    /// From 1.
    pub(crate) number: i64,
    pub(crate) kind: Kind,
    pub(crate) tier: Tier,
    pub(crate) content: Content,
    /// The KMS key as the caller named it; none where nothing is encrypted.
    pub(crate) key_id: Option<String>,
    pub(crate) data_type: String,
    pub(crate) description: Option<String>,
    pub(crate) allowed_pattern: Option<String>,
    pub(crate) modified_millis: i64,
    /// The ARN of whoever made it.
    pub(crate) modified_by: String,
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    String,
    StringList,
    SecureString,
}

/// The tier of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Tier {
    Standard,
    Advanced,
}

/// The resource policy of a parameter.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Sharing {
    pub(crate) id: String,
    /// Changes with every change of the policy.
    pub(crate) hash: String,
    /// Users and roles that it names are kept by their unique ids.
    pub(crate) document: String,
}

/// A version that is no longer the current one.
#[derive(Serialize, Deserialize)]
pub(crate) struct VersionRecord(pub(crate) Version);

impl Record for ParameterRecord {
    const TABLE: &'static str = "ssm.parameters";
    const SERVICE: &'static str = "ssm";
}

impl Record for VersionRecord {
    const TABLE: &'static str = "ssm.versions";
    const SERVICE: &'static str = "ssm";
}

impl ParameterRecord {
    /// The parameter that stands there, whatever its time.
    pub(crate) async fn get(ctx: &Ctx, place: &Place) -> Result<Option<Arc<Self>>> {
        if place.region != ctx.region {
            return Ok(None);
        }
        ctx.get(&place.key()).await
    }

    /// Whether this is what a reader means: a name by which it is called matters, and so does its
    /// time.
    pub(crate) fn is_meant(&self, reference: &Reference, now_millis: i64) -> bool {
        let is_called = reference.by_arn || self.name == reference.place.name;
        is_called && !self.has_expired(now_millis)
    }

    /// Whether its time is over, though it may not have been deleted yet.
    pub(crate) fn has_expired(&self, now_millis: i64) -> bool {
        self.clauses.iter().any(|it| it.deletes_by(now_millis))
    }

    /// The version with this number, if it is kept.
    pub(crate) async fn version(
        &self,
        ctx: &Ctx,
        place: &Place,
        number: i64,
    ) -> Result<Option<Picked>> {
        if number == self.current.number {
            return Ok(Some(Picked::Current));
        }
        if number < self.oldest || number > self.current.number {
            return Ok(None);
        }
        let key = self.version_key(place, number);
        let found = ctx.get::<VersionRecord>(&key).await?;
        let found = found.ok_or_else(|| Error::dangling("a version of a parameter"))?;
        Ok(Some(Picked::Former(found)))
    }

    /// The version that a reader asks for.
    pub(crate) async fn select(
        &self,
        ctx: &Ctx,
        place: &Place,
        selector: Option<&Selector>,
    ) -> Result<Picked> {
        let number = match selector {
            None => return Ok(Picked::Current),
            Some(Selector::Version(number)) => *number,
            Some(Selector::Label(label)) => {
                let found = self.labelled(label);
                found.ok_or_else(|| refusals::no_label(&self.name, label))?
            }
        };
        let found = self.version(ctx, place, number).await?;
        Ok(found.ok_or_else(|| refusals::no_version(&self.name, number))?)
    }

    /// The version that has this label.
    pub(crate) fn labelled(&self, label: &str) -> Option<i64> {
        let mut labels = self.labels.iter();
        let found = labels.find(|(known, _)| known == label);
        found.map(|(_, version)| *version)
    }

    /// The labels of a version, in their order.
    pub(crate) fn labels_of(&self, version: i64) -> Vec<String> {
        let labels = self.labels.iter().filter(|(_, of)| *of == version);
        labels.map(|(label, _)| label.clone()).collect()
    }

    /// Where a version that is not the current one stands.
    pub(crate) fn version_key(&self, place: &Place, number: i64) -> Key {
        let number = number.to_string();
        Key::new(
            &place.account,
            &place.region,
            [self.id.as_str(), number.as_str()],
        )
    }

    /// The numbers of the versions that stand apart.
    pub(crate) fn former(&self) -> impl Iterator<Item = i64> + use<> {
        self.oldest..self.current.number
    }

    /// The resource policy, parsed once.
    pub(crate) fn policy(&self) -> Result<Option<&Policy>> {
        let Some(sharing) = &self.sharing else {
            return Ok(None);
        };
        let parsed = self.parsed.get_or_make(|| {
            Policy::parse(&sharing.document, PolicyKind::Resource).map_err(|malformed| {
                let detail = malformed.detail();
                Error::internal(format!("a stored policy is malformed: {detail}"))
            })
        });
        parsed.map(Some)
    }
}

/// One of the versions of a parameter.
pub(crate) enum Picked {
    Current,
    Former(Arc<VersionRecord>),
}

impl Picked {
    /// The version itself.
    pub(crate) fn of<'a>(&'a self, record: &'a ParameterRecord) -> &'a Version {
        match self {
            Self::Current => &record.current,
            Self::Former(former) => &former.0,
        }
    }
}

impl Kind {
    /// As AWS has it.
    pub(crate) fn shown(self) -> ParameterType {
        match self {
            Self::String => ParameterType::String,
            Self::StringList => ParameterType::StringList,
            Self::SecureString => ParameterType::SecureString,
        }
    }

    /// As a request has it.
    pub(crate) fn asked(kind: ParameterType) -> Self {
        match kind {
            ParameterType::String => Self::String,
            ParameterType::StringList => Self::StringList,
            ParameterType::SecureString => Self::SecureString,
        }
    }
}

impl Tier {
    /// As AWS has it.
    pub(crate) fn shown(self) -> ParameterTier {
        match self {
            Self::Standard => ParameterTier::Standard,
            Self::Advanced => ParameterTier::Advanced,
        }
    }
}
