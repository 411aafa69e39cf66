//! `sqs:ListDeadLetterSourceQueues`: lists the queues that give their messages up to a queue.

use api::sqs::{ListDeadLetterSourceQueuesRequest, ListDeadLetterSourceQueuesResult};
use platform::{Ctx, Result};
use store::Key;

use crate::names::QueuePlace;
use crate::queue::QueueRecord;
use crate::redrive::Redrive;
use crate::{access, page};

pub(crate) async fn list_dead_letter_source_queues(
    ctx: &Ctx,
    req: ListDeadLetterSourceQueuesRequest,
) -> Result<ListDeadLetterSourceQueuesResult> {
    let action = "sqs:ListDeadLetterSourceQueues";
    let dead = access::queue(ctx, action, &req.queue_url).await?;
    let account = &dead.place.account;
    let all = Key::new(account, &dead.place.region, [""; 0]);
    let rows = ctx.scan_all::<QueueRecord>(&all).await?;
    let is_source = |queue: &QueueRecord| {
        let redrive = Redrive::of(&queue.settings);
        redrive.is_some_and(|redrive| redrive.target == dead.place)
    };
    let sources = rows.iter().filter(|(_, queue)| is_source(queue));
    let mut names: Vec<String> = sources.map(|(_, queue)| queue.name.clone()).collect();
    names.sort();
    let (names, next_token) = page::page(names, req.next_token.as_deref(), req.max_results)?;
    let urls = names
        .iter()
        .map(|name| QueuePlace::of_account(ctx, account, name).url(ctx));
    Ok(ListDeadLetterSourceQueuesResult {
        queue_urls: Some(urls.collect()),
        next_token,
    })
}
