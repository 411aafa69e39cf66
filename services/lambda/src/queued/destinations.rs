//! Who hears what became of an event ("Capturing records of Lambda asynchronous invocations"): queues,
//! topics, event buses and other functions, with the permissions of the function's role.

use api::events::{PutEvents, PutEventsRequest, PutEventsRequestEntry};
use api::lambda::{InvocationRequest, InvocationType, Invoke};
use api::sns::{Publish, PublishInput};
use api::sqs::{SendMessage, SendMessageRequest};
use bytes::Bytes;
use platform::{Ctx, Delivery, Error, GivenUp, Result, RoleSession, partition};
use serde_json::value::RawValue;
use wire::json::Writer;
use wire::{Callable, Entries, Timestamp};
use zeroize::Zeroizing;

use super::Event;
use crate::invoke;
use crate::names::LATEST;
use crate::roles::{PRINCIPAL, session_name};

/// The most bytes of an error's text in a dead letter ("the first 1 KB of the error message").
const LONGEST_MESSAGE: usize = 1024;
/// The most bytes of a record for a topic: one of a failure goes without payloads then (OnFailure).
const LARGEST_MESSAGE: usize = 262_144;
/// The condition of events that were handled.
pub(super) const SUCCESS: &str = "Success";

/// What came of an attempt that ran.
pub(super) struct Ended {
    /// `$LATEST`, or a number.
    pub(super) version: String,
    pub(super) is_error: bool,
    /// JSON, as a rule.
    pub(super) payload: Bytes,
}

type About<'a> = (&'a Delivery, &'a Event);

/// Sends the record of an invocation to a destination. What the role may not send is not sent.
pub(super) async fn tell(
    ctx: &Ctx,
    (arn, condition): (&str, &str),
    (delivery, event): About<'_>,
    ended: Option<&Ended>,
) -> Result<()> {
    let service = arn.split(':').nth(2);
    let about = (delivery, event);
    let mut record = record(ctx, condition, about, (ended, Payloads::Shown));
    if service == Some("sns") && condition != SUCCESS && record.len() > LARGEST_MESSAGE {
        record = self::record(ctx, condition, about, (ended, Payloads::Dropped));
    }
    let Some(session) = session(ctx, event).await? else {
        return Ok(());
    };
    let sender = Sender { ctx, session };
    match service {
        Some("sqs") => sender.queue(arn, record, &[]).await,
        Some("sns") => sender.topic(arn, record, &[]).await,
        Some("events") => sender.bus(arn, record, (condition, event)).await,
        Some("lambda") => sender.function(arn, record).await,
        _ => Ok(()),
    }
}

/// Sends an event that nobody could handle to the dead-letter queue or topic.
pub(super) async fn bury(
    ctx: &Ctx,
    arn: &str,
    (_, event): About<'_>,
    (why, ended): (&GivenUp, Option<&Ended>),
) -> Result<()> {
    let Some(session) = session(ctx, event).await? else {
        return Ok(());
    };
    let message = ended.and_then(|ended| message_of(&ended.payload));
    let message = message.unwrap_or_else(|| why.failure.message.clone());
    let message = message.get(..message.floor_char_boundary(LONGEST_MESSAGE));
    let message = message.unwrap_or_default();
    let code = if ended.is_some() { "200" } else { "429" };
    let attributes = [
        ("RequestID", "String", event.request_id.as_str()),
        ("ErrorCode", "Number", code),
        ("ErrorMessage", "String", message),
    ];
    let letter = String::from_utf8_lossy(&event.payload).into_owned();
    let sender = Sender { ctx, session };
    match arn.split(':').nth(2) {
        Some("sqs") => sender.queue(arn, letter, &attributes).await,
        Some("sns") => sender.topic(arn, letter, &attributes).await,
        _ => Ok(()),
    }
}

/// A session of the function's role; none where it cannot be assumed any more.
async fn session(ctx: &Ctx, event: &Event) -> Result<Option<RoleSession>> {
    let place = event.place();
    let named = (&place, event.qualifier.as_deref());
    let Some(version) = invoke::chosen(ctx, named).await? else {
        return Ok(None);
    };
    let name = session_name(&place.name);
    let role = (version.role.as_str(), name.as_str());
    match ctx.as_role(PRINCIPAL, role, &place.arn()).await {
        Ok(session) => Ok(Some(session)),
        Err(Error::Fault(_)) => Ok(None),
        Err(internal) => Err(internal),
    }
}

/// `errorMessage` of what a function that failed answered.
fn message_of(payload: &[u8]) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_slice(payload).ok()?;
    Some(answer.get("errorMessage")?.as_str()?.to_owned())
}

struct Sender<'a> {
    ctx: &'a Ctx,
    session: RoleSession,
}

impl Sender<'_> {
    async fn queue(
        &self,
        arn: &str,
        body: String,
        attributes: &[(&str, &str, &str)],
    ) -> Result<()> {
        let mut parts = arn.split(':').skip(3);
        let (Some(region), Some(account), Some(name)) = (parts.next(), parts.next(), parts.next())
        else {
            return Ok(());
        };
        let end = match partition(region) {
            "aws-cn" => ".cn",
            _ => "",
        };
        let given = |value: &str| Some(value.to_owned()).filter(|value| !value.is_empty());
        let attributes = attributes.iter().filter_map(|(name, kind, value)| {
            let value = api::sqs::MessageAttributeValue {
                string_value: Some(given(value)?),
                binary_value: None,
                string_list_values: None,
                binary_list_values: None,
                data_type: (*kind).to_owned(),
            };
            Some(((*name).to_owned(), value))
        });
        let request = SendMessageRequest {
            queue_url: format!("https://sqs.{region}.amazonaws.com{end}/{account}/{name}"),
            message_body: body,
            delay_seconds: None,
            message_attributes: Entries(attributes.collect()),
            message_system_attributes: Entries::default(),
            message_deduplication_id: None,
            message_group_id: None,
        };
        self.call::<SendMessage>(request).await
    }

    async fn topic(
        &self,
        arn: &str,
        message: String,
        attributes: &[(&str, &str, &str)],
    ) -> Result<()> {
        let given = attributes.iter().filter(|(_, _, value)| !value.is_empty());
        let attributes = given.map(|(name, kind, value)| {
            let value = api::sns::MessageAttributeValue {
                data_type: (*kind).to_owned(),
                string_value: Some((*value).to_owned()),
                binary_value: None,
            };
            ((*name).to_owned(), value)
        });
        let request = PublishInput {
            topic_arn: Some(arn.to_owned()),
            target_arn: None,
            phone_number: None,
            message,
            subject: None,
            message_structure: None,
            message_attributes: Entries(attributes.collect()),
            message_deduplication_id: None,
            message_group_id: None,
        };
        self.call::<Publish>(request).await
    }

    async fn bus(
        &self,
        arn: &str,
        detail: String,
        (condition, event): (&str, &Event),
    ) -> Result<()> {
        let result = match condition {
            SUCCESS => SUCCESS,
            _ => "Failure",
        };
        let entry = PutEventsRequestEntry {
            time: None,
            source: Some("lambda".to_owned()),
            resources: Some(vec![arn.to_owned(), function_arn(event)]),
            detail_type: Some(format!("Lambda Function Invocation Result - {result}")),
            detail: Some(detail),
            event_bus_name: Some(arn.to_owned()),
            trace_header: None,
        };
        let request = PutEventsRequest {
            entries: vec![entry],
            endpoint_id: None,
        };
        self.call::<PutEvents>(request).await
    }

    async fn function(&self, arn: &str, record: String) -> Result<()> {
        let request = InvocationRequest {
            function_name: arn.to_owned(),
            invocation_type: Some(InvocationType::Event),
            payload: Some(Zeroizing::new(record.into_bytes())),
            ..InvocationRequest::default()
        };
        self.call::<Invoke>(request).await
    }

    /// Makes a call. What is refused is on record, and lost, as it is in AWS.
    async fn call<O: Callable>(&self, request: O::Input) -> Result<()> {
        let call = self.ctx.in_session(&self.session);
        match call.call::<O>(request).await {
            Ok(_) | Err(Error::Fault(_)) => Ok(()),
            Err(internal) => Err(internal),
        }
    }
}

fn function_arn(event: &Event) -> String {
    let qualifier = event.qualifier.as_deref().unwrap_or(LATEST);
    event.place().qualified(Some(qualifier))
}

/// Whether a record shows what the function got and what it answered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Payloads {
    Shown,
    Dropped,
}

/// The record of an invocation, version 1.0.
fn record(
    ctx: &Ctx,
    condition: &str,
    (delivery, event): About<'_>,
    (ended, payloads): (Option<&Ended>, Payloads),
) -> String {
    let mut out = Writer::new();
    out.begin_object();
    let pair = |out: &mut Writer, key: &str, value: &str| {
        out.key(key);
        out.string(value);
    };
    pair(&mut out, "version", "1.0");
    pair(&mut out, "timestamp", &with_millis(ctx.now));
    out.key("requestContext");
    out.begin_object();
    pair(&mut out, "requestId", &event.request_id);
    pair(&mut out, "functionArn", &function_arn(event));
    pair(&mut out, "condition", condition);
    out.key("approximateInvokeCount");
    let runs = delivery.attempts + u32::from(ended.is_some());
    out.integer(runs.into());
    out.end_object();
    if payloads == Payloads::Shown {
        out.key("requestPayload");
        out.raw(&String::from_utf8_lossy(&event.payload));
    }
    if let Some(ended) = ended {
        out.key("responseContext");
        out.begin_object();
        out.key("statusCode");
        out.integer(200);
        pair(&mut out, "executedVersion", &ended.version);
        if ended.is_error {
            pair(&mut out, "functionError", "Unhandled");
        }
        out.end_object();
        if payloads == Payloads::Shown {
            out.key("responsePayload");
            answer(&mut out, &ended.payload);
        }
    }
    out.end_object();
    String::from_utf8_lossy(&out.finish()).into_owned()
}

/// What a function answered: JSON as it is, other bytes as a text.
fn answer(out: &mut Writer, payload: &[u8]) {
    match serde_json::from_slice::<&RawValue>(payload) {
        Ok(json) => out.raw(json.get()),
        Err(_) => out.string(&String::from_utf8_lossy(payload)),
    }
}

/// `2026-11-22T12:34:56.000Z`
fn with_millis(time: Timestamp) -> String {
    let text = time.iso8601();
    match text.strip_suffix('Z') {
        Some(whole) if !whole.contains('.') => format!("{whole}.000Z"),
        _ => text,
    }
}
