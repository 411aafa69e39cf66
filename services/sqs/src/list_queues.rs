//! `sqs:ListQueues`: lists the queues of the account.

use api::sqs::{ListQueuesRequest, ListQueuesResult};
use platform::{Ctx, Result};
use store::Key;

use crate::names::QueuePlace;
use crate::queue::QueueRecord;
use crate::{access, page};

pub(crate) async fn list_queues(ctx: &Ctx, req: ListQueuesRequest) -> Result<ListQueuesResult> {
    access::everything(ctx, "sqs:ListQueues").await?;
    let own = Key::new(ctx.account(), &ctx.region, [""; 0]);
    let rows = ctx.scan_all::<QueueRecord>(&own).await?;
    let mut names: Vec<String> = rows.iter().map(|(_, queue)| queue.name.clone()).collect();
    let prefix = req.queue_name_prefix.unwrap_or_default();
    names.retain(|name| name.starts_with(&prefix));
    names.sort();
    let (names, next_token) = page::page(names, req.next_token.as_deref(), req.max_results)?;
    let urls = names.iter().map(|name| QueuePlace::own(ctx, name).url(ctx));
    let urls: Vec<String> = urls.collect();
    Ok(ListQueuesResult {
        queue_urls: (!urls.is_empty()).then_some(urls),
        next_token,
    })
}
