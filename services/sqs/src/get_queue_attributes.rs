//! `sqs:GetQueueAttributes`: shows what is set of a queue, and how many messages are in it.

use std::collections::BTreeMap;

use api::sqs::{GetQueueAttributesRequest, GetQueueAttributesResult};
use platform::{Ctx, Result};
use wire::Entries;

use crate::access::{self, Queue};
use crate::message::{MessageRecord, Standing};
use crate::refusals;

/// Attributes that are there on some queues only, or that only counting tells.
const OTHERS: &[&str] = &[
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "FifoQueue",
    "FifoThroughputLimit",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "Policy",
    "RedriveAllowPolicy",
    "RedrivePolicy",
];

pub(crate) async fn get_queue_attributes(
    ctx: &Ctx,
    req: GetQueueAttributesRequest,
) -> Result<GetQueueAttributesResult> {
    let queue = access::queue(ctx, "sqs:GetQueueAttributes", &req.queue_url).await?;
    let names = req.attribute_names;
    let mut all = all(ctx, &queue).await?;
    let is_known = |name: &str| name == "All" || all.contains_key(name) || OTHERS.contains(&name);
    if let Some(unknown) = names.iter().find(|name| !is_known(name)) {
        return Err(refusals::unknown_attribute(unknown).into());
    }
    if names
        .iter()
        .any(|name| name == "All" || name.starts_with("Approximate"))
    {
        all.extend(counts(ctx, &queue).await?);
    }
    if !names.iter().any(|name| name == "All") {
        all.retain(|known, _| names.contains(known));
    }
    let attributes = Entries(all.into_iter().collect());
    Ok(GetQueueAttributesResult {
        attributes: (!attributes.is_empty()).then_some(attributes),
    })
}

/// All attributes but the counts.
async fn all(ctx: &Ctx, queue: &Queue) -> Result<BTreeMap<String, String>> {
    let mut all = queue.settings.shown();
    if let Some(policy) = queue.shown_policy(ctx).await? {
        all.insert("Policy".to_owned(), policy);
    }
    let seconds = |millis: i64| (millis / 1000).to_string();
    for (name, value) in [
        ("QueueArn", queue.place.arn()),
        ("CreatedTimestamp", seconds(queue.created_millis)),
        ("LastModifiedTimestamp", seconds(queue.modified_millis)),
    ] {
        all.insert(name.to_owned(), value);
    }
    Ok(all)
}

/// How many messages there are, by how they stand.
async fn counts(ctx: &Ctx, queue: &Queue) -> Result<Vec<(String, String)>> {
    let names = [
        (Standing::Available, "ApproximateNumberOfMessages"),
        (Standing::Delayed, "ApproximateNumberOfMessagesDelayed"),
        (Standing::InFlight, "ApproximateNumberOfMessagesNotVisible"),
    ];
    let mut counts = names.map(|(standing, name)| (standing, name, 0_u64));
    let all = queue.messages(&queue.place);
    for (_, message) in ctx.scan_all::<MessageRecord>(&all).await? {
        if queue.has_expired(message.sent_millis, ctx.now.millis) {
            continue;
        }
        let standing = message.standing(ctx.now.millis);
        for (known, _, count) in &mut counts {
            *count += u64::from(*known == standing);
        }
    }
    let counts = counts.map(|(_, name, count)| (name.to_owned(), count.to_string()));
    Ok(counts.into_iter().collect())
}
