//! Changing how long a message stays out of sight: ChangeMessageVisibility, and each entry of
//! ChangeMessageVisibilityBatch.

use platform::{Ctx, Result};

use crate::access::Queue;
use crate::message::{MessageRecord, Standing};
use crate::receipt::Receipt;
use crate::{lanes, refusals};

/// How long a message stays out of sight at most, from its receipt on (ChangeMessageVisibility).
const MOST_SECONDS: i32 = 43_200;

/// Lets the message be received `seconds` from now, and not before.
pub(crate) async fn change(
    ctx: &Ctx,
    queue: &Queue,
    handle: &str,
    seconds: Option<i32>,
) -> Result<()> {
    let seconds = seconds.ok_or_else(|| refusals::missing("VisibilityTimeout"))?;
    if !(0..=MOST_SECONDS).contains(&seconds) {
        let reason = "Must be between 0 and 43200, if provided.";
        return Err(refusals::bad_value("VisibilityTimeout", &seconds.to_string(), reason).into());
    }
    let receipt = Receipt::read(queue, handle)?;
    let place = MessageRecord::place(queue, &queue.place, &receipt.message_id);
    let found = ctx.get::<MessageRecord>(&place).await?;
    let found = found.filter(|message| message.receipt == Some(receipt.receipt));
    let in_flight = found.filter(|one| one.standing(ctx.now.millis) == Standing::InFlight);
    let message = in_flight.ok_or_else(|| refusals::not_in_flight(handle))?;
    let visible_millis = ctx.now.millis + i64::from(seconds) * 1000;
    let received = message
        .received_millis
        .map_or(ctx.now.millis, |(_, last)| last);
    if visible_millis > received + i64::from(MOST_SECONDS) * 1000 {
        let reason = format!(
            "Total VisibilityTimeout for the message is beyond the limit [{MOST_SECONDS} seconds]"
        );
        return Err(refusals::bad_value("VisibilityTimeout", &seconds.to_string(), &reason).into());
    }
    let mut changed = MessageRecord::clone(&message);
    changed.visible_millis = visible_millis;
    ctx.put(place, changed.clone()).await;
    lanes::changed(ctx, &queue.messages(&queue.place), &changed).await
}
