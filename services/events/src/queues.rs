//! Queues of Amazon SQS: as targets, and for events that their targets do not take ("Using
//! dead-letter queues to process undelivered events", EventBridge user guide). The policy of the
//! queue decides about EventBridge, or that of the target's role.

use api::events::DeadLetterConfig;
use api::sqs::{MessageAttributeValue, SendMessage, SendMessageRequest};
use platform::{Ctx, Exhausted, GivenUp, Outcome, Result, is_account};
use wire::{Entries, Fault};

use crate::deliverer::EVENTS;
use crate::dispatch::Dispatch;
use crate::encryption::Text;
use crate::names::BusPlace;
use crate::{lost, refusals};

/// The most bytes of an error's text that a message carries: a message with its attributes has a
/// limit, and the event comes first.
const MOST_TEXT: usize = 1024;

/// A queue by its ARN.
#[derive(Clone, Copy)]
pub(crate) struct Queue<'a> {
    region: &'a str,
    account: &'a str,
    name: &'a str,
}

impl<'a> Queue<'a> {
    /// The queue of this ARN.
    pub(crate) fn of_arn(arn: &'a str) -> Option<Self> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", _, "sqs", region, account, name]
                if is_account(account) && is_name(name.strip_suffix(".fifo").unwrap_or(name)) =>
            {
                Some(Self {
                    region,
                    account,
                    name,
                })
            }
            _ => None,
        }
    }

    /// Whether messages need a group.
    pub(crate) fn is_fifo(&self) -> bool {
        self.name.ends_with(".fifo")
    }

    /// The ARN of the queue that `config` names for the dead letters of a bus or a rule on it: a
    /// standard queue of the same Region, of whatever account.
    pub(crate) fn for_dead_letters(
        config: Option<&DeadLetterConfig>,
        bus: &BusPlace,
    ) -> Result<Option<String>, Fault> {
        let Some(arn) = config.and_then(|config| config.arn.as_deref()) else {
            return Ok(None);
        };
        match Queue::of_arn(arn) {
            None => Err(refusals::bad_dead_letters("it is not the ARN of a queue")),
            Some(queue) if queue.is_fifo() => {
                Err(refusals::bad_dead_letters("FIFO queues take none"))
            }
            Some(queue) if queue.region != bus.region => {
                Err(refusals::bad_dead_letters("it is in another Region"))
            }
            Some(_) => Ok(Some(arn.to_owned())),
        }
    }

    fn url(&self) -> String {
        let Self {
            region,
            account,
            name,
        } = self;
        let end = match platform::partition(region) {
            "aws-cn" => ".cn",
            _ => "",
        };
        format!("https://sqs.{region}.amazonaws.com{end}/{account}/{name}")
    }
}

/// Sends the event to the queue.
pub(crate) async fn deliver(ctx: &Ctx, dispatch: &Dispatch, queue: Queue<'_>) -> Result<Outcome> {
    let request = SendMessageRequest {
        queue_url: queue.url(),
        message_body: dispatch.input()?,
        delay_seconds: None,
        message_attributes: Entries::default(),
        message_system_attributes: Entries::default(),
        message_deduplication_id: None,
        message_group_id: dispatch.target.group.clone(),
    };
    dispatch.call::<SendMessage>(ctx, request).await?;
    Ok(Outcome::Done)
}

/// Sends an event that is given up to the dead-letter queue of its target, as it came to the bus.
/// Nothing happens where the target has none.
pub(crate) async fn bury(ctx: &Ctx, dispatch: &Dispatch<Text>, why: &GivenUp) -> Result<()> {
    let Some(arn) = &dispatch.target.dead_letters else {
        return Ok(());
    };
    let body = lost::body(ctx, &dispatch.event, Some(&dispatch.rule_arn)).await?;
    send(
        ctx,
        (arn, &dispatch.rule_arn),
        body,
        attributes(dispatch, why),
    )
    .await
}

/// Sends a dead letter to the queue of an ARN, for a rule or a bus.
pub(crate) async fn send(
    ctx: &Ctx,
    (arn, source): (&str, &str),
    body: String,
    attributes: Vec<(String, MessageAttributeValue)>,
) -> Result<()> {
    let queue = Queue::of_arn(arn).ok_or_else(refusals::bad_target_arn)?;
    let request = SendMessageRequest {
        queue_url: queue.url(),
        message_body: body,
        delay_seconds: None,
        message_attributes: Entries(attributes),
        message_system_attributes: Entries::default(),
        message_deduplication_id: None,
        message_group_id: None,
    };
    let call = ctx.as_service(EVENTS).source(source);
    call.call::<SendMessage>(request).await?;
    Ok(())
}

/// What the message says beside the event ("Each message in your DLQ will include the following
/// custom attributes").
fn attributes(dispatch: &Dispatch<Text>, why: &GivenUp) -> Vec<(String, MessageAttributeValue)> {
    let retries = why.retries.to_string();
    let message = cut(&why.failure.message);
    let exhausted = why.exhausted.map(|exhausted| match exhausted {
        Exhausted::Attempts => "MaximumRetryAttempts",
        Exhausted::Age => "MaximumEventAgeInSeconds",
    });
    let all = [
        ("RULE_ARN", Some(dispatch.rule_arn.as_str())),
        ("TARGET_ARN", Some(dispatch.target.arn.as_str())),
        ("ERROR_CODE", Some(why.failure.code.as_str())),
        // An attribute has no empty text.
        ("ERROR_MESSAGE", Some(message).filter(|it| !it.is_empty())),
        ("EXHAUSTED_RETRY_CONDITION", exhausted),
        ("RETRY_ATTEMPTS", Some(retries.as_str())),
    ];
    texts(&all)
}

/// The attributes that say something, as texts.
pub(crate) fn texts(all: &[(&str, Option<&str>)]) -> Vec<(String, MessageAttributeValue)> {
    let given = all.iter().filter_map(|(name, text)| {
        let value = MessageAttributeValue {
            string_value: Some((*text)?.to_owned()),
            binary_value: None,
            string_list_values: None,
            binary_list_values: None,
            data_type: "String".to_owned(),
        };
        Some(((*name).to_owned(), value))
    });
    given.collect()
}

/// An error's text, as long as a message carries it.
pub(crate) fn cut(text: &str) -> &str {
    let end = (0..=MOST_TEXT.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or_default()).unwrap_or_default()
}

fn is_name(name: &str) -> bool {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=80).contains(&name.len()) && name.bytes().all(is_known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_known_by_its_arn() {
        let queue = |arn: &str| Queue::of_arn(arn).map(|queue| (queue.url(), queue.is_fifo()));
        let url = "https://sqs.eu-west-2.amazonaws.com/111122223333/q";
        let arn = "arn:aws:sqs:eu-west-2:111122223333:q";
        assert_eq!(queue(arn), Some((url.to_owned(), false)));
        assert_eq!(
            queue(&format!("{arn}.fifo")),
            Some((format!("{url}.fifo"), true))
        );
        for other in [
            "arn:aws:sqs:eu-west-2:1:q",
            "arn:aws:sns:eu-west-2:111122223333:q",
            "arn:aws:sqs:eu-west-2:111122223333:",
            "arn:aws:sqs:eu-west-2:111122223333:a/b",
        ] {
            assert_eq!(queue(other), None, "{other}");
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let long = format!("{}é", "a".repeat(MOST_TEXT - 1));
        assert_eq!(cut(&long), "a".repeat(MOST_TEXT - 1));
        assert_eq!(cut("short"), "short");
        assert_eq!(cut(""), "");
    }
}
