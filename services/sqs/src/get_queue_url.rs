//! `sqs:GetQueueUrl`: finds a queue by its name.

use api::sqs::{GetQueueUrlRequest, GetQueueUrlResult};
use platform::{Ctx, Result};

use crate::access::{self, Tagging};
use crate::names::QueuePlace;
use crate::queue;

pub(crate) async fn get_queue_url(ctx: &Ctx, req: GetQueueUrlRequest) -> Result<GetQueueUrlResult> {
    let account = req.queue_owner_aws_account_id.as_deref();
    let account = account.unwrap_or(ctx.account());
    let place = QueuePlace::of_account(ctx, account, &req.queue_name);
    let found = access::place_of(ctx, "sqs:GetQueueUrl", &place, Tagging::default());
    queue::existing(found.await?)?;
    Ok(GetQueueUrlResult {
        queue_url: Some(place.url(ctx)),
    })
}
