//! What services tell EventBridge of by themselves ("Events from AWS services", EventBridge user
//! guide): that a key rotated, that a parameter changed.
//!
//! A service emits an event in the commit of the change that it tells of, so that there is one just
//! if the change holds. It knows nothing of buses and rules: the events wait in the store for
//! whoever routes them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use store::{Key, Record, Txn};
use wire::Timestamp;

use crate::ctx::Ctx;
use crate::fault::Result;
use crate::upkeep::Upkeep;
use crate::way;

/// An event for the default bus of an account in a Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusEvent {
    /// `source`: `aws.kms`.
    pub source: String,
    /// `detail-type`: `KMS CMK Rotation`.
    pub detail_type: String,
    /// Whose bus, and whose resource it is.
    pub account: String,
    /// Where.
    pub region: String,
    /// ARNs.
    pub resources: Vec<String>,
    /// The JSON text of an object.
    pub detail: String,
    /// When it happened, in milliseconds since 1970.
    pub at_millis: i64,
}

/// An event that waits to be routed.
#[derive(Clone, Serialize, Deserialize)]
pub struct EmittedEvent {
    /// Its id, for ever: an event that is routed twice is seen to be the same.
    pub id: String,
    /// What happened.
    pub event: BusEvent,
}

impl Record for EmittedEvent {
    const TABLE: &'static str = "platform.emitted";
    const SERVICE: &'static str = "platform";
    const CACHED: bool = false;
}

impl BusEvent {
    /// An event of `now`, where `resource` is the ARN of what it tells of, of which account and
    /// Region are those of the bus. `detail` is a JSON object's text.
    pub fn about(
        resource: &str,
        (source, detail_type): (&str, &str),
        detail: impl Into<String>,
        now: Timestamp,
    ) -> Self {
        let mut parts = resource.split(':').skip(3);
        let mut part = || parts.next().unwrap_or_default().to_owned();
        let (region, account) = (part(), part());
        Self {
            source: source.to_owned(),
            detail_type: detail_type.to_owned(),
            account,
            region,
            resources: vec![resource.to_owned()],
            detail: detail.into(),
            at_millis: now.millis,
        }
    }
}

impl EmittedEvent {
    /// Where all of them are.
    pub fn all() -> Key {
        Key::new("", "", [""; 0])
    }

    fn place(id: &str) -> Key {
        Key::new("", "", [id])
    }

    /// Up to `limit` of those that wait, in no order.
    pub async fn waiting(txn: &mut Txn, limit: usize) -> Result<Vec<Arc<Self>>> {
        let page = txn.scan::<Self>(&Self::all(), None, limit).await?;
        Ok(page.rows.into_iter().map(|(_, event)| event).collect())
    }

    /// Stages that it is routed.
    pub async fn done(&self, ctx: &Ctx) {
        ctx.delete::<Self>(&Self::place(&self.id)).await;
    }
}

impl Upkeep {
    /// Stages an event.
    pub fn emit(&self, txn: &mut Txn, event: BusEvent) -> Result<()> {
        let mut id = [0; 16];
        self.random.fill(&mut id)?;
        let id = way::uuid(id);
        txn.put(EmittedEvent::place(&id), EmittedEvent { id, event });
        Ok(())
    }
}

impl Ctx {
    /// Stages an event.
    pub async fn emit(&self, event: BusEvent) -> Result<()> {
        let id = self.new_uuid()?;
        let place = EmittedEvent::place(&id);
        self.put(place, EmittedEvent { id, event }).await;
        Ok(())
    }
}
