//! The way of an event: into the archives of its bus, and to the targets of the rules that match.
//! Each target gets it by a delivery of its own.
//!
//! An event that came from another bus is not sent on to a third one ("Sending and receiving events
//! between event buses", EventBridge user guide), so that no event goes in circles.

use std::sync::Arc;

use platform::{Ctx, Error, Result};

use crate::archives::{ArchivedEvent, ArchivesRecord};
use crate::bus::BusRecord;
use crate::encryption::{self, Text};
use crate::entry::Incoming;
use crate::fan_out::{self, FanOut};
use crate::lost::Lost;
use crate::refusals;
use crate::rules::RulesRecord;

/// An event with more bytes than this has so many values that to match it holds up other calls.
pub(crate) const LARGE: usize = 16 * 1024;

/// How much of what may wait of an account may be taken up when an event is put; when it is handed
/// to rules that are left; when another bus sends it; and when that is handed to rules that are left.
/// Each step finds room that those before it cannot take, so that they do not wait for each other.
pub(crate) const ROOM_TO_PUT: u64 = 50;
pub(crate) const ROOM_TO_FAN_OUT: u64 = 70;
const ROOM_TO_RECEIVE: u64 = 85;
pub(crate) const ROOM_TO_FAN_OUT_RECEIVED: u64 = 100;

/// Stages all that follows from an event that is put on a bus, or refuses it where too much waits.
pub(crate) async fn put(ctx: &Ctx, event: &Incoming) -> Result<()> {
    match take(ctx, event, false).await? {
        Taken::All => Ok(()),
        Taken::WithoutRules => Err(refusals::throttled().into()),
    }
}

/// The same for an event that another bus sent.
pub(crate) async fn receive(ctx: &Ctx, event: &Incoming) -> Result<()> {
    match take(ctx, event, true).await? {
        Taken::All => Ok(()),
        Taken::WithoutRules => Err(refusals::throttled().into()),
    }
}

/// The same for an event that nobody puts. Where too much waits it goes to archives alone: there is
/// nobody to refuse it to, and others are not to wait for one account.
pub(crate) async fn route(ctx: &Ctx, event: &Incoming) -> Result<()> {
    if let Taken::WithoutRules = take(ctx, event, false).await? {
        if let Some(record) = BusRecord::get(ctx, &event.bus).await? {
            archive(ctx, event, &record).await?;
        }
        let (account, bus) = (&event.bus.account, &event.bus.name);
        tracing::warn!(account, bus, "an event is dropped: too much waits");
    }
    Ok(())
}

/// What became of an event.
enum Taken {
    /// All that follows from it is staged.
    All,
    /// Nothing is: rules want it, and too much waits for targets of the account.
    WithoutRules,
}

async fn take(ctx: &Ctx, event: &Incoming, is_sent_on: bool) -> Result<Taken> {
    let bus = &event.bus;
    // A bus that is not there takes nothing.
    let Some(record) = BusRecord::get(ctx, bus).await? else {
        return Ok(Taken::All);
    };
    let rules = matching(ctx, event).await?;
    let percent = if is_sent_on {
        ROOM_TO_RECEIVE
    } else {
        ROOM_TO_PUT
    };
    if !rules.is_empty() && !ctx.has_room_for_deliveries(&bus.account, percent) {
        return Ok(Taken::WithoutRules);
    }
    // What services tell of is under AWS's own key ("Encrypting EventBridge event buses").
    let key = record.kms_key.as_ref().filter(|_| !is_of_service(event));
    let text = match Text::of(ctx, &event.text, bus, key).await {
        Ok(text) => text,
        Err(error) => return without_key(ctx, event, &record, error).await,
    };
    archive(ctx, event, &record).await?;
    if !rules.is_empty() {
        let fan_out = FanOut::of(ctx, event, text, (rules, is_sent_on));
        fan_out.stage(ctx, fan_out::AT_FIRST).await?;
    }
    Ok(Taken::All)
}

fn is_of_service(event: &Incoming) -> bool {
    event.source.starts_with("aws.")
}

/// What becomes of an event whose bus, or one of its archives, has a key that is not usable: it goes
/// to the bus's dead-letter queue, unless it can be put again soon.
async fn without_key(ctx: &Ctx, event: &Incoming, bus: &BusRecord, error: Error) -> Result<Taken> {
    let fault = match error {
        Error::Fault(fault) => fault,
        internal @ Error::Internal(_) => return Err(internal),
    };
    let Some(failure) = encryption::lasting(&fault) else {
        return Err(refusals::not_now(&fault).into());
    };
    if !ctx.has_room_for_deliveries(&event.bus.account, ROOM_TO_PUT) {
        return Ok(Taken::WithoutRules);
    }
    Lost::stage(ctx, event, bus, failure).await?;
    Ok(Taken::All)
}

/// The names of the rules that take the event.
async fn matching(ctx: &Ctx, event: &Incoming) -> Result<Vec<String>> {
    let rules = RulesRecord::get(ctx, &event.bus).await?;
    let (audience, bus) = (event.audience.clone(), event.bus.clone());
    let fields = Arc::clone(&event.fields);
    let find = move || {
        let names = audience.rules(&rules, &bus, &fields)?;
        Ok(names.into_iter().cloned().collect())
    };
    match event.text.len() > LARGE {
        true => ctx.in_background(find).await?,
        false => find(),
    }
}

async fn archive(ctx: &Ctx, event: &Incoming, record: &BusRecord) -> Result<()> {
    if !event.audience.is_archived() {
        return Ok(());
    }
    let Some(archives) = ctx.get::<ArchivesRecord>(&event.bus.key()).await? else {
        return Ok(());
    };
    let (bus, id) = (event.bus.clone(), event.id.clone());
    let fields = Arc::clone(&event.fields);
    let is_of_service = is_of_service(event);
    let find = move || -> Result<Vec<_>> {
        let mut places = Vec::new();
        for archive in archives.archives.values() {
            if archive.keeps(&fields)? {
                let key = archive.kms_key.clone().filter(|_| !is_of_service);
                places.push((archive.event(&bus, &id), key));
            }
        }
        Ok(places)
    };
    let places = match event.text.len() > LARGE {
        true => ctx.in_background(find).await?,
        false => find(),
    };
    for (place, key) in places? {
        match Text::of(ctx, &event.text, &event.bus, key.as_ref()).await {
            Ok(text) => ctx.put(place, ArchivedEvent::of(ctx, event, text)?).await,
            // The rules of the bus get it all the same.
            Err(error) => {
                without_key(ctx, event, record, error).await?;
            }
        }
    }
    Ok(())
}
