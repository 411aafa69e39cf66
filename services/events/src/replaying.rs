//! What replays do: events of an archive, in the order of their times, back onto the bus.
//!
//! How far a replay is stands in the commit that puts events on the bus, so that it goes on where it
//! was after the program ended, and puts none twice.

use std::collections::BTreeSet;

use api::events::ReplayState;
use platform::{Error, OwnWork, Result};
use store::Key;
use wire::Fault;

use crate::archives::{ArchiveRecord, ArchivedEvent, ArchivesRecord, FEWEST, next_rows};
use crate::audience::Audience;
use crate::encryption;
use crate::entry::Incoming;
use crate::names::BusPlace;
use crate::replays::{PendingReplay, ReplayRecord};
use crate::routing;
use crate::sources::PRINCIPAL;

/// Of how many events times and ids are held at a time.
const HELD: usize = 20_000;
/// How many events are put in one commit, and after how many bytes no more of them.
const AT_ONCE: usize = 100;
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// When an event happened, in milliseconds since 1970, and its id.
type Moment = (i64, String);

/// Brings every replay that was started to its end. It may take long: it has a loop of its own.
pub async fn replay(work: &OwnWork) -> Result<()> {
    let mut txn = work.upkeep().begin();
    let all = Key::new("", "", [""; 0]);
    let (mut after, mut pending) = (None, Vec::new());
    loop {
        let page = txn
            .scan::<PendingReplay>(&all, after.as_ref(), 1000)
            .await?;
        pending.extend(page.rows.into_iter().map(|(_, replay)| replay));
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let mut outcome = Ok(());
    for replay in pending {
        // A replay that fails holds up no other.
        outcome = outcome.and(one(work, &replay).await);
    }
    outcome
}

/// Replays to the end, or until somebody cancels.
async fn one(work: &OwnWork, pending: &PendingReplay) -> Result<()> {
    loop {
        let Some((replay, archive)) = begin(work, pending).await? else {
            return Ok(());
        };
        let bus = pending.bus(&replay);
        let moments = moments(work, (&bus, &archive), &replay).await?;
        if moments.is_empty() {
            return end(work, pending, ReplayState::Completed, None).await;
        }
        let moments: Vec<Moment> = moments.into_iter().collect();
        let mut left = moments.as_slice();
        while !left.is_empty() {
            let ctx = work.begin(PRINCIPAL, &pending.region)?;
            if !ctx.has_room_for_deliveries(&pending.account, routing::ROOM_TO_PUT) {
                // It goes on with the next go.
                return Ok(());
            }
            match put(work, pending, (&bus, &archive), left).await? {
                Part::Put(count) => left = left.get(count..).unwrap_or_default(),
                Part::Changed => break,
                Part::Sealed(fault) => return without_key(work, pending, &fault).await,
            }
        }
    }
}

/// The replay and its archive, once it runs; none where it has ended.
async fn begin(
    work: &OwnWork,
    pending: &PendingReplay,
) -> Result<Option<(ReplayRecord, ArchiveRecord)>> {
    let PendingReplay {
        account,
        region,
        name,
    } = pending;
    let ctx = work.begin(PRINCIPAL, region)?;
    let place = ReplayRecord::place(account, region, name);
    let Some(known) = ctx.get::<ReplayRecord>(&place).await? else {
        ctx.delete::<PendingReplay>(&PendingReplay::place(account, region, name))
            .await;
        work.commit(ctx).await?;
        return Ok(None);
    };
    if !known.is_under_way() {
        end(work, pending, ReplayState::Cancelled, None).await?;
        return Ok(None);
    }
    let mut replay = ReplayRecord::clone(&known);
    let archives = ctx
        .get::<ArchivesRecord>(&pending.bus(&replay).key())
        .await?;
    let archive = archives
        .as_ref()
        .and_then(|all| all.archives.get(&replay.archive));
    let Some(archive) = archive.filter(|archive| archive.id == replay.archive_id) else {
        let reason = "Archive resource not found.".to_owned();
        end(work, pending, ReplayState::Failed, Some(reason)).await?;
        return Ok(None);
    };
    if replay.state() == Some(ReplayState::Starting) {
        replay.state = ReplayState::Running.as_str().to_owned();
        ctx.put(place, replay.clone()).await;
        let archive = archive.clone();
        return Ok(work.commit(ctx).await?.then_some((replay, archive)));
    }
    Ok(Some((replay, archive.clone())))
}

/// Ends a replay: as cancelled where somebody wished so, as `state` otherwise.
async fn end(
    work: &OwnWork,
    pending: &PendingReplay,
    state: ReplayState,
    reason: Option<String>,
) -> Result<()> {
    let PendingReplay {
        account,
        region,
        name,
    } = pending;
    let ctx = work.begin(PRINCIPAL, region)?;
    let place = ReplayRecord::place(account, region, name);
    ctx.delete::<PendingReplay>(&PendingReplay::place(account, region, name))
        .await;
    if let Some(known) = ctx.get::<ReplayRecord>(&place).await? {
        let mut replay = ReplayRecord::clone(&known);
        let is_cancelled = replay.state() == Some(ReplayState::Cancelling);
        let state = if is_cancelled {
            ReplayState::Cancelled
        } else {
            state
        };
        replay.state = state.as_str().to_owned();
        replay.reason = reason.filter(|_| !is_cancelled);
        replay.ended_millis = ctx.now.millis;
        ctx.put(place, replay).await;
    }
    // Where somebody else was faster, the next go ends it.
    work.commit(ctx).await?;
    Ok(())
}

/// The first moments of events that are still to be replayed.
async fn moments(
    work: &OwnWork,
    (bus, archive): (&BusPlace, &ArchiveRecord),
    replay: &ReplayRecord,
) -> Result<BTreeSet<Moment>> {
    let (from, to) = replay.range_millis;
    let (all, mut after, mut first) = (archive.events(bus), None, BTreeSet::new());
    let mut rows = FEWEST;
    loop {
        let mut txn = work.upkeep().begin();
        let page = txn.scan::<ArchivedEvent>(&all, after.as_ref(), rows);
        let page = page.await?;
        rows = next_rows(page.rows.iter().map(|(_, event)| &**event));
        for (_, event) in &page.rows {
            let moment = (event.happened_millis, event.id.clone());
            let is_within = moment.0 >= from && moment.0 < to;
            let is_new = replay.last.as_ref().is_none_or(|last| moment > *last);
            if is_within && is_new {
                first.insert(moment);
            }
            if first.len() > HELD {
                first.pop_last();
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(first),
        }
    }
}

/// Ends a replay whose events are under a key that is not usable; where that may pass, the next go
/// goes on.
async fn without_key(work: &OwnWork, pending: &PendingReplay, fault: &Fault) -> Result<()> {
    let Some(failure) = encryption::lasting(fault) else {
        return Ok(());
    };
    let reason = format!(
        "Events of the archive cannot be decrypted: {}",
        failure.message
    );
    end(work, pending, ReplayState::Failed, Some(reason)).await
}

/// What became of some events.
enum Part {
    /// So many were put.
    Put(usize),
    /// None: the replay was changed meanwhile.
    Changed,
    /// None: KMS refuses to open one of them.
    Sealed(Fault),
}

/// Puts the first of these events on the bus and notes how far the replay is.
async fn put(
    work: &OwnWork,
    pending: &PendingReplay,
    (bus, archive): (&BusPlace, &ArchiveRecord),
    moments: &[Moment],
) -> Result<Part> {
    let PendingReplay {
        account,
        region,
        name,
    } = pending;
    let ctx = work.begin(PRINCIPAL, region)?;
    let place = ReplayRecord::place(account, region, name);
    let known = ctx.get::<ReplayRecord>(&place).await?;
    let Some(known) = known.filter(|known| known.is_under_way()) else {
        return Ok(Part::Changed);
    };
    let (mut count, mut bytes) = (0_usize, 0);
    for (_, id) in moments.iter().take(AT_ONCE) {
        if bytes >= MOST_BYTES {
            break;
        }
        count += 1;
        // What was deleted or has expired meanwhile is not replayed.
        let Some(kept) = ctx.get::<ArchivedEvent>(&archive.event(bus, id)).await? else {
            continue;
        };
        let audience = Audience::Replay(known.filter_arns.clone());
        bytes += kept.event.len();
        let text = match kept.event.open(&ctx).await {
            Ok(text) => text,
            Err(Error::Fault(fault)) => return Ok(Part::Sealed(fault)),
            Err(internal) => return Err(internal),
        };
        let event = Incoming::replayed(&text, name, bus.clone(), audience)?;
        routing::route(&ctx, &event).await?;
    }
    let mut replay = ReplayRecord::clone(&known);
    replay.last = count
        .checked_sub(1)
        .and_then(|last| moments.get(last))
        .cloned();
    ctx.put(place, replay).await;
    Ok(match work.commit(ctx).await? {
        true => Part::Put(count),
        false => Part::Changed,
    })
}
