//! `sqs:SendMessageBatch`: puts up to ten messages into a queue. Each succeeds or fails by itself.

use api::sqs::{
    BatchRequestTooLong, SendMessageBatchRequest, SendMessageBatchRequestEntry,
    SendMessageBatchResult, SendMessageBatchResultEntry,
};
use platform::{Ctx, Result};

use crate::encryption::DataKeys;
use crate::sending::{self, Outgoing, Sent};
use crate::settings::LARGEST;
use crate::{access, batch};

pub(crate) async fn send_message_batch(
    ctx: &Ctx,
    req: SendMessageBatchRequest,
) -> Result<SendMessageBatchResult> {
    let queue = access::queue(ctx, "sqs:SendMessage", &req.queue_url).await?;
    let ids = req.entries.iter().map(|entry| entry.id.as_str());
    batch::check(ids, "SendMessageBatchRequestEntry")?;
    check_size(&req.entries)?;
    for entry in req.entries.iter().filter(|_| queue.settings.is_fifo()) {
        sending::check_fifo(
            &queue,
            entry.message_group_id.as_deref(),
            entry.message_deduplication_id.as_deref(),
        )?;
    }
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    let mut keys = DataKeys::default();
    for entry in req.entries {
        let (id, outgoing) = (entry.id.clone(), outgoing(entry));
        match sending::send(ctx, &queue, outgoing, &mut keys).await {
            Ok(sent) => successful.push(result(id, sent)),
            Err(error) => failed.push(batch::failed(id, error)?),
        }
    }
    Ok(SendMessageBatchResult {
        successful: batch::some(successful),
        failed: batch::some(failed),
    })
}

fn check_size(entries: &[SendMessageBatchRequestEntry]) -> Result<()> {
    let sizes = entries.iter().map(|entry| {
        let none = wire::Entries::default();
        let attributes = entry.message_attributes.as_ref().unwrap_or(&none);
        sending::size(&entry.message_body, attributes)
    });
    let size: usize = sizes.sum();
    match i64::try_from(size).is_ok_and(|size| size <= LARGEST) {
        true => Ok(()),
        false => Err(BatchRequestTooLong::new(format!(
            "Batch requests cannot be longer than {LARGEST} bytes. You have sent {size} bytes."
        ))
        .into()),
    }
}

fn outgoing(entry: SendMessageBatchRequestEntry) -> Outgoing {
    Outgoing {
        body: entry.message_body,
        delay_seconds: entry.delay_seconds,
        attributes: entry.message_attributes.unwrap_or_default(),
        system_attributes: entry.message_system_attributes.unwrap_or_default(),
        deduplication: entry.message_deduplication_id,
        group: entry.message_group_id,
    }
}

fn result(id: String, sent: Sent) -> SendMessageBatchResultEntry {
    SendMessageBatchResultEntry {
        id: Some(id),
        message_id: Some(sent.message_id),
        md5_of_message_body: Some(sent.md5_of_body),
        md5_of_message_attributes: sent.md5_of_attributes,
        md5_of_message_system_attributes: sent.md5_of_system_attributes,
        sequence_number: sent.sequence_number,
    }
}
