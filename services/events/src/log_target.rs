//! A log group as a target. The resource policies of CloudWatch Logs decide about EventBridge.

use api::logs::{
    CreateLogStream, CreateLogStreamRequest, InputLogEvent, PutLogEvents, PutLogEventsRequest,
};
use patterns::Json;
use platform::{Ctx, Error, Outcome, Result};
use wire::Protocol;

use crate::deliverer::EVENTS;
use crate::dispatch::Dispatch;
use crate::input::Input;

/// Logs the event.
pub(crate) async fn deliver(ctx: &Ctx, dispatch: &Dispatch, group: &str) -> Result<Outcome> {
    let (timestamp, message) = log_event(dispatch, dispatch.input_apart(ctx).await?);
    let request = || PutLogEventsRequest {
        log_group_name: group.to_owned(),
        log_stream_name: stream(dispatch),
        log_events: vec![InputLogEvent {
            timestamp,
            message: message.clone(),
        }],
        ..Default::default()
    };
    let service = || ctx.as_service(EVENTS).source(&dispatch.rule_arn);
    match service().call::<PutLogEvents>(request()).await {
        Err(Error::Fault(fault)) if fault.code(Protocol::Json11) == "ResourceNotFoundException" => {
            let new = CreateLogStreamRequest {
                log_group_name: group.to_owned(),
                log_stream_name: stream(dispatch),
            };
            service().call::<CreateLogStream>(new).await?;
            service().call::<PutLogEvents>(request()).await?;
        }
        answered => drop(answered?),
    }
    Ok(Outcome::Done)
}

/// The stream of a rule's target.
fn stream(dispatch: &Dispatch) -> String {
    format!("{}/{}", dispatch.rule_name, dispatch.target.id)
}

/// The event's time, in milliseconds since 1970, and text: when it came, and what the target gets. A template gives both ("PutTargets", EventBridge API reference:
/// `{"timestamp": .., "message": ..}`); what it gives otherwise is the message.
fn log_event(dispatch: &Dispatch, text: String) -> (i64, String) {
    if dispatch.target.input == Input::Event {
        return (dispatch.taken_millis, text);
    }
    let Ok(json) = Json::parse(&text) else {
        return (dispatch.taken_millis, text);
    };
    let number = json
        .get("timestamp")
        .and_then(|value| text.get(value.start..value.end));
    let number = number.and_then(|number| number.trim_matches('"').parse().ok());
    let message = json
        .get("message")
        .and_then(|message| match message.text() {
            Some(message) => Some(message),
            None => text.get(message.start..message.end),
        });
    match number.zip(message) {
        Some((timestamp, message)) => (timestamp, message.to_owned()),
        None => (dispatch.taken_millis, text),
    }
}
