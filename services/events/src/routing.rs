//! The way of an event: into the archives of its bus, and to the targets of the rules that match.
//! Each target gets it by a delivery of its own.
//!
//! An event that came from another bus is not sent on to a third one ("Sending and receiving events
//! between event buses", EventBridge user guide), so that no event goes in circles.

use platform::{Ctx, NewDelivery, Result};

use crate::archives::{ArchivedEvent, ArchivesRecord};
use crate::bus::BusRecord;
use crate::dispatch::{Dispatch, Payload};
use crate::entry::Incoming;
use crate::names::BusPlace;
use crate::rules::RulesRecord;

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
    let rules = RulesRecord::get(ctx, bus).await?;
    for name in event.audience.rules(&rules, bus, &event.fields)? {
        let targets = rules.rules.get(name).map(|rule| rule.targets.as_slice());
        for target in targets.unwrap_or_default() {
            if is_sent_on && BusPlace::of_arn(&target.arn).is_some() {
                continue;
            }
            let dispatch = Dispatch::of(ctx, event, name, target);
            ctx.stage_delivery(NewDelivery {
                service: &api::events::SERVICE,
                account: bus.account.clone(),
                queue: format!("{} {}", dispatch.rule_arn, target.id),
                // An event that keeps failing holds up no other one for a day.
                ordered: false,
                retries: target.tried(),
                payload: Payload::Event(Box::new(dispatch)).encode()?,
            })
            .await?;
        }
    }
    Ok(())
}

async fn archive(ctx: &Ctx, event: &Incoming) -> Result<()> {
    let bus = &event.bus;
    let archives = ctx.get::<ArchivesRecord>(&bus.key()).await?;
    let archives = archives.iter().flat_map(|all| all.archives.values());
    for archive in archives {
        if archive.keeps(&event.fields)? {
            let kept = ArchivedEvent {
                at_millis: ctx.now.millis,
                event: event.text.clone(),
            };
            ctx.put(archive.event(bus, &event.id), kept).await;
        }
    }
    Ok(())
}
