//! `sqs:SendMessage`: puts a message into a queue.

use api::sqs::{SendMessageRequest, SendMessageResult};
use platform::{Ctx, Result};

use crate::access;
use crate::encryption::DataKeys;
use crate::sending::{self, Outgoing};

pub(crate) async fn send_message(ctx: &Ctx, req: SendMessageRequest) -> Result<SendMessageResult> {
    let queue = access::queue(ctx, "sqs:SendMessage", &req.queue_url).await?;
    let outgoing = Outgoing {
        body: req.message_body,
        delay_seconds: req.delay_seconds,
        attributes: req.message_attributes,
        system_attributes: req.message_system_attributes,
        deduplication: req.message_deduplication_id,
        group: req.message_group_id,
    };
    let sent = sending::send(ctx, &queue, outgoing, &mut DataKeys::default()).await?;
    Ok(SendMessageResult {
        md5_of_message_body: Some(sent.md5_of_body),
        md5_of_message_attributes: sent.md5_of_attributes,
        md5_of_message_system_attributes: sent.md5_of_system_attributes,
        message_id: Some(sent.message_id),
        sequence_number: sent.sequence_number,
    })
}
