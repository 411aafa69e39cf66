//! Archives: what a bus took, kept for later.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::events::{Archive, ArchiveState};
use patterns::{Event, Pattern};
use platform::{Ctx, Derived, Error, Result, partition};
use serde::{Deserialize, Serialize};
use store::{DecodeError, Key, Migrate as _, Record};
use wire::Timestamp;

use crate::access::Thing;
use crate::encryption::{NamedKey, Text};
use crate::entry::Incoming;
use crate::expiry::Expiring;
use crate::listening::{Listener, Listening};
use crate::names::BusPlace;
use crate::{refusals, rules};

/// The archives of a bus, together, since every event asks for all.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct ArchivesRecord {
    /// The bus's name.
    pub(crate) bus: String,
    /// By name.
    pub(crate) archives: BTreeMap<String, ArchiveRecord>,
}

/// An archive.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ArchiveRecord {
    /// Distinguishes it from an earlier archive of its name.
    pub(crate) id: String,
    /// The description.
    pub(crate) description: Option<String>,
    /// The JSON text of the pattern; none keeps every event.
    pub(crate) pattern: Option<String>,
    /// When it was made.
    pub(crate) created_millis: i64,
    /// For how many days events are kept; 0 keeps them for ever.
    pub(crate) retention_days: i32,
    /// The key that its events are under; none for AWS's own.
    pub(crate) kms_key: Option<NamedKey>,
    #[serde(skip)]
    pub(crate) compiled: Derived<Pattern>,
}

/// An event in an archive.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ArchivedEvent {
    /// When it was put.
    pub(crate) at_millis: i64,
    /// The event's own time, to which replays go.
    pub(crate) happened_millis: i64,
    /// The event's id.
    pub(crate) id: String,
    /// The JSON text.
    pub(crate) event: Text,
}

impl Record for ArchivesRecord {
    const TABLE: &'static str = "events.archives";
    const SERVICE: &'static str = "events";
    const FORMAT: u8 = 3;

    fn decode_older(format: u8, bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::decode_previous(format, bytes)
    }
}

impl Record for ArchivedEvent {
    const TABLE: &'static str = "events.archived";
    const SERVICE: &'static str = "events";
    const FORMAT: u8 = 2;

    fn decode_older(format: u8, bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::decode_previous(format, bytes)
    }
}

impl ArchivedEvent {
    /// The event, with its text as it is kept.
    pub(crate) fn of(ctx: &Ctx, event: &Incoming, text: Text) -> Result<Self> {
        let moment = moment(&event.text);
        let (happened_millis, id) =
            moment.ok_or_else(|| Error::internal("an event has no time"))?;
        Ok(Self {
            at_millis: ctx.now.millis,
            happened_millis,
            id,
            event: text,
        })
    }
}

/// When the event of a text happened, in milliseconds since 1970, and its id.
pub(crate) fn moment(text: &str) -> Option<(i64, String)> {
    #[derive(Deserialize)]
    struct Head {
        id: String,
        time: String,
    }
    let head: Head = serde_json::from_str(text).ok()?;
    let time = Timestamp::parse_iso8601(&head.time)?;
    Some((time.millis, head.id))
}

/// What there was in an archive with many events.
#[derive(Serialize, Deserialize)]
pub(crate) struct WeightRecord {
    pub(crate) count: i64,
    pub(crate) bytes: i64,
    pub(crate) at_millis: i64,
}

impl Record for WeightRecord {
    const TABLE: &'static str = "events.archive_weights";
    const SERVICE: &'static str = "events";
}

/// Up to so many events are counted anew for whoever asks.
const FEW: i64 = 1000;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// An archive that was found, with its bus and all archives of that.
pub(crate) struct Found {
    pub(crate) place: BusPlace,
    pub(crate) all: Arc<ArchivesRecord>,
}

impl ArchivesRecord {
    /// All archives of the caller's account and Region, by bus.
    pub(crate) async fn all(ctx: &Ctx) -> Result<Vec<Found>> {
        let own = Key::new(ctx.account(), &ctx.region, [""; 0]);
        let rows = ctx.scan_all::<Self>(&own).await?;
        let found = rows.into_iter().map(|(_, all)| Found {
            place: BusPlace::own(ctx, &all.bus),
            all,
        });
        Ok(found.collect())
    }

    /// The archive of this name.
    pub(crate) async fn find(ctx: &Ctx, name: &str) -> Result<Found> {
        let all = Self::all(ctx).await?;
        let mut all = all.into_iter();
        let found = all.find(|found| found.all.archives.contains_key(name));
        Ok(found.ok_or_else(|| refusals::no_archive(name))?)
    }

    /// Stages the record.
    pub(crate) async fn put(self, ctx: &Ctx, place: &BusPlace) -> Result<()> {
        let listens = (!self.archives.is_empty()).then_some(false);
        Listening::note(ctx, place, Listener::Archives, listens).await?;
        let mut archives = self.archives.values();
        let expires = archives.any(|archive| archive.retention_days > 0);
        Expiring::note(ctx, place, expires).await?;
        if self.archives.is_empty() {
            ctx.delete::<Self>(&place.key()).await;
        } else {
            ctx.put(place.key(), self).await;
        }
        Ok(())
    }
}

impl ArchiveRecord {
    /// Whether the archive keeps the event.
    pub(crate) fn keeps(&self, event: &Event) -> Result<bool> {
        let Some(text) = &self.pattern else {
            return Ok(true);
        };
        let parse = || Pattern::parse(text).map_err(Error::internal);
        Ok(self.compiled.get_or_make(parse)?.matches(event))
    }

    /// Where its events are.
    pub(crate) fn events(&self, place: &BusPlace) -> Key {
        Key::new(&place.account, &place.region, [self.id.as_str()])
    }

    /// Where the event of this id is.
    pub(crate) fn event(&self, place: &BusPlace, event_id: &str) -> Key {
        Key::new(&place.account, &place.region, [self.id.as_str(), event_id])
    }

    /// Where its weight is.
    pub(crate) fn weight_place(&self, place: &BusPlace) -> Key {
        self.events(place)
    }

    /// The number of its events, and the bytes of their texts. Of an archive with many they are as
    /// old as a day, as AWS's are ("Archiving events": both may take 24 hours to be up to date).
    async fn weight(&self, ctx: &Ctx, place: &BusPlace) -> Result<(i64, i64)> {
        let key = self.weight_place(place);
        let known = ctx.get::<WeightRecord>(&key).await?;
        let is_recent = |known: &Arc<WeightRecord>| ctx.now.millis - known.at_millis < DAY_MILLIS;
        if let Some(known) = known.filter(is_recent) {
            return Ok((known.count, known.bytes));
        }
        let (count, bytes) = self.weigh(ctx, place).await?;
        if count > FEW {
            let at_millis = ctx.now.millis;
            let weight = WeightRecord {
                count,
                bytes,
                at_millis,
            };
            ctx.put(key, weight).await;
        }
        Ok((count, bytes))
    }

    async fn weigh(&self, ctx: &Ctx, place: &BusPlace) -> Result<(i64, i64)> {
        let (mut count, mut bytes, mut after) = (0, 0, None);
        let mut rows = FEWEST;
        loop {
            // Apart from the call: it is not to be refused because events came in.
            let mut apart = ctx.upkeep().begin();
            let prefix = self.events(place);
            let page = apart.scan::<ArchivedEvent>(&prefix, after.as_ref(), rows);
            let page = page.await?;
            rows = next_rows(page.rows.iter().map(|(_, event)| &**event));
            for (_, event) in &page.rows {
                count += 1;
                bytes += i64::try_from(event.event.len()).unwrap_or(i64::MAX);
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok((count, bytes)),
            }
        }
    }

    /// The archive as lists show it.
    pub(crate) async fn shown(&self, ctx: &Ctx, name: &str, place: &BusPlace) -> Result<Archive> {
        let (count, bytes) = self.weight(ctx, place).await?;
        Ok(Archive {
            archive_name: Some(name.to_owned()),
            event_source_arn: Some(place.arn()),
            state: Some(ArchiveState::Enabled),
            state_reason: None,
            retention_days: Some(self.retention_days),
            size_bytes: Some(bytes),
            event_count: Some(count),
            creation_time: Some(self.created()),
        })
    }

    /// When it was made.
    pub(crate) fn created(&self) -> Timestamp {
        Timestamp {
            millis: self.created_millis,
        }
    }
}

/// How many events are read at once, at first and at least.
pub(crate) const FEWEST: usize = 16;
/// The most.
const MOST: usize = 1000;
/// So many bytes of them are read at once where they are as large as those before.
const BYTES: usize = 8 * 1024 * 1024;

/// How many events to read after these, so that those of 1 MiB do not fill the memory.
pub(crate) fn next_rows<'e>(read: impl Iterator<Item = &'e ArchivedEvent>) -> usize {
    let (count, bytes) = read.fold((0_usize, 0_usize), |(count, bytes), event| {
        (count + 1, bytes + event.event.len())
    });
    let each = bytes.checked_div(count).unwrap_or_default();
    let rows = BYTES.checked_div(each).unwrap_or(MOST);
    rows.clamp(FEWEST, MOST)
}

/// The ARN of an archive of the caller's.
pub(crate) fn arn(ctx: &Ctx, name: &str) -> String {
    let (region, account) = (&ctx.region, ctx.account());
    format!(
        "arn:{}:events:{region}:{account}:archive/{name}",
        partition(region)
    )
}

/// An archive of the caller's, for decisions.
pub(crate) fn thing(ctx: &Ctx, name: &str) -> Thing {
    Thing {
        arn: arn(ctx, name),
        account: ctx.account().to_owned(),
        tags: Vec::new(),
        creator: None,
    }
}

/// A text that says something: an empty one is none.
pub(crate) fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// Refuses a pattern that is none.
pub(crate) fn check(pattern: Option<&str>) -> Result<()> {
    if let Some(text) = pattern.filter(|text| !text.is_empty()) {
        rules::new_pattern(text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_w2_large_events_are_read_few_at_a_time() {
        let next = |sizes: &[usize]| {
            let events = sizes.iter().map(|size| ArchivedEvent {
                at_millis: 0,
                happened_millis: 0,
                id: String::new(),
                event: Text::Plain("x".repeat(*size)),
            });
            let events: Vec<_> = events.collect();
            next_rows(events.iter())
        };
        assert_eq!(next(&[]), MOST);
        assert_eq!(next(&[300, 500]), MOST);
        assert_eq!(next(&[100_000; 4]), 83);
        assert_eq!(next(&[1, 1 << 20, 1 << 20]), FEWEST);
    }
}
