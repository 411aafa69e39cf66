//! Deletion of secrets, when their recovery window is over.
//!
//! A secret whose time is over is gone for every caller at once, since they look at the time.
//! [`carry_out`] takes the records away.

use std::sync::Arc;

use platform::{Ctx, Result, Upkeep};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;

use crate::access::Secret;
use crate::names::Place;
use crate::order;
use crate::secret::{SecretRecord, VersionRecord};
use crate::told::{Event, Told};

/// A secret that is to be deleted. It stands outside of accounts, so that one scan finds all that
/// are due.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ScheduleRecord {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) due_millis: i64,
}

impl Record for ScheduleRecord {
    const TABLE: &'static str = "secretsmanager.schedule";
    const SERVICE: &'static str = "secretsmanager";
    const CACHED: bool = false;
}

fn key(place: &Place) -> Key {
    Key::new("", "", [&*place.account, &*place.region, &*place.name])
}

/// Puts a deletion on the schedule.
pub(crate) async fn schedule(ctx: &Ctx, place: &Place, due_millis: i64) {
    let entry = ScheduleRecord {
        account: place.account.clone(),
        region: place.region.clone(),
        name: place.name.clone(),
        due_millis,
    };
    ctx.put(key(place), entry).await;
}

/// Takes a deletion off the schedule.
pub(crate) async fn cancel(ctx: &Ctx, place: &Place) {
    ctx.delete::<ScheduleRecord>(&key(place)).await;
}

/// Stages the deletion of a secret with all of its versions.
pub(crate) async fn delete(ctx: &Ctx, secret: &Secret) -> Result<()> {
    let place = &secret.place;
    for version in &secret.versions {
        let key = secret.version_key(place, &version.id);
        ctx.delete::<VersionRecord>(&key).await;
    }
    order::leave(ctx, place, secret.number).await?;
    cancel(ctx, place).await;
    ctx.delete::<SecretRecord>(&place.key()).await;
    Ok(())
}

/// The secret of this name. One whose recovery window is over makes room: the call sees that it is
/// gone when it is tried again.
pub(crate) async fn present(ctx: &Ctx, place: &Place) -> Result<Option<Arc<SecretRecord>>> {
    let known = ctx.get::<SecretRecord>(&place.key()).await?;
    match known {
        Some(known) if known.is_gone(ctx.now) => {
            carry_out_of(ctx.upkeep(), place, ctx.now).await?;
            Ok(None)
        }
        known => Ok(known),
    }
}

/// Deletes the secrets whose recovery window is over at `now`, and returns how many. To be run at
/// the start and from time to time.
pub async fn carry_out(upkeep: &Upkeep, now: Timestamp) -> Result<usize> {
    let all = Key::new("", "", [""; 0]);
    let (mut done, mut after, mut outcome) = (0, None, Ok(()));
    loop {
        let mut txn = upkeep.begin();
        let page = txn
            .scan::<ScheduleRecord>(&all, after.as_ref(), 1000)
            .await?;
        for (_, entry) in &page.rows {
            if entry.due_millis > now.millis {
                continue;
            }
            let place = Place {
                account: entry.account.clone(),
                region: entry.region.clone(),
                name: entry.name.clone(),
            };
            // A secret that fails holds up no other.
            match carry_out_of(upkeep, &place, now).await {
                Ok(is_done) => done += usize::from(is_done),
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return outcome.map(|()| done),
        }
    }
}

/// Deletes one secret, if its recovery window is over. A conflict means that somebody works on it
/// right now; the next run decides again.
pub(crate) async fn carry_out_of(upkeep: &Upkeep, place: &Place, now: Timestamp) -> Result<bool> {
    let mut txn = upkeep.begin();
    let Some(known) = txn.get::<SecretRecord>(&place.key()).await? else {
        return Ok(false);
    };
    if !known.is_gone(now) {
        return Ok(false);
    }
    for version in &known.versions {
        txn.delete::<VersionRecord>(&known.version_key(place, &version.id));
    }
    order::leave_in(&mut txn, place, known.number).await?;
    txn.delete::<ScheduleRecord>(&key(place));
    txn.delete::<SecretRecord>(&place.key());
    let told = Told::about((place, &known));
    let details = told.details();
    let events = told.events(Event::End, &details);
    match events.is_empty() {
        true => upkeep.commit_part(txn).await,
        false => upkeep.commit_all(txn, &events, now).await,
    }
}
