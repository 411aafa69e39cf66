//! Amazon SQS: queues that keep messages until somebody has dealt with them.
//!
//! One operation, one file. A queue is reached through the decision about it (`access`). A message
//! is two records: where it stands, which receivers look through (`receiving`), and what it says,
//! encrypted under the queue's KMS key where it has one (`encryption`). Both are durable before the
//! sender hears of it, and go when a receiver deletes them, their time is over, or the queue is
//! purged (`heap`).
//!
//! What this crate never does: show a message to two receivers at a time, let one pass another of
//! its group in a FIFO queue, or keep a data key in plaintext beyond a call.

mod access;
mod add_permission;
mod attempt;
mod attributes;
mod batch;
mod change_message_visibility;
mod change_message_visibility_batch;
mod create_queue;
mod delete_message;
mod delete_message_batch;
mod delete_queue;
mod deleting;
mod encryption;
#[cfg(test)]
mod formats;
mod get_queue_attributes;
mod get_queue_url;
mod heap;
mod lanes;
mod list_dead_letter_source_queues;
mod list_queue_tags;
mod list_queues;
mod message;
mod names;
mod page;
mod permissions;
mod purge_queue;
mod queue;
mod receipt;
mod receive_message;
mod receiving;
mod redrive;
mod refusals;
mod remove_permission;
mod send_message;
mod send_message_batch;
mod sending;
mod set_queue_attributes;
mod settings;
mod tag_queue;
mod tags;
mod untag_queue;
mod visibility;

use api::sqs as api;
use platform::Service;

pub use heap::sweep;

/// The largest body of a request with messages, in bytes: 1 MiB in which every character is escaped,
/// and what stands around it.
const MOST_BODY: usize = 8 * 1024 * 1024;

/// The service with all its operations.
pub fn service() -> Service {
    Service::new(&api::SERVICE)
        .invalid_input(refusals::malformed)
        .once_spoke_query()
        .bodies_of::<api::SendMessage>(MOST_BODY)
        .bodies_of::<api::SendMessageBatch>(MOST_BODY)
        .op::<api::AddPermission>(add_permission::add_permission)
        .op::<api::ChangeMessageVisibility>(change_message_visibility::change_message_visibility)
        .op::<api::ChangeMessageVisibilityBatch>(
            change_message_visibility_batch::change_message_visibility_batch,
        )
        .op::<api::CreateQueue>(create_queue::create_queue)
        .op::<api::DeleteMessage>(delete_message::delete_message)
        .op::<api::DeleteMessageBatch>(delete_message_batch::delete_message_batch)
        .op::<api::DeleteQueue>(delete_queue::delete_queue)
        .op::<api::GetQueueAttributes>(get_queue_attributes::get_queue_attributes)
        .op::<api::GetQueueUrl>(get_queue_url::get_queue_url)
        .op::<api::ListDeadLetterSourceQueues>(
            list_dead_letter_source_queues::list_dead_letter_source_queues,
        )
        .op::<api::ListQueueTags>(list_queue_tags::list_queue_tags)
        .op::<api::ListQueues>(list_queues::list_queues)
        .op::<api::PurgeQueue>(purge_queue::purge_queue)
        .op::<api::ReceiveMessage>(receive_message::receive_message)
        .op::<api::RemovePermission>(remove_permission::remove_permission)
        .op::<api::SendMessage>(send_message::send_message)
        .op::<api::SendMessageBatch>(send_message_batch::send_message_batch)
        .op::<api::SetQueueAttributes>(set_queue_attributes::set_queue_attributes)
        .op::<api::TagQueue>(tag_queue::tag_queue)
        .op::<api::UntagQueue>(untag_queue::untag_queue)
}
