//! `sqs:CreateQueue`: makes a queue, or finds the one that is as asked for.

use api::sqs::{CreateQueueRequest, CreateQueueResult};
use platform::{Ctx, Result};

use crate::access::{self, Tagging};
use crate::names::{self, QueuePlace};
use crate::queue::{DeletedRecord, QueueRecord};
use crate::settings::Settings;
use crate::{permissions, redrive, refusals, tags};

pub(crate) async fn create_queue(ctx: &Ctx, req: CreateQueueRequest) -> Result<CreateQueueResult> {
    let place = QueuePlace::own(ctx, &req.queue_name);
    let (given, new_tags) = (req.attributes.0, req.tags.0);
    let tagging = Tagging {
        tags: &new_tags,
        keys: &[],
    };
    let known = access::place_of(ctx, "sqs:CreateQueue", &place, tagging).await?;
    if !new_tags.is_empty() {
        access::place_of(ctx, "sqs:TagQueue", &place, tagging).await?;
    }
    let mut settings = Settings::new(&given)?;
    names::check_name(&place.name, settings.is_fifo())?;
    let answer = CreateQueueResult {
        queue_url: Some(place.url(ctx)),
    };
    if let Some(known) = known {
        let policy = known.shown_policy(ctx).await?;
        let differs = known.settings.first_difference(&given, policy.as_deref());
        let type_differs = known.settings.is_fifo() != settings.is_fifo();
        let differs = differs.or(type_differs.then_some("FifoQueue"));
        return match differs {
            Some(attribute) => Err(refusals::queue_exists(attribute).into()),
            None => Ok(answer),
        };
    }
    let deleted = ctx.get::<DeletedRecord>(&place.key()).await?;
    if deleted.is_some_and(|deleted| deleted.counts(ctx.now.millis)) {
        return Err(refusals::deleted_recently().into());
    }
    redrive::check(ctx, &place, &settings).await?;
    if let Some(policy) = settings.get("Policy") {
        let kept = permissions::kept(ctx, policy).await?;
        settings.put("Policy", Some(kept));
    }
    let mut record = QueueRecord::new(ctx, &place).await?;
    record.settings = settings;
    tags::merge(&mut record.tags, new_tags)?;
    ctx.delete::<DeletedRecord>(&place.key()).await;
    record.put(ctx, &place).await;
    Ok(answer)
}
