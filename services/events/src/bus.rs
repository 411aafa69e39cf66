//! Buses.

use std::sync::Arc;

use api::events::{DeadLetterConfig, EventBus};
use platform::{Ctx, Derived, Error, Result};
use policy::{Policy, PolicyKind};
use serde::{Deserialize, Serialize};
use store::{DecodeError, Migrate as _, Record};
use wire::Timestamp;

use crate::encryption::NamedKey;
use crate::names::BusPlace;
use crate::refusals;

/// What the store keeps of a bus. The default bus has a record once something is set on it.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct BusRecord {
    /// The name.
    pub(crate) name: String,
    /// The description.
    pub(crate) description: Option<String>,
    /// The JSON text of the policy. The users and roles of this installation that it names are kept
    /// by their unique ids.
    pub(crate) policy: Option<String>,
    /// Keys and values, sorted by key.
    pub(crate) tags: Vec<(String, String)>,
    /// When it was made; 0 for the default bus.
    pub(crate) created_millis: i64,
    /// When it was last changed; 0 for the default bus before it is.
    pub(crate) modified_millis: i64,
    /// The ARN of the queue for events that it cannot process.
    pub(crate) dead_letters: Option<String>,
    /// The key that its events are under; none for AWS's own.
    pub(crate) kms_key: Option<NamedKey>,
    #[serde(skip)]
    pub(crate) parsed: Derived<Policy>,
}

impl Record for BusRecord {
    const TABLE: &'static str = "events.buses";
    const SERVICE: &'static str = "events";
    const FORMAT: u8 = 3;

    fn decode_older(format: u8, bytes: &[u8]) -> std::result::Result<Self, DecodeError> {
        Self::decode_previous(format, bytes)
    }
}

impl BusRecord {
    /// The bus, if there is one.
    pub(crate) async fn get(ctx: &Ctx, place: &BusPlace) -> Result<Option<Arc<Self>>> {
        let found = ctx.get(&place.key()).await?;
        Ok(found.or_else(|| Self::unwritten(place)))
    }

    /// The bus, or AWS's error.
    pub(crate) async fn existing(ctx: &Ctx, place: &BusPlace) -> Result<Arc<Self>> {
        let found = Self::get(ctx, place).await?;
        Ok(found.ok_or_else(|| refusals::no_bus(&place.name))?)
    }

    /// Stages the record.
    pub(crate) async fn put(mut self, ctx: &Ctx, place: &BusPlace) {
        self.modified_millis = ctx.now.millis;
        ctx.put(place.key(), self).await;
    }

    /// `DeadLetterConfig`
    pub(crate) fn shown_dead_letters(&self) -> Option<DeadLetterConfig> {
        let arn = self.dead_letters.clone()?;
        Some(DeadLetterConfig { arn: Some(arn) })
    }

    /// `KmsKeyIdentifier`, as it was given.
    pub(crate) fn shown_key(&self) -> Option<String> {
        self.kms_key.as_ref().map(|key| key.named.clone())
    }

    /// The policy, parsed once.
    pub(crate) fn policy(&self) -> Result<Option<&Policy>> {
        let Some(text) = &self.policy else {
            return Ok(None);
        };
        let parsed = self.parsed.get_or_make(|| {
            Policy::parse(text, PolicyKind::Resource).map_err(|malformed| {
                let detail = malformed.detail();
                Error::internal(format!("a stored policy is malformed: {detail}"))
            })
        });
        parsed.map(Some)
    }

    /// The policy as AWS shows it.
    pub(crate) async fn shown_policy(&self, ctx: &Ctx) -> Result<Option<String>> {
        Ok(match &self.policy {
            Some(policy) => Some(ctx.show_principals(policy).await?),
            None => None,
        })
    }

    /// The bus as lists show it.
    pub(crate) async fn shown(&self, ctx: &Ctx, place: &BusPlace) -> Result<EventBus> {
        Ok(EventBus {
            name: Some(self.name.clone()),
            arn: Some(place.arn()),
            description: self.description.clone(),
            policy: self.shown_policy(ctx).await?,
            creation_time: time(self.created_millis),
            last_modified_time: time(self.modified_millis),
            managed_by: None,
        })
    }

    fn unwritten(place: &BusPlace) -> Option<Arc<Self>> {
        place.is_default().then(|| {
            Arc::new(Self {
                name: place.name.clone(),
                ..Self::default()
            })
        })
    }
}

/// A time that is known.
pub(crate) fn time(millis: i64) -> Option<Timestamp> {
    (millis != 0).then_some(Timestamp { millis })
}
