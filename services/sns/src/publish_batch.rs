//! `sns:PublishBatch`: publishes up to ten messages to a topic. Each succeeds or fails by itself.

use api::sns::{
    BatchEntryIdsNotDistinctException, BatchRequestTooLongException, BatchResultErrorEntry,
    EmptyBatchRequestException, InvalidBatchEntryIdException, PublishBatchInput,
    PublishBatchResponse, PublishBatchResultEntry, TooManyEntriesInBatchRequestException,
};
use platform::{Ctx, Error, Result};
use wire::{Fault, Protocol};

use crate::publishing::{self, Outgoing};
use crate::{access, filter};

/// The most entries of a batch.
const MOST: usize = 10;

pub(crate) async fn publish_batch(
    ctx: &Ctx,
    req: PublishBatchInput,
) -> Result<PublishBatchResponse> {
    let topic = access::topic(ctx, "sns:Publish", &req.topic_arn).await?;
    let entries = req.publish_batch_request_entries;
    check(entries.iter().map(|entry| entry.id.as_str()))?;
    let messages: Vec<_> = entries
        .into_iter()
        .map(|entry| {
            let outgoing = Outgoing {
                message: entry.message,
                subject: entry.subject,
                structure: entry.message_structure,
                attributes: entry.message_attributes.unwrap_or_default(),
                deduplication: entry.message_deduplication_id,
                group: entry.message_group_id,
            };
            (entry.id, outgoing)
        })
        .collect();
    let size: usize = messages.iter().map(|(_, outgoing)| outgoing.size()).sum();
    if size > topic.largest() {
        return Err(BatchRequestTooLongException::new(
            "The length of all the messages put together is more than the limit.",
        )
        .into());
    }
    // One number that is none refuses the whole batch, unlike other mistakes.
    for (name, value) in messages
        .iter()
        .flat_map(|(_, message)| message.attributes.iter())
    {
        filter::check_number(name, value)?;
    }
    let key = publishing::topic_key(ctx, &topic).await?;
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for (id, outgoing) in messages {
        match publishing::publish(ctx, &topic, key.as_ref(), outgoing).await {
            Ok(published) => successful.push(PublishBatchResultEntry {
                id: Some(id),
                message_id: Some(published.message_id),
                sequence_number: published.sequence_number,
            }),
            Err(Error::Fault(fault)) => failed.push(BatchResultErrorEntry {
                id: Some(id),
                code: Some(fault.code(Protocol::Query).to_owned()),
                message: fault.message().map(str::to_owned),
                sender_fault: Some(fault.is_sender_fault()),
            }),
            Err(internal) => return Err(internal),
        }
    }
    Ok(PublishBatchResponse {
        successful: Some(successful),
        failed: Some(failed),
    })
}

fn check<'a>(ids: impl Iterator<Item = &'a str>) -> Result<(), Fault> {
    let mut ids: Vec<&str> = ids.collect();
    if ids.is_empty() {
        return Err(EmptyBatchRequestException::new(
            "The batch request doesn't contain any entries.",
        ));
    }
    if ids.len() > MOST {
        return Err(TooManyEntriesInBatchRequestException::new(
            "The batch request contains more entries than permissible.",
        ));
    }
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_id = |id: &&str| (1..=80).contains(&id.len()) && id.bytes().all(is_letter);
    if !ids.iter().all(is_id) {
        return Err(InvalidBatchEntryIdException::new(
            "The Id of a batch entry in a batch request doesn't abide by the specification.",
        ));
    }
    ids.sort_unstable();
    match ids.array_windows::<2>().any(|[one, other]| one == other) {
        true => Err(BatchEntryIdsNotDistinctException::new(
            "Two or more batch entries in the request have the same Id.",
        )),
        false => Ok(()),
    }
}
