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
    let request = || {
        Ok::<_, Error>(PutLogEventsRequest {
            log_group_name: group.to_owned(),
            log_stream_name: stream(dispatch),
            log_events: vec![log_event(dispatch)?],
            ..Default::default()
        })
    };
    let service = || ctx.as_service(EVENTS).source(&dispatch.rule_arn);
    match service().call::<PutLogEvents>(request()?).await {
        Err(Error::Fault(fault)) if fault.code(Protocol::Json11) == "ResourceNotFoundException" => {
            let new = CreateLogStreamRequest {
                log_group_name: group.to_owned(),
                log_stream_name: stream(dispatch),
            };
            service().call::<CreateLogStream>(new).await?;
            service().call::<PutLogEvents>(request()?).await?;
        }
        answered => drop(answered?),
    }
    Ok(Outcome::Done)
}

/// The stream of a rule's target.
fn stream(dispatch: &Dispatch) -> String {
    format!("{}/{}", dispatch.rule_name, dispatch.target.id)
}

/// The event, at the time when it came. A template gives both ("PutTargets", EventBridge API reference:
/// `{"timestamp": .., "message": ..}`); what it gives otherwise is the message.
fn log_event(dispatch: &Dispatch) -> Result<InputLogEvent> {
    let text = dispatch.input()?;
    let mut event = InputLogEvent {
        timestamp: dispatch.taken_millis,
        message: text.clone(),
    };
    if dispatch.target.input == Input::Event {
        return Ok(event);
    }
    let Ok(json) = Json::parse(&text) else {
        return Ok(event);
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
    if let (Some(timestamp), Some(message)) = (number, message) {
        event = InputLogEvent {
            timestamp,
            message: message.to_owned(),
        };
    }
    Ok(event)
}
