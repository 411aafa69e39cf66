//! Batches of events: what one PutLogEvents brought is one record, and the index tells which times
//! it covers, so that a read opens no batch in vain.

use std::fmt;

use crypto::DataKey;
use platform::{Ctx, Error, Result};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use store::{Key, Record};

use crate::access::Group;
use crate::encryption;
use crate::position::{Position, Serial};
use crate::stream::StreamRecord;

/// So many batches share a page of the index.
const PAGE: u64 = 128;

/// The events of one PutLogEvents.
#[derive(Serialize, Deserialize)]
pub(crate) struct BatchRecord {
    pub(crate) ingested_millis: i64,
    /// Which of the group's data keys encrypts the events; none where the store's own seal does.
    data_key: Option<u32>,
    events: Bytes,
}

impl Record for BatchRecord {
    const TABLE: &'static str = "logs.batches";
    const SERVICE: &'static str = "logs";
    const CACHED: bool = false;
}

/// The events of a batch in clear, which are never a row of their own.
#[derive(Serialize, Deserialize)]
pub(crate) struct EventsRecord {
    pub(crate) events: Vec<Event>,
}

impl Record for EventsRecord {
    const TABLE: &'static str = "logs.events";
    const SERVICE: &'static str = "logs";
    const CACHED: bool = false;
}

/// A page of the index of a stream.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct IndexRecord {
    pub(crate) entries: Vec<Entry>,
}

impl Record for IndexRecord {
    const TABLE: &'static str = "logs.index";
    const SERVICE: &'static str = "logs";
}

/// What the index knows of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) batch: u64,
    /// The time of the first event.
    pub(crate) first_millis: i64,
    /// The time of the last event.
    pub(crate) last_millis: i64,
    pub(crate) events: u32,
    pub(crate) bytes: u32,
}

/// An event: its time in milliseconds, and what it says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) millis: i64,
    pub(crate) message: String,
}

impl Event {
    /// How much it counts (PutLogEvents: UTF-8, and 26 bytes for each event).
    pub(crate) fn size(&self) -> usize {
        self.message.len() + 26
    }
}

impl Entry {
    /// Where the first of its events stands.
    pub(crate) fn first(&self, stream: Serial) -> Position {
        Position {
            millis: self.first_millis,
            stream,
            batch: self.batch,
            nth: 1,
        }
    }

    /// Where the last of its events stands.
    pub(crate) fn last(&self, stream: Serial) -> Position {
        Position {
            millis: self.last_millis,
            stream,
            batch: self.batch,
            nth: self.events,
        }
    }
}

/// Where the batch of this number stands, in the stream of a group.
pub(crate) fn batch_place(account: &str, region: &str, stream: Serial, batch: u64) -> Key {
    Key::new(
        account,
        region,
        [format!("{stream:016x}"), batch.to_string()],
    )
}

/// Where the page of the index that tells of `batch` stands.
pub(crate) fn page_place(account: &str, region: &str, stream: Serial, batch: u64) -> Key {
    let page = batch / PAGE;
    Key::new(
        account,
        region,
        [format!("{stream:016x}"), page.to_string()],
    )
}

/// The first batches of the pages of the index that a stream has.
pub(crate) fn pages(stream: &StreamRecord) -> impl Iterator<Item = u64> {
    let first = stream.gone / PAGE;
    let behind = stream.batches.div_ceil(PAGE);
    (first..behind).map(|page| page * PAGE)
}

/// Stages events, which are in the order of their times, as the next batch of the stream.
pub(crate) async fn append(
    ctx: &Ctx,
    group: &Group,
    stream: &mut StreamRecord,
    events: Vec<Event>,
) -> Result<()> {
    let (Some(first), Some(last)) = (events.first(), events.last()) else {
        return Ok(());
    };
    let (account, region) = (&*group.account, &*group.region);
    let (serial, batch) = (stream.serial, stream.batches);
    let bytes: usize = events.iter().map(Event::size).sum();
    let entry = Entry {
        batch,
        first_millis: first.millis,
        last_millis: last.millis,
        events: u32::try_from(events.len()).map_err(Error::internal)?,
        bytes: u32::try_from(bytes).map_err(Error::internal)?,
    };
    let record = seal(ctx, group, (serial, batch), events).await?;
    ctx.put(batch_place(account, region, serial, batch), record)
        .await;

    let place = page_place(account, region, serial, batch);
    let known = ctx.get::<IndexRecord>(&place).await?;
    let mut page = known.as_deref().cloned().unwrap_or_default();
    page.entries.push(entry);
    ctx.put(place, page).await;

    let (first, last) = (entry.first_millis, entry.last_millis);
    let earliest = stream.first_event_millis.unwrap_or(first);
    let latest = stream.last_event_millis.unwrap_or(last);
    stream.first_event_millis = Some(earliest.min(first));
    stream.last_event_millis = Some(latest.max(last));
    stream.last_ingestion_millis = Some(ctx.now.millis);
    stream.bytes += u64::from(entry.bytes);
    stream.batches += 1;
    Ok(())
}

async fn seal(
    ctx: &Ctx,
    group: &Group,
    (stream, batch): (Serial, u64),
    events: Vec<Event>,
) -> Result<BatchRecord> {
    let record = EventsRecord { events };
    let place = batch_place(&group.account, &group.region, stream, batch);
    let plain = store::record::encode(&place, &record).map_err(Error::internal)?;
    let (data_key, events) = match group.current_data_key() {
        None => (None, plain.to_vec()),
        Some((position, wrapped)) => {
            let key = encryption::unwrap(ctx, group, wrapped).await?;
            let sealed = key.seal(&place_of(stream, batch), &plain, ctx.random());
            let position = u32::try_from(position).map_err(Error::internal)?;
            (Some(position), sealed.map_err(Error::internal)?)
        }
    };
    Ok(BatchRecord {
        ingested_millis: ctx.now.millis,
        data_key,
        events: Bytes(events),
    })
}

/// What binds sealed events to their place.
fn place_of(stream: Serial, batch: u64) -> [u8; 16] {
    (u128::from(stream) << 64 | u128::from(batch)).to_be_bytes()
}

/// The data keys of a group that one call has needed, each asked of KMS once. They end with the
/// call: a key that is disabled opens nothing for the next one.
#[derive(Default)]
pub(crate) struct DataKeys {
    known: Vec<(u32, DataKey)>,
}

impl DataKeys {
    async fn get(&mut self, ctx: &Ctx, group: &Group, position: u32) -> Result<&DataKey> {
        let found = self.known.iter().position(|(known, _)| *known == position);
        let at = match found {
            Some(at) => at,
            None => {
                let index = usize::try_from(position).map_err(Error::internal)?;
                let wrapped = group.data_keys.get(index);
                let wrapped = wrapped.ok_or_else(|| Error::dangling("a data key"))?;
                let key = encryption::unwrap(ctx, group, wrapped).await?;
                self.known.push((position, key));
                self.known.len() - 1
            }
        };
        let found = self.known.get(at).map(|(_, key)| key);
        found.ok_or_else(|| Error::dangling("a data key"))
    }
}

/// When a batch came in, and its events.
pub(crate) async fn open(
    ctx: &Ctx,
    group: &Group,
    (stream, batch): (Serial, u64),
    keys: &mut DataKeys,
) -> Result<(i64, Vec<Event>)> {
    let place = batch_place(&group.account, &group.region, stream, batch);
    let Some(record) = ctx.get::<BatchRecord>(&place).await? else {
        // Its time was over between the two reads.
        return Ok((0, Vec::new()));
    };
    let Bytes(sealed) = &record.events;
    let opened;
    let plain = match record.data_key {
        None => sealed,
        Some(position) => {
            let key = keys.get(ctx, group, position).await?;
            let plain = key.open(&place_of(stream, batch), sealed);
            opened = plain.map_err(Error::internal)?;
            &*opened
        }
    };
    let (_, EventsRecord { events }) = store::record::decode(plain).map_err(Error::internal)?;
    Ok((record.ingested_millis, events))
}

/// Bytes that are written and read in one piece, not one by one.
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Whole;

        impl Visitor<'_> for Whole {
            type Value = Bytes;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
        }

        deserializer.deserialize_bytes(Whole)
    }
}

#[cfg(test)]
impl BatchRecord {
    /// A batch for samples of formats.
    pub(crate) fn sample() -> Self {
        Self {
            ingested_millis: 1,
            data_key: Some(1),
            events: Bytes(vec![1, 2, 3]),
        }
    }
}
