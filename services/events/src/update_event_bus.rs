//! `events:UpdateEventBus`: changes the description and the dead-letter queue of a bus.

use api::events::{UpdateEventBusRequest, UpdateEventBusResponse};
use platform::{Ctx, NoKeys, Result};

use crate::access::{self, Tagging};
use crate::bus::BusRecord;
use crate::names::BusPlace;
use crate::queues::Queue;
use crate::refusals;

pub(crate) async fn update_event_bus(
    ctx: &Ctx,
    req: UpdateEventBusRequest,
) -> Result<UpdateEventBusResponse> {
    let place = BusPlace::asked(ctx, req.name.as_deref())?;
    let tagging = Tagging::default();
    access::bus(ctx, "events:UpdateEventBus", &place, tagging, &NoKeys).await?;
    // An empty one asks for a key of AWS's own, as none does.
    let has_key = req.kms_key_identifier.is_some_and(|key| !key.is_empty());
    for (member, is_given) in [
        ("KmsKeyIdentifier", has_key),
        ("LogConfig", req.log_config.is_some()),
    ] {
        if is_given {
            return Err(refusals::unsupported(member).into());
        }
    }
    let mut record = BusRecord::clone(&*BusRecord::existing(ctx, &place).await?);
    record.description = req.description.clone();
    record.dead_letters = Queue::for_dead_letters(req.dead_letter_config.as_ref(), &place)?;
    let dead_letter_config = record.shown_dead_letters();
    record.put(ctx, &place).await;
    Ok(UpdateEventBusResponse {
        arn: Some(place.arn()),
        name: Some(place.name),
        kms_key_identifier: None,
        description: req.description,
        dead_letter_config,
        log_config: None,
    })
}
