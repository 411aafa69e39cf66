//! Log streams, as the store keeps them.

use platform::{Ctx, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use crate::access::Group;
use crate::position::{Position, Serial};
use crate::refusals;

/// What the store keeps of a log stream.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct StreamRecord {
    pub(crate) name: String,
    /// Drawn anew for each stream; its events stand below it.
    pub(crate) serial: Serial,
    pub(crate) created_millis: i64,
    pub(crate) first_event_millis: Option<i64>,
    pub(crate) last_event_millis: Option<i64>,
    pub(crate) last_ingestion_millis: Option<i64>,
    /// The bytes of its events as AWS counts them: UTF-8, and 26 for each.
    pub(crate) bytes: u64,
    /// How many batches of events came in; the number of the next one.
    pub(crate) batches: u64,
    /// Batches below this number have expired and are gone, and so are the pages of the index that
    /// told of none but them.
    pub(crate) gone: u64,
}

impl Record for StreamRecord {
    const TABLE: &'static str = "logs.streams";
    const SERVICE: &'static str = "logs";
}

impl StreamRecord {
    /// Where the streams of a group stand.
    pub(crate) fn all(account: &str, region: &str, group_id: &str) -> Key {
        Key::new(account, region, [group_id])
    }

    /// Where the stream of this name stands.
    pub(crate) fn place(account: &str, region: &str, group_id: &str, name: &str) -> Key {
        Key::new(account, region, [group_id, name])
    }

    fn place_in(group: &Group, name: &str) -> Key {
        Self::place(&group.account, &group.region, &group.id, name)
    }

    /// The stream of this name, in a group that the caller may reach.
    pub(crate) async fn find(ctx: &Ctx, group: &Group, name: &str) -> Result<Option<Self>> {
        let found = ctx.get::<Self>(&Self::place_in(group, name)).await?;
        Ok(found.as_deref().cloned())
    }

    /// The same, where it has to exist.
    pub(crate) async fn get(ctx: &Ctx, group: &Group, name: &str) -> Result<Self> {
        let found = Self::find(ctx, group, name).await?;
        Ok(found.ok_or_else(refusals::no_stream)?)
    }

    /// All streams of a group that the caller may reach.
    pub(crate) async fn list(ctx: &Ctx, group: &Group) -> Result<Vec<Self>> {
        let all = Self::all(&group.account, &group.region, &group.id);
        let rows = ctx.scan_all::<Self>(&all).await?;
        let streams = rows.iter().map(|(_, stream)| Self::clone(stream));
        Ok(streams.collect())
    }

    /// Stages the record.
    pub(crate) async fn put(self, ctx: &Ctx, group: &Group) {
        ctx.put(Self::place_in(group, &self.name), self).await;
    }

    /// Stages its deletion; the events below it are another matter.
    pub(crate) async fn delete(&self, ctx: &Ctx, group: &Group) {
        ctx.delete::<Self>(&Self::place_in(group, &self.name)).await;
    }

    /// The token that AWS once wanted with the next batch and now disregards.
    pub(crate) fn sequence_token(&self) -> String {
        let next = Position {
            millis: self.created_millis,
            stream: self.serial,
            batch: self.batches,
            nth: 1,
        };
        next.digits()
    }
}
