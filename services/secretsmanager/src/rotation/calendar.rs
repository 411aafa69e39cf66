//! Which secrets are to be rotated when. Windows open on the hour, so each hour has its entries, and
//! finding what is due reads no others.

use platform::{Ctx, Result, Upkeep};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;

use super::windows::HOUR;
use super::{Begun, PRINCIPAL, Rotation, Window, begin, seconds};
use crate::names::Place;
use crate::secret::SecretRecord;

/// How many entries are read at once.
const PAGE: usize = 1000;

/// A secret that is to be rotated in a window that opens in this hour. It stands outside of
/// accounts, by the hour.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct DueRecord {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) suffix: String,
}

/// Up to which hour all has been begun.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct CursorRecord {
    /// Hours since 1970.
    pub(crate) hour: i64,
}

impl Record for DueRecord {
    const TABLE: &'static str = "secretsmanager.rotations";
    const SERVICE: &'static str = "secretsmanager";
    const CACHED: bool = false;
}

impl Record for CursorRecord {
    const TABLE: &'static str = "secretsmanager.rotated";
    const SERVICE: &'static str = "secretsmanager";
}

fn bucket(hour: i64) -> Key {
    Key::new("", "", [hour.to_string()])
}

fn key(window: Window, place: &Place) -> Key {
    let bucket = bucket(window.opens.div_euclid(HOUR));
    bucket
        .with(&place.account)
        .with(&place.region)
        .with(&place.name)
}

fn hour_of(time: Timestamp) -> i64 {
    seconds(time).div_euclid(HOUR)
}

fn cursor_key() -> Key {
    Key::new("", "", ["hour"])
}

/// Puts the next rotation of a secret on the calendar, instead of the one it had before.
pub(super) async fn follow(
    ctx: &Ctx,
    (place, record): (&Place, &SecretRecord),
    before: Option<&Rotation>,
) -> Result<()> {
    let planned = |rotation: &Rotation| rotation.next.filter(|_| rotation.enabled);
    let old = before.and_then(planned);
    let new = record.rotation.as_ref().and_then(planned);
    if let Some(old) = old.filter(|old| Some(old.opens) != new.map(|new| new.opens)) {
        ctx.delete::<DueRecord>(&key(old, place)).await;
    }
    // What opened before is begun, or will be by whoever holds it.
    if let Some(new) = new.filter(|new| new.opens > seconds(ctx.now)) {
        let entry = DueRecord {
            account: place.account.clone(),
            region: place.region.clone(),
            name: place.name.clone(),
            suffix: record.suffix.clone(),
        };
        ctx.put(key(new, place), entry).await;
        // The first entry of all says where to begin.
        if ctx.get::<CursorRecord>(&cursor_key()).await?.is_none() {
            let hour = hour_of(ctx.now);
            ctx.put(cursor_key(), CursorRecord { hour }).await;
        }
    }
    Ok(())
}

/// Begins the rotations whose windows have opened at `now`, and returns how many. To be run at the
/// start and from time to time.
pub async fn rotate_due(upkeep: &Upkeep, now: Timestamp) -> Result<usize> {
    let last = hour_of(now);
    let cursor = upkeep.begin().get::<CursorRecord>(&cursor_key()).await?;
    let Some(cursor) = cursor else {
        return Ok(0);
    };
    let (mut run, mut reached) = (Run::default(), None);
    for hour in cursor.hour.min(last)..=last {
        run.is_whole = true;
        begin_hour(upkeep, hour, now, &mut run).await?;
        // What is left over is looked at again.
        reached = reached.or((!run.is_whole).then_some(hour));
    }
    let reached = reached.unwrap_or(last);
    if reached > cursor.hour {
        let mut txn = upkeep.begin();
        txn.put(cursor_key(), CursorRecord { hour: reached });
        upkeep.commit_part(txn).await?;
    }
    run.outcome.map(|()| run.begun)
}

/// What a run of the job has done.
struct Run {
    begun: usize,
    /// Whether nothing was left over in the hour at hand.
    is_whole: bool,
    outcome: Result<()>,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            begun: 0,
            is_whole: true,
            outcome: Ok(()),
        }
    }
}

async fn begin_hour(upkeep: &Upkeep, hour: i64, now: Timestamp, run: &mut Run) -> Result<()> {
    let mut after = None;
    loop {
        let mut txn = upkeep.begin();
        let page = txn
            .scan::<DueRecord>(&bucket(hour), after.as_ref(), PAGE)
            .await?;
        for (_, entry) in &page.rows {
            match begin_one(upkeep, (hour, entry), now).await {
                Ok(Done::Begun) => run.begun += 1,
                Ok(Done::Settled) => {}
                Ok(Done::Conflict) => run.is_whole = false,
                // A secret that fails holds up no other.
                Err(error) => {
                    run.is_whole = false;
                    run.outcome = std::mem::replace(&mut run.outcome, Ok(())).and(Err(error));
                }
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(()),
        }
    }
}

/// What became of an entry.
enum Done {
    Begun,
    /// It waits for another window, or was out of date.
    Settled,
    /// Somebody works on the secret right now; the next run decides again.
    Conflict,
}

/// Begins one rotation, if its window is open. One whose window has closed while nobody was there
/// waits for the next.
async fn begin_one(
    upkeep: &Upkeep,
    (hour, entry): (i64, &DueRecord),
    now: Timestamp,
) -> Result<Done> {
    let place = Place {
        account: entry.account.clone(),
        region: entry.region.clone(),
        name: entry.name.clone(),
    };
    let ctx = upkeep.ctx(PRINCIPAL, &place.region, now)?;
    let written = Window {
        opens: hour * HOUR,
        closes: hour * HOUR,
    };
    ctx.delete::<DueRecord>(&key(written, &place)).await;
    let found = SecretRecord::get(&ctx, &place).await?;
    let known = found.filter(|known| known.suffix == entry.suffix);
    let Some((known, due)) = known.and_then(|known| {
        let due = due(&known, written.opens)?;
        Some((known, due))
    }) else {
        return settle(upkeep, ctx, Done::Settled).await;
    };
    let mut draft = SecretRecord::clone(&known);
    let window = window(&known, due, now);
    if let Some(rotation) = &mut draft.rotation {
        rotation.next = window;
    }
    let open = window.filter(|window| window.opens <= seconds(now));
    if let Some(open) = open {
        let begun = Begun {
            token: None,
            is_test: false,
            until: open.closes,
        };
        begin(&ctx, (&place, &mut draft), begun).await?;
    } else {
        follow(&ctx, (&place, &draft), None).await?;
    }
    ctx.put(place.key(), draft).await;
    let done = open.map_or(Done::Settled, |_| Done::Begun);
    settle(upkeep, ctx, done).await
}

async fn settle(upkeep: &Upkeep, ctx: Ctx, done: Done) -> Result<Done> {
    match upkeep.commit_ctx(ctx, &[]).await? {
        true => Ok(done),
        false => Ok(Done::Conflict),
    }
}

/// The window that an entry of the calendar stands for, unless the secret has another one since, or
/// a rotation is under way, which plans the next one itself.
fn due(known: &SecretRecord, opens: i64) -> Option<Window> {
    let rotation = known
        .rotation
        .as_ref()
        .filter(|rotation| rotation.enabled)?;
    let window = rotation.next.filter(|window| window.opens == opens)?;
    rotation.progress.is_none().then_some(window)
}

/// The window to be used at `now`: this one, unless it has closed or the secret waits for its
/// deletion.
fn window(known: &SecretRecord, due: Window, now: Timestamp) -> Option<Window> {
    let rotation = known.rotation.as_ref()?;
    let rules = rotation.rules()?;
    let now = seconds(now);
    if known.deletion.is_some() {
        return rules.next(rotation.since(), now);
    }
    match due.closes > now {
        true => Some(due),
        false => rules.open_or_next(rotation.since(), now),
    }
}
