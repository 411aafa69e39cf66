//! `events:UpdateEventBus`: changes the description, the dead-letter queue and the key of a bus.

use api::events::{UpdateEventBusRequest, UpdateEventBusResponse};
use platform::{Ctx, NoKeys, Result};

use crate::access::{self, Tagging};
use crate::bus::BusRecord;
use crate::encryption::NamedKey;
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
    if req.log_config.is_some() {
        return Err(refusals::unsupported("LogConfig").into());
    }
    let mut record = BusRecord::clone(&*BusRecord::existing(ctx, &place).await?);
    record.description = req.description.clone();
    record.dead_letters = Queue::for_dead_letters(req.dead_letter_config.as_ref(), &place)?;
    // Without one, AWS's own key is used from now on (UpdateEventBus, `KmsKeyIdentifier`).
    record.kms_key = NamedKey::asked(ctx, req.kms_key_identifier.as_deref(), &place).await?;
    let kms_key_identifier = record.shown_key();
    let dead_letter_config = record.shown_dead_letters();
    record.put(ctx, &place).await;
    Ok(UpdateEventBusResponse {
        arn: Some(place.arn()),
        name: Some(place.name),
        kms_key_identifier,
        description: req.description,
        dead_letter_config,
        log_config: None,
    })
}
