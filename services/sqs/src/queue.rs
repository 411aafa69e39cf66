//! Queues.

use std::sync::Arc;

use platform::{Ctx, Derived, Error, Result};
use policy::{Policy, PolicyKind};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use crate::heap::HeapRecord;
use crate::lanes::LanedRecord;
use crate::names::QueuePlace;
use crate::refusals;
use crate::settings::Settings;

/// What the store keeps of a queue.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct QueueRecord {
    /// The name.
    pub(crate) name: String,
    /// Tells the queue from others that have had its name.
    pub(crate) id: String,
    /// Where its messages are: another place after each purge.
    pub(crate) heap: String,
    /// What was set. Users and roles that the policy names are kept by their unique ids.
    pub(crate) settings: Settings,
    /// Keys and values, sorted by key.
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) created_millis: i64,
    pub(crate) modified_millis: i64,
    /// When it was purged last; 0 for never.
    pub(crate) purged_millis: i64,
    #[serde(skip)]
    pub(crate) parsed: Derived<Policy>,
}

impl Record for QueueRecord {
    const TABLE: &'static str = "sqs.queues";
    const SERVICE: &'static str = "sqs";
}

/// When a queue of this name was deleted.
#[derive(Serialize, Deserialize)]
pub(crate) struct DeletedRecord {
    pub(crate) at_millis: i64,
}

impl Record for DeletedRecord {
    const TABLE: &'static str = "sqs.deleted";
    const SERVICE: &'static str = "sqs";
}

/// How long a name cannot be had again (CreateQueue).
const DELETED_MILLIS: i64 = 60_000;

impl DeletedRecord {
    /// Whether it keeps the name from being had.
    pub(crate) fn counts(&self, now_millis: i64) -> bool {
        self.at_millis + DELETED_MILLIS > now_millis
    }
}

impl QueueRecord {
    /// A new queue, whose messages have a place of their own.
    pub(crate) async fn new(ctx: &Ctx, place: &QueuePlace) -> Result<Self> {
        let mut record = Self {
            name: place.name.clone(),
            id: ctx.new_uuid()?,
            heap: String::new(),
            settings: Settings::default(),
            tags: Vec::new(),
            created_millis: ctx.now.millis,
            modified_millis: ctx.now.millis,
            purged_millis: 0,
            parsed: Derived::default(),
        };
        record.begin_heap(ctx, place).await?;
        Ok(record)
    }

    /// The queue, if there is one.
    pub(crate) async fn get(ctx: &Ctx, place: &QueuePlace) -> Result<Option<Arc<Self>>> {
        ctx.get(&place.key()).await
    }

    /// Stages the record.
    pub(crate) async fn put(self, ctx: &Ctx, place: &QueuePlace) {
        ctx.put(place.key(), self).await;
    }

    /// Gives the messages to come a new place.
    pub(crate) async fn begin_heap(&mut self, ctx: &Ctx, place: &QueuePlace) -> Result<()> {
        self.heap = ctx.new_uuid()?;
        ctx.put(self.messages(place), LanedRecord {}).await;
        ctx.put(
            HeapRecord::place(&self.heap),
            HeapRecord::of(place, &self.id),
        )
        .await;
        Ok(())
    }

    /// Leaves the messages that there are to be swept away.
    pub(crate) async fn leave_heap(&self, ctx: &Ctx, place: &QueuePlace) {
        let left = HeapRecord::left(place, &self.id);
        ctx.put(HeapRecord::place(&self.heap), left).await;
    }

    /// Where its messages are.
    pub(crate) fn messages(&self, place: &QueuePlace) -> Key {
        Key::new(&place.account, &place.region, [self.heap.as_str()])
    }

    /// The policy, parsed once.
    pub(crate) fn policy(&self) -> Result<Option<&Policy>> {
        let Some(text) = self.settings.get("Policy") else {
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
        Ok(match self.settings.get("Policy") {
            Some(policy) => Some(ctx.show_principals(policy).await?),
            None => None,
        })
    }

    /// Whether the time of a message that was sent at `sent_millis` is over.
    pub(crate) fn has_expired(&self, sent_millis: i64, now_millis: i64) -> bool {
        sent_millis.saturating_add(self.settings.millis("MessageRetentionPeriod")) <= now_millis
    }
}

/// The queue that there is, or AWS's error.
pub(crate) fn existing(found: Option<Arc<QueueRecord>>) -> Result<Arc<QueueRecord>> {
    Ok(found.ok_or_else(refusals::no_queue)?)
}
