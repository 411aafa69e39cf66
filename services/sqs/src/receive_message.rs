//! `sqs:ReceiveMessage`: takes messages out of sight of all other receivers for a time, and shows
//! them. It waits for some as long as it is asked to.

use api::sqs::{Message, ReceiveMessageRequest, ReceiveMessageResult};
use platform::{Ctx, Result};
use wire::{Entries, Fault, Timestamp};

use crate::access::{self, Queue};
use crate::encryption::DataKeys;
use crate::message::{Content, MessageRecord};
use crate::receipt::Receipt;
use crate::receiving::{self, Taken};
use crate::{attempt, attributes, refusals, sending};

/// Names of system attributes (ReceiveMessage).
const SYSTEM: &[&str] = &[
    "AWSTraceHeader",
    "All",
    "ApproximateFirstReceiveTimestamp",
    "ApproximateReceiveCount",
    "DeadLetterQueueSourceArn",
    "MessageDeduplicationId",
    "MessageGroupId",
    "SenderId",
    "SentTimestamp",
    "SequenceNumber",
    "SqsManagedSseEnabled",
];

/// What a receiver asks for.
struct Asked {
    messages: usize,
    attempt: Option<String>,
    visibility_millis: i64,
    until: Timestamp,
    system_names: Vec<String>,
    names: Vec<String>,
}

pub(crate) async fn receive_message(
    ctx: &Ctx,
    req: ReceiveMessageRequest,
) -> Result<ReceiveMessageResult> {
    let queue = access::queue(ctx, "sqs:ReceiveMessage", &req.queue_url).await?;
    let asked = check(ctx, &queue, req)?;
    let taken = match &asked.attempt {
        Some(id) => retried(ctx, &queue, id, &asked).await?,
        None => wait(ctx, &queue, &asked).await?.0,
    };
    let mut keys = DataKeys::default();
    let mut messages = Vec::with_capacity(taken.len());
    for taken in taken {
        let content = keys.open(ctx, &taken.message.id, &taken.content).await?;
        messages.push(shown(&queue, &taken, content, &asked));
    }
    Ok(ReceiveMessageResult {
        messages: (!messages.is_empty()).then_some(messages),
    })
}

/// What the attempt of this id has shown before, or new messages.
async fn retried(ctx: &Ctx, queue: &Queue, id: &str, asked: &Asked) -> Result<Vec<Taken>> {
    let known = attempt::again(ctx, queue, id, asked.visibility_millis).await?;
    if !known.is_empty() {
        return Ok(known);
    }
    let (taken, now) = wait(ctx, queue, asked).await?;
    attempt::made(ctx, queue, id, now, &taken).await;
    Ok(taken)
}

/// Takes messages as soon as there are some; they and the time then.
async fn wait(ctx: &Ctx, queue: &Queue, asked: &Asked) -> Result<(Vec<Taken>, Timestamp)> {
    let mut now = ctx.now;
    let messages = queue.messages(&queue.place);
    let mut watch = ctx.watch::<MessageRecord>(&messages);
    let (mut taken, mut next_millis) = look(ctx, queue, asked, now).await?;
    while taken.is_empty() && now.millis < asked.until.millis {
        let next = next_millis.map(|millis| Timestamp { millis });
        let until = next.unwrap_or(asked.until).min(asked.until);
        now = ctx.wait(&mut watch, until).await;
        // A commit wakes all who wait. They look one after the other, and no longer than until one
        // of them finds nothing: with a thousand of them, each would look through the whole queue.
        let mut turn = watch.turn().await;
        let is_due = |next: Option<i64>| next.is_some_and(|next| next <= now.millis);
        match turn.nothing_until() {
            Some(next) if !is_due(next) => next_millis = next,
            _ => {
                (taken, next_millis) = look(ctx, queue, asked, now).await?;
                if taken.is_empty() {
                    turn.found_nothing(next_millis);
                }
            }
        }
    }
    Ok((taken, now))
}

/// Takes messages that there are; they, and when the first of the others can be received.
async fn look(
    ctx: &Ctx,
    queue: &Queue,
    asked: &Asked,
    now: Timestamp,
) -> Result<(Vec<Taken>, Option<i64>)> {
    let found = receiving::look(ctx, queue, asked.messages, now).await?;
    let next_millis = found.next_millis;
    let taking = (asked.messages, asked.visibility_millis, now);
    Ok((
        receiving::take(ctx, queue, found, taking).await?,
        next_millis,
    ))
}

fn check(ctx: &Ctx, queue: &Queue, req: ReceiveMessageRequest) -> Result<Asked, Fault> {
    let range = |name: &str, asked: Option<i32>, (least, most): (i32, i32), reason: &str| {
        let refused = asked.filter(|asked| !(least..=most).contains(asked));
        refused.map_or(Ok(asked), |asked| {
            Err(refusals::bad_value(name, &asked.to_string(), reason))
        })
    };
    let reason = "Must be between 1 and 10, if provided.";
    let messages = req.max_number_of_messages;
    let messages = range("MaxNumberOfMessages", messages, (1, 10), reason)?;
    let reason = "Must be >= 0 and <= 20, if provided.";
    let wait = range("WaitTimeSeconds", req.wait_time_seconds, (0, 20), reason)?;
    let reason = "Must be between 0 and 43200, if provided.";
    let visibility = req.visibility_timeout;
    let visibility = range("VisibilityTimeout", visibility, (0, 43_200), reason)?;
    let attempt = attempt::checked(queue, req.receive_request_attempt_id)?;
    let mut system_names = req.message_system_attribute_names;
    system_names.extend(req.attribute_names);
    if let Some(unknown) = system_names
        .iter()
        .find(|name| !SYSTEM.contains(&name.as_str()))
    {
        return Err(refusals::unknown_attribute(unknown));
    }
    let millis = |asked: Option<i32>, name| match asked {
        Some(seconds) => i64::from(seconds) * 1000,
        None => queue.settings.millis(name),
    };
    Ok(Asked {
        messages: messages
            .and_then(|most| usize::try_from(most).ok())
            .unwrap_or(1),
        attempt,
        visibility_millis: millis(visibility, "VisibilityTimeout"),
        until: Timestamp {
            millis: ctx.now.millis + millis(wait, "ReceiveMessageWaitTimeSeconds"),
        },
        system_names,
        names: req.message_attribute_names,
    })
}

fn shown(queue: &Queue, taken: &Taken, content: Content, asked: &Asked) -> Message {
    let wanted = content.attributes.iter();
    let wanted = wanted.filter(|one| attributes::is_wanted(&asked.names, &one.name));
    let wanted: Vec<_> = wanted.collect();
    let system = system(&taken.message, &content, asked, queue.settings.is_fifo());
    Message {
        message_id: Some(taken.message.id.clone()),
        receipt_handle: Some(Receipt::handle(queue, &taken.message.id, taken.receipt)),
        md5_of_body: Some(crypto::md5_sum([content.body.as_bytes()])),
        attributes: (!system.is_empty()).then_some(Entries(system)),
        md5_of_message_attributes: attributes::md5(wanted.iter().copied()),
        message_attributes: (!wanted.is_empty())
            .then(|| Entries(wanted.iter().map(|one| one.shown()).collect())),
        body: Some(content.body),
    }
}

fn system(
    message: &MessageRecord,
    content: &Content,
    asked: &Asked,
    is_fifo: bool,
) -> Vec<(String, String)> {
    let first = message.received_millis.map(|(first, _)| first.to_string());
    let sequence = is_fifo.then(|| sending::sequence_number(message.serial));
    let all = [
        ("SenderId", Some(message.sender.clone())),
        ("ApproximateFirstReceiveTimestamp", first),
        (
            "ApproximateReceiveCount",
            Some(message.receives.to_string()),
        ),
        ("SentTimestamp", Some(message.sent_millis.to_string())),
        ("SequenceNumber", sequence),
        ("MessageDeduplicationId", message.deduplication.clone()),
        ("MessageGroupId", message.group.clone()),
        ("AWSTraceHeader", content.trace.clone()),
        ("DeadLetterQueueSourceArn", message.source.clone()),
    ];
    let is_asked = |name: &str| {
        let mut names = asked.system_names.iter();
        names.any(|asked| asked == "All" || asked == name)
    };
    let given = all.into_iter().filter(|(name, _)| is_asked(name));
    let given = given.filter_map(|(name, value)| Some((name.to_owned(), value?)));
    given.collect()
}
