//! The way of an event: into the archives of its bus, and to the targets of the rules that match.
//! Each target gets it by a delivery of its own.
//!
//! An event that came from another bus is not sent on to a third one ("Sending and receiving events
//! between event buses", EventBridge user guide), so that no event goes in circles.

use std::sync::Arc;

use platform::{Ctx, Result};

use crate::archives::{ArchivedEvent, ArchivesRecord};
use crate::bus::BusRecord;
use crate::entry::Incoming;
use crate::fan_out::{self, FanOut};
use crate::rules::RulesRecord;

/// An event with more bytes than this has so many values that to match it holds up other calls.
pub(crate) const LARGE: usize = 16 * 1024;

/// Stages all that follows from an event that is put on a bus.
pub(crate) async fn route(ctx: &Ctx, event: &Incoming) -> Result<()> {
    take(ctx, event, false).await
}

/// The same for an event that another bus sent.
pub(crate) async fn receive(ctx: &Ctx, event: &Incoming) -> Result<()> {
    take(ctx, event, true).await
}

async fn take(ctx: &Ctx, event: &Incoming, is_sent_on: bool) -> Result<()> {
    let bus = &event.bus;
    // A bus that is not there takes nothing.
    if BusRecord::get(ctx, bus).await?.is_none() {
        return Ok(());
    }
    if event.audience.is_archived() {
        archive(ctx, event).await?;
    }
    let rules = matching(ctx, event).await?;
    match rules.is_empty() {
        true => Ok(()),
        false => {
            let fan_out = FanOut::of(ctx, event, rules, is_sent_on);
            fan_out.stage(ctx, fan_out::AT_FIRST).await
        }
    }
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

async fn archive(ctx: &Ctx, event: &Incoming) -> Result<()> {
    let Some(archives) = ctx.get::<ArchivesRecord>(&event.bus.key()).await? else {
        return Ok(());
    };
    let (bus, id) = (event.bus.clone(), event.id.clone());
    let fields = Arc::clone(&event.fields);
    let find = move || -> Result<Vec<_>> {
        let mut places = Vec::new();
        for archive in archives.archives.values() {
            if archive.keeps(&fields)? {
                places.push(archive.event(&bus, &id));
            }
        }
        Ok(places)
    };
    let places = match event.text.len() > LARGE {
        true => ctx.in_background(find).await?,
        false => find(),
    };
    for place in places? {
        let kept = ArchivedEvent {
            at_millis: ctx.now.millis,
            event: event.text.clone(),
        };
        ctx.put(place, kept).await;
    }
    Ok(())
}
