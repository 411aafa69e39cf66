//! Runs queries of Logs Insights: a delivery of the service to itself, staged by StartQuery, so that
//! a query is run after its call has committed, beside all calls, and again where the program ended.
//!
//! Events are read some batches at a time, as a call of the service's own each: KMS is asked anew
//! for each, so a key that is disabled meanwhile fails the query.

use insights::{Event, Limits, Query, Run};
use platform::{Ctx, Delivery, Error, NewDelivery, Outcome, Result, Retries, Stopwatch};
use std::sync::Arc;

use crate::access::Group;
use crate::batch::{self, DataKeys, Event as Kept, IndexRecord};
use crate::group::GroupRecord;
use crate::query::{Progress, QueryRecord, ShownRow, Status};
use crate::stream::StreamRecord;

/// What queues of queries begin with.
const QUEUE: &str = "query/";
/// So many bytes of batches are read between two looks at whether the query is still wanted.
const AT_ONCE: u64 = 8 * 1024 * 1024;
/// The memory that a query may have.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// So long a query may run, in seconds (StartQuery).
const MOST_SECS: f64 = 3600.0;
/// So long it has one of the threads that others wait for, in seconds: events with expensive
/// expressions may take longer than all of a batch should.
const TURN_SECS: f64 = 0.1;
/// So long it goes on without a look at whether it is still wanted, in seconds.
const UNSEEN_SECS: f64 = 2.0;

/// Stages the query to be run.
pub(crate) async fn stage(ctx: &Ctx, query: &QueryRecord) -> Result<()> {
    let new = NewDelivery {
        service: &api::logs::SERVICE,
        account: query.account.clone(),
        // Whatever the Region, as many at once as a queue has: each may fill its memory.
        queue: format!("{QUEUE}{}", query.account),
        ordered: false,
        retries: Retries {
            most: 3,
            most_age_secs: 7200,
        },
        payload: query.id.as_bytes().to_vec(),
    };
    ctx.stage_delivery(new).await
}

/// Whether a delivery of the service is a query.
pub(crate) fn is_query(delivery: &Delivery) -> bool {
    delivery.queue.starts_with(QUEUE)
}

/// Runs the query of a delivery.
pub(crate) async fn run(ctx: &Ctx, delivery: &Delivery) -> Result<Outcome> {
    let id = str::from_utf8(&delivery.payload).map_err(Error::internal)?;
    let search = Search {
        ctx,
        account: &delivery.account,
        id,
        watch: Stopwatch::start(),
    };
    if let Some(query) = search.note(Status::Running, Progress::default()).await? {
        let mut progress = Progress::default();
        let found = search.search(&query, &mut progress).await;
        search.settle(found, progress).await?;
    }
    Ok(Outcome::Done)
}

/// Notes that a query will not be run any more.
pub(crate) async fn fail(ctx: &Ctx, delivery: &Delivery) -> Result<()> {
    let id = str::from_utf8(&delivery.payload).map_err(Error::internal)?;
    let place = QueryRecord::place(&delivery.account, &ctx.region, id);
    let known = ctx.get::<QueryRecord>(&place).await?;
    if let Some(query) = known.filter(|query| query.is_under_way()) {
        let mut query = QueryRecord::clone(&query);
        query.status = Status::Failed;
        ctx.put(place, query).await;
    }
    Ok(())
}

/// How a search ended.
enum Found {
    Rows(Vec<ShownRow>),
    Failed,
    TimedOut,
    /// Nobody wants the rows any more.
    Stopped,
}

/// Batches of a stream that may hold something.
struct Source {
    group: usize,
    stream: Arc<str>,
    serial: u64,
    batch: u64,
    bytes: u64,
}

struct Search<'a> {
    ctx: &'a Ctx,
    account: &'a str,
    id: &'a str,
    watch: Stopwatch,
}

impl Search<'_> {
    fn ctx(&self) -> Result<Ctx> {
        let principal = format!("logs.{}.amazonaws.com", self.ctx.region);
        let upkeep = self.ctx.upkeep();
        upkeep.ctx(&principal, &self.ctx.region, self.ctx.now)
    }

    fn duration_millis(&self) -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "an hour of milliseconds")]
        {
            (self.watch.seconds() * 1000.0) as i64
        }
    }

    /// Notes how far the query is, unless it has ended. Returns it if it goes on.
    async fn note(&self, status: Status, progress: Progress) -> Result<Option<QueryRecord>> {
        loop {
            let ctx = self.ctx()?;
            let place = QueryRecord::place(self.account, &ctx.region, self.id);
            let known = ctx.get::<QueryRecord>(&place).await?;
            let Some(known) = known.filter(|query| query.is_under_way()) else {
                return Ok(None);
            };
            let mut query = QueryRecord::clone(&known);
            query.status = status;
            query.progress = Progress {
                duration_millis: self.duration_millis(),
                ..progress
            };
            ctx.put(place, query.clone()).await;
            if self.ctx.upkeep().commit_ctx(ctx, &[]).await? {
                return Ok(Some(query));
            }
        }
    }

    async fn search(&self, query: &QueryRecord, progress: &mut Progress) -> Result<Found> {
        let (groups, sources) = self.sources(query).await?;
        let Ok(parsed) = Query::parse(&query.text) else {
            return Ok(Found::Failed);
        };
        let limits = Limits {
            rows: usize::try_from(query.limit).map_err(Error::internal)?,
            bytes: MOST_BYTES,
        };
        let mut run = Some(parsed.start(limits, self.ctx.now.millis / 1000));
        let mut rest = sources.into_iter().peekable();
        while rest.peek().is_some() {
            let ctx = self.ctx()?;
            let mut keys: Vec<DataKeys> = groups.iter().map(|_| DataKeys::default()).collect();
            let mut read = 0;
            while let Some(source) = rest.next_if(|_| read < AT_ONCE) {
                read += source.bytes;
                let group = groups.get(source.group).zip(keys.get_mut(source.group));
                let Some((group, keys)) = group else { continue };
                let place = (source.serial, source.batch);
                let (ingested, events) = batch::open(&ctx, group, place, keys).await?;
                let Some(taken) = run.take() else { break };
                let batch = Batch::new(query, group, &source, (ingested, events), self.ctx);
                match self.feed(batch, taken, progress).await? {
                    Ok(taken) => run = Some(taken),
                    Err(ended) => {
                        // KMS was asked all the same.
                        self.ctx.upkeep().commit_ctx(ctx, &[]).await?;
                        return Ok(ended);
                    }
                }
            }
            self.ctx.upkeep().commit_ctx(ctx, &[]).await?;
            if let Some(ended) = self.has_ended(*progress).await? {
                return Ok(ended);
            }
        }
        let Some(run) = run else {
            return Ok(Found::Failed);
        };
        let answer = self.ctx.in_background(move || run.finish()).await?;
        Ok(answer.map_or(Found::Failed, |answer| {
            Found::Rows(answer.rows.into_iter().map(shown).collect())
        }))
    }

    /// Feeds a batch to a run, some of it at a time; how the search ends, where it does before.
    async fn feed(
        &self,
        mut batch: Batch,
        mut run: Run,
        progress: &mut Progress,
    ) -> Result<std::result::Result<Run, Found>> {
        let mut seen_secs = self.watch.seconds();
        loop {
            let turn = move || {
                let watch = Stopwatch::start();
                batch.feed(run, || watch.seconds() >= TURN_SECS)
            };
            let (fed, is_room, rest) = self.ctx.in_background(turn).await?;
            progress.scanned += rest.counted.0;
            progress.bytes += rest.counted.1;
            progress.matched = fed.matched();
            if !is_room {
                return Ok(Err(Found::Failed));
            }
            if rest.is_done() {
                return Ok(Ok(fed));
            }
            if self.watch.seconds() - seen_secs >= UNSEEN_SECS {
                if let Some(ended) = self.has_ended(*progress).await? {
                    return Ok(Err(ended));
                }
                seen_secs = self.watch.seconds();
            }
            (batch, run) = (rest, fed);
        }
    }

    /// How the search ends, if it has taken too long or nobody wants it any more.
    async fn has_ended(&self, progress: Progress) -> Result<Option<Found>> {
        if self.watch.seconds() > MOST_SECS {
            return Ok(Some(Found::TimedOut));
        }
        let wanted = self.note(Status::Running, progress).await?;
        Ok(wanted.is_none().then_some(Found::Stopped))
    }

    /// The groups that are searched, as far as they are there, and their batches of the time.
    async fn sources(&self, query: &QueryRecord) -> Result<(Vec<Group>, Vec<Source>)> {
        let (mut groups, mut sources) = (Vec::new(), Vec::new());
        for searched in &query.groups {
            let ctx = self.ctx()?;
            let place = GroupRecord::place(&searched.account, &query.region, &searched.name);
            let known = ctx.get::<GroupRecord>(&place).await?;
            let Some(group) = known.filter(|group| group.id == searched.id) else {
                continue;
            };
            let group = Group::of_service(group);
            for stream in StreamRecord::list(&ctx, &group).await? {
                let name: Arc<str> = stream.name.as_str().into();
                for first in batch::pages(&stream) {
                    let place =
                        batch::page_place(&group.account, &group.region, stream.serial, first);
                    let page = ctx.get::<IndexRecord>(&place).await?;
                    let entries = page.iter().flat_map(|page| &page.entries);
                    let inside = entries.filter(|entry| {
                        entry.batch >= stream.gone
                            && entry.last_millis >= query.start_millis
                            && entry.first_millis < query.end_millis
                    });
                    sources.extend(inside.map(|entry| Source {
                        group: groups.len(),
                        stream: Arc::clone(&name),
                        serial: stream.serial,
                        batch: entry.batch,
                        bytes: u64::from(entry.bytes),
                    }));
                }
            }
            groups.push(group);
        }
        Ok((groups, sources))
    }

    /// Stages how the query ended, with its rows.
    async fn settle(&self, found: Result<Found>, mut progress: Progress) -> Result<()> {
        let place = QueryRecord::place(self.account, &self.ctx.region, self.id);
        let known = self.ctx.get::<QueryRecord>(&place).await?;
        let Some(known) = known.filter(|query| query.is_under_way()) else {
            return Ok(());
        };
        let mut query = QueryRecord::clone(&known);
        query.status = match found {
            Ok(Found::Rows(rows)) => {
                progress.rows = rows.len() as u64;
                match query.put_rows(self.ctx, rows).await {
                    Ok(()) => Status::Complete,
                    Err(Error::Fault(_)) => Status::Failed,
                    Err(internal) => return Err(internal),
                }
            }
            // KMS does not open a data key.
            Ok(Found::Failed) | Err(Error::Fault(_)) => Status::Failed,
            Ok(Found::TimedOut) => Status::Timeout,
            Ok(Found::Stopped) => return Ok(()),
            Err(internal) => return Err(internal),
        };
        query.progress = Progress {
            duration_millis: self.duration_millis(),
            ..progress
        };
        self.ctx.put(place, query).await;
        Ok(())
    }
}

/// A batch on its way through a query.
struct Batch {
    events: Vec<Kept>,
    ingested_millis: i64,
    stream: Arc<str>,
    log: Arc<str>,
    place: (u64, u64),
    from_millis: i64,
    to_millis: i64,
    /// How many events are fed.
    next: usize,
    /// How many of them the last turn counted, and their bytes.
    counted: (u64, u64),
}

impl Batch {
    fn new(
        query: &QueryRecord,
        group: &Group,
        source: &Source,
        (ingested_millis, events): (i64, Vec<Kept>),
        ctx: &Ctx,
    ) -> Self {
        let alive = group.expired_before(ctx.now.millis).unwrap_or(0);
        Self {
            events,
            ingested_millis,
            stream: Arc::clone(&source.stream),
            log: format!("{}:{}", group.account, group.name).into(),
            place: (source.serial, source.batch),
            from_millis: query.start_millis.max(alive),
            to_millis: query.end_millis,
            next: 0,
            counted: (0, 0),
        }
    }

    fn is_done(&self) -> bool {
        self.next >= self.events.len()
    }

    /// Feeds events until the turn is over, at least one. False where the query has no room for them.
    fn feed(mut self, mut run: Run, is_over: impl Fn() -> bool) -> (Run, bool, Self) {
        self.counted = (0, 0);
        let (serial, batch) = self.place;
        while let Some(event) = self.events.get(self.next) {
            self.next += 1;
            if !(self.from_millis..self.to_millis).contains(&event.millis) {
                continue;
            }
            self.counted.0 += 1;
            self.counted.1 += event.message.len() as u64;
            let millis = u64::try_from(event.millis).unwrap_or_default();
            let event = Event {
                millis: event.millis,
                ingested_millis: self.ingested_millis,
                message: &event.message,
                stream: &self.stream,
                log: &self.log,
                place: [millis, serial, batch, self.next as u64],
            };
            if run.add(&event).is_err() {
                return (run, false, self);
            }
            if is_over() {
                break;
            }
        }
        (run, true, self)
    }
}

/// The row with the pointer to its event, as GetQueryResults shows it.
fn shown(row: insights::Row) -> ShownRow {
    let fields = row
        .fields
        .into_iter()
        .map(|(name, value)| (name.to_string(), value));
    let pointer = row
        .pointer
        .map(|pointer| ("@ptr".to_owned(), pointer.text()));
    fields.chain(pointer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(events: i64) -> Batch {
        let event = |millis| Kept {
            millis,
            message: format!("event {millis}"),
        };
        Batch {
            events: (0..events).map(event).collect(),
            ingested_millis: 0,
            stream: "s".into(),
            log: "1:g".into(),
            place: (1, 1),
            from_millis: 2,
            to_millis: events,
            next: 0,
            counted: (0, 0),
        }
    }

    /// However long an expression takes, others have their turn after one event.
    #[test]
    fn sec_w2_a_batch_takes_many_turns() {
        let query = Query::parse("stats count(*) as n").unwrap_or_else(|_| panic!("a query"));
        let limits = || Limits {
            rows: 10,
            bytes: 1 << 20,
        };
        let (mut run, mut rest) = (query.start(limits(), 0), batch(10));
        let (mut turns, mut counted) = (0, 0);
        while !rest.is_done() {
            let is_room;
            (run, is_room, rest) = rest.feed(run, || true);
            assert!(is_room);
            assert_eq!(rest.counted.0, 1);
            (turns, counted) = (turns + 1, counted + rest.counted.0);
        }
        assert_eq!((turns, counted), (8, 8));
        let (at_once, _, rest) = batch(10).feed(query.start(limits(), 0), || false);
        assert_eq!(rest.counted.0, 8);
        let rows = |run: Run| run.finish().map(|answer| answer.rows).ok();
        let expected = rows(at_once);
        assert!(expected.is_some());
        assert_eq!(rows(run), expected);
    }
}
