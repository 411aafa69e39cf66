//! `events:CreateEventBus`: makes a bus for events of one's own.

use api::events::{CreateEventBusRequest, CreateEventBusResponse};
use platform::{Ctx, NoKeys, Result};
use store::Key;

use crate::access::{self, Tagging};
use crate::bus::BusRecord;
use crate::encryption::NamedKey;
use crate::names::BusPlace;
use crate::queues::Queue;
use crate::{refusals, tags};

/// The most buses of an account in a Region, the default one among them ("Event buses", EventBridge
/// quotas).
const MOST: usize = 100;

pub(crate) async fn create_event_bus(
    ctx: &Ctx,
    req: CreateEventBusRequest,
) -> Result<CreateEventBusResponse> {
    let tags = tags::pairs(req.tags);
    let given = tags.as_deref().unwrap_or_default();
    let place = BusPlace::own(ctx, &req.name);
    let tagging = Tagging::giving(given);
    access::bus(ctx, "events:CreateEventBus", &place, tagging, &NoKeys).await?;
    if !given.is_empty() {
        access::bus(ctx, "events:TagResource", &place, tagging, &NoKeys).await?;
    }
    let tags = tags?;
    for (member, is_given) in [
        ("partner event buses", req.event_source_name.is_some()),
        ("LogConfig", req.log_config.is_some()),
    ] {
        if is_given {
            return Err(refusals::unsupported(member).into());
        }
    }
    if place.name.contains('/') {
        return Err(refusals::invalid("Event bus name must not contain '/'.").into());
    }
    let dead_letters = Queue::for_dead_letters(req.dead_letter_config.as_ref(), &place)?;
    if BusRecord::get(ctx, &place).await?.is_some() {
        return Err(refusals::bus_exists(&place.name).into());
    }
    let own = Key::new(ctx.account(), &ctx.region, [""; 0]);
    let known = ctx.scan_all::<BusRecord>(&own).await?;
    let custom = known.iter().filter(|(_, bus)| bus.created_millis != 0);
    if custom.count() + 1 >= MOST {
        return Err(refusals::too_many().into());
    }
    let key = req.kms_key_identifier.as_deref();
    let record = BusRecord {
        name: place.name.clone(),
        description: req.description.clone(),
        tags,
        created_millis: ctx.now.millis,
        dead_letters,
        kms_key: NamedKey::asked(ctx, key, &place).await?,
        ..BusRecord::default()
    };
    let kms_key_identifier = record.shown_key();
    let dead_letter_config = record.shown_dead_letters();
    record.put(ctx, &place).await;
    Ok(CreateEventBusResponse {
        event_bus_arn: Some(place.arn()),
        description: req.description,
        kms_key_identifier,
        dead_letter_config,
        log_config: None,
    })
}
