//! `events:PutEvents`: puts events on buses. Each entry succeeds or fails by itself.

use api::events::{
    PutEventsRequest, PutEventsRequestEntry, PutEventsResponse, PutEventsResultEntry,
};
use platform::{ConditionKeys, Ctx, Error, Result};
use policy::Values;

use crate::access::{self, Tagging};
use crate::entry::{self, Incoming, Putting};
use crate::names::BusPlace;
use crate::refusals;
use crate::routing;

/// The most bytes of all entries (EventBridge API reference, PutEvents).
const MOST_BYTES: usize = 1 << 20;

pub(crate) async fn put_events(ctx: &Ctx, req: PutEventsRequest) -> Result<PutEventsResponse> {
    for entry in &req.entries {
        let place = BusPlace::asked(ctx, entry.event_bus_name.as_deref())?;
        let keys = OfEntry(entry);
        access::bus(ctx, "events:PutEvents", &place, Tagging::default(), &keys).await?;
    }
    if req.endpoint_id.is_some() {
        return Err(refusals::unsupported("global endpoints").into());
    }
    if req.entries.iter().map(entry::size).sum::<usize>() >= MOST_BYTES {
        let message = "Total size of the entries in the request is over the limit.";
        return Err(refusals::invalid(message).into());
    }
    let mut results = Vec::with_capacity(req.entries.len());
    for entry in req.entries {
        results.push(put(ctx, entry).await?);
    }
    let failed = results.iter().filter(|result| result.error_code.is_some());
    Ok(PutEventsResponse {
        failed_entry_count: i32::try_from(failed.count()).ok(),
        entries: Some(results),
    })
}

async fn put(ctx: &Ctx, entry: PutEventsRequestEntry) -> Result<PutEventsResultEntry> {
    let place = BusPlace::asked(ctx, entry.event_bus_name.as_deref())?;
    let putting = Putting {
        account: ctx.account(),
        region: &ctx.region,
        now: ctx.now,
    };
    let event = match Incoming::of(entry, place, ctx.new_uuid()?, &putting)? {
        Ok(event) => event,
        Err(failed) => return Ok(failed),
    };
    match routing::put(ctx, &event).await {
        Ok(()) => {}
        Err(Error::Fault(fault)) => return Ok(entry::refused(&fault)),
        Err(error) => return Err(error),
    }
    Ok(PutEventsResultEntry {
        event_id: Some(event.id),
        error_code: None,
        error_message: None,
    })
}

/// `events:source`, `events:detail-type` and `events:eventBusInvocation`
struct OfEntry<'a>(&'a PutEventsRequestEntry);

impl ConditionKeys for OfEntry<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        match key {
            "events:source" => self.0.source.as_deref().map(Values::from),
            "events:detail-type" => self.0.detail_type.as_deref().map(Values::from),
            "events:eventbusinvocation" => Some(false.into()),
            _ => None,
        }
    }
}
