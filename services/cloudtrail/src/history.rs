//! From requests to questions about the event history, and from its events to answers.

use api::cloudtrail::{Event, LookupAttribute, LookupAttributeKey, LookupEventsRequest, Resource};
use platform::{Ctx, Error, HistoryEvent, HistoryKey, Result};
use wire::{Timestamp, marker};

use crate::refusals;

/// The purpose of the key that seals tokens.
const PURPOSE: &str = "cloudtrail-token";

/// The attribute that is asked for, of which there may be one.
pub(crate) fn attribute(asked: &[LookupAttribute]) -> Result<Option<(HistoryKey, String)>> {
    let [one] = asked else {
        let is_none = asked.is_empty();
        return if is_none {
            Ok(None)
        } else {
            Err(refusals::too_many_attributes().into())
        };
    };
    let key = match one.attribute_key {
        LookupAttributeKey::EventId => HistoryKey::EventId,
        LookupAttributeKey::EventName => HistoryKey::EventName,
        LookupAttributeKey::ReadOnly => HistoryKey::ReadOnly,
        LookupAttributeKey::Username => HistoryKey::Username,
        LookupAttributeKey::ResourceType => HistoryKey::ResourceType,
        LookupAttributeKey::ResourceName => HistoryKey::ResourceName,
        LookupAttributeKey::EventSource => HistoryKey::EventSource,
        LookupAttributeKey::AccessKeyId => HistoryKey::AccessKeyId,
    };
    let value = one.attribute_value.as_str();
    if key == HistoryKey::ReadOnly && !["true", "false"].contains(&value) {
        return Err(refusals::no_truth().into());
    }
    Ok(Some((key, value.to_owned())))
}

/// The last moment that is asked for. Events show whole seconds, so the whole second counts.
pub(crate) fn end(asked: Option<Timestamp>) -> Timestamp {
    let millis = asked.map_or(i64::MAX, |end| end.whole_secs().millis.saturating_add(999));
    Timestamp { millis }
}

/// An event as LookupEvents shows it.
pub(crate) fn shown(event: HistoryEvent) -> Event {
    let resources = event.resources.into_iter();
    let resources = resources.map(|(kind, name)| Resource {
        resource_type: (!kind.is_empty()).then_some(kind),
        resource_name: Some(name),
    });
    Event {
        event_id: Some(event.id),
        event_name: Some(event.name),
        read_only: Some(event.read_only.to_string()),
        access_key_id: event.access_key_id,
        event_time: Some(event.at.whole_secs()),
        event_source: Some(event.source),
        username: event.user_name,
        resources: Some(resources.collect()),
        cloud_trail_event: Some(event.json),
    }
}

/// The token of the page that begins at `position`. It is sealed, since a position says how much
/// all accounts together do, and good for the same request alone.
pub(crate) fn token(ctx: &Ctx, req: &LookupEventsRequest, position: u64) -> Result<String> {
    let key = ctx.keyring().record_key(ctx.account(), PURPOSE);
    let position = position.to_be_bytes();
    let sealed = key.seal(&scope(ctx, req), &position, ctx.random());
    Ok(marker::encode(&sealed.map_err(Error::internal)?))
}

/// The position that the request's token stands for.
pub(crate) fn position(ctx: &Ctx, req: &LookupEventsRequest) -> Result<Option<u64>> {
    let Some(token) = &req.next_token else {
        return Ok(None);
    };
    let key = ctx.keyring().record_key(ctx.account(), PURPOSE);
    let opened = marker::decode(token).and_then(|sealed| key.open(&scope(ctx, req), &sealed).ok());
    let position = opened.and_then(|opened| opened.first_chunk().copied());
    let position = position.ok_or_else(refusals::bad_token)?;
    Ok(Some(u64::from_be_bytes(position)))
}

/// What a token is good for.
fn scope(ctx: &Ctx, req: &LookupEventsRequest) -> Vec<u8> {
    let millis =
        |time: Option<Timestamp>| time.map_or(String::new(), |time| time.millis.to_string());
    let mut parts = vec![
        ctx.account().to_owned(),
        ctx.region.clone(),
        millis(req.start_time),
        millis(req.end_time),
        req.event_category
            .map_or("", |category| category.as_str())
            .to_owned(),
    ];
    for attribute in &req.lookup_attributes {
        parts.push(attribute.attribute_key.as_str().to_owned());
        parts.push(attribute.attribute_value.clone());
    }
    parts.join("\n").into_bytes()
}
