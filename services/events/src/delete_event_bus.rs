//! `events:DeleteEventBus`: deletes a bus of one's own that has no rules. One that is not there is
//! no mistake.

use api::events::DeleteEventBusRequest;
use platform::{Ctx, NoKeys, Result};
use wire::Empty;

use crate::access::{self, Tagging};
use crate::archives::ArchivesRecord;
use crate::bus::BusRecord;
use crate::names::BusPlace;
use crate::refusals;
use crate::rules::RulesRecord;

pub(crate) async fn delete_event_bus(ctx: &Ctx, req: DeleteEventBusRequest) -> Result<Empty> {
    let place = BusPlace::own(ctx, &req.name);
    let tagging = Tagging::default();
    access::bus(ctx, "events:DeleteEventBus", &place, tagging, &NoKeys).await?;
    if place.is_default() {
        return Err(refusals::invalid("Cannot delete event bus default.").into());
    }
    if !RulesRecord::get(ctx, &place).await?.rules.is_empty() {
        let message = "EventBus can't be deleted since it has rules.";
        return Err(refusals::invalid(message).into());
    }
    if ctx.get::<ArchivesRecord>(&place.key()).await?.is_some() {
        let message = "Event bus can't be deleted since it has archives.";
        return Err(refusals::invalid(message).into());
    }
    ctx.delete::<BusRecord>(&place.key()).await;
    Ok(Empty)
}
