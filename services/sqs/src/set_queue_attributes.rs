//! `sqs:SetQueueAttributes`: changes what is set of a queue.

use api::sqs::SetQueueAttributesRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::{access, permissions, redrive, refusals};

pub(crate) async fn set_queue_attributes(
    ctx: &Ctx,
    req: SetQueueAttributesRequest,
) -> Result<Empty> {
    let queue = access::queue(ctx, "sqs:SetQueueAttributes", &req.queue_url).await?;
    let given = req.attributes.0;
    if given.is_empty() {
        return Err(refusals::missing("Attribute.Name").into());
    }
    let is_given = |name: &str| given.iter().any(|(known, _)| known == name);
    let mut record = queue.draft();
    record.settings.change(&given)?;
    if is_given("RedrivePolicy") || is_given("RedriveAllowPolicy") {
        redrive::check(ctx, &queue.place, &record.settings).await?;
    }
    if let Some(policy) = record.settings.get("Policy").filter(|_| is_given("Policy")) {
        let kept = permissions::kept(ctx, policy).await?;
        record.settings.put("Policy", Some(kept));
    }
    record.modified_millis = ctx.now.millis;
    record.put(ctx, &queue.place).await;
    Ok(Empty)
}
