//! One entry of PutEvents, as the event that it becomes.

use std::borrow::Cow;
use std::sync::Arc;

use api::events::{PutEventsRequestEntry, PutEventsResultEntry};
use patterns::{Event, Json, Kind};
use platform::{Error, Result};
use serde::Deserialize;
use wire::json::Writer;
use wire::{Fault, Protocol, Timestamp};

use crate::audience::Audience;
use crate::names::BusPlace;

/// An event on its way.
pub(crate) struct Incoming {
    /// The id.
    pub(crate) id: String,
    /// The bus that takes it.
    pub(crate) bus: BusPlace,
    /// `source`
    pub(crate) source: String,
    /// `detail-type`
    pub(crate) detail_type: String,
    /// The JSON text.
    pub(crate) text: String,
    /// Its fields.
    pub(crate) fields: Arc<Event>,
    /// Whom it is for.
    pub(crate) audience: Audience,
}

/// An event that nobody puts.
pub(crate) struct Made<'a> {
    pub(crate) id: String,
    pub(crate) source: &'a str,
    pub(crate) detail_type: &'a str,
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) time: Timestamp,
    pub(crate) resources: &'a [String],
    /// The JSON text of an object.
    pub(crate) detail: &'a str,
}

/// Who puts an event, where and when.
pub(crate) struct Putting<'a> {
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) now: Timestamp,
}

/// Where the member `resources` of an event's text begins.
const RESOURCES: &str = ",\"resources\":[";

/// The members of an archived event that are needed apart from its text.
#[derive(Deserialize)]
struct Replayable<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    source: Cow<'a, str>,
    #[serde(borrow, rename = "detail-type")]
    detail_type: Cow<'a, str>,
}

/// The bytes of an entry as AWS counts them ("Calculating PutEvents event entry size").
pub(crate) fn size(entry: &PutEventsRequestEntry) -> usize {
    let texts = [&entry.source, &entry.detail_type, &entry.detail];
    let texts = texts.into_iter().flatten().map(String::len).sum::<usize>();
    let resources = entry.resources.iter().flatten();
    let resources = resources.map(String::len).sum::<usize>();
    let time = if entry.time.is_some() { 14 } else { 0 };
    texts + resources + time
}

/// The entry that is refused with an error.
pub(crate) fn refused(fault: &Fault) -> PutEventsResultEntry {
    let code = fault.code(Protocol::Json11);
    failed(code, fault.message().unwrap_or_default())
}

impl Incoming {
    /// The event that an entry becomes, or what is wrong with it.
    pub(crate) fn of(
        entry: PutEventsRequestEntry,
        bus: BusPlace,
        id: String,
        putting: &Putting<'_>,
    ) -> Result<std::result::Result<Self, PutEventsResultEntry>> {
        let Some(source) = entry.source.filter(|source| !source.is_empty()) else {
            return Ok(Err(missing("Source")));
        };
        let Some(detail_type) = entry.detail_type.filter(|kind| !kind.is_empty()) else {
            return Ok(Err(missing("DetailType")));
        };
        let Some(detail) = entry.detail.filter(|detail| !detail.is_empty()) else {
            return Ok(Err(missing("Detail")));
        };
        if source.starts_with("aws.") {
            let code = "NotAuthorizedForSourceException";
            return Ok(Err(failed(code, "Not authorized for the source.")));
        }
        let is_object = Json::parse(&detail).is_ok_and(|json| matches!(json.kind, Kind::Object(_)));
        if !is_object {
            return Ok(Err(failed("MalformedDetail", "Detail is malformed.")));
        }
        let time = entry.time.unwrap_or(putting.now).whole_secs();
        let head = [
            ("version", "0"),
            ("id", &id),
            ("detail-type", &detail_type),
            ("source", &source),
            ("account", putting.account),
            ("time", &time.iso8601()),
            ("region", putting.region),
        ];
        let text = event(&head, &entry.resources.unwrap_or_default(), &detail)?;
        // What is an object within the limits of depth by itself may be beyond them within another.
        let Ok(fields) = Event::parse(&text) else {
            return Ok(Err(failed("MalformedDetail", "Detail is malformed.")));
        };
        Ok(Ok(Self {
            id,
            bus,
            source,
            detail_type,
            text,
            fields: Arc::new(fields),
            audience: Audience::Everyone,
        }))
    }

    /// The event that a service makes for a bus.
    pub(crate) fn made(made: Made<'_>, bus: BusPlace, audience: Audience) -> Result<Self> {
        let time = made.time.whole_secs().iso8601();
        let head = [
            ("version", "0"),
            ("id", &made.id),
            ("detail-type", made.detail_type),
            ("source", made.source),
            ("account", made.account),
            ("time", &time),
            ("region", made.region),
        ];
        let text = event(&head, made.resources, made.detail)?;
        let fields = Event::parse(&text).map_err(Error::internal)?;
        Ok(Self {
            bus,
            source: made.source.to_owned(),
            detail_type: made.detail_type.to_owned(),
            id: made.id,
            text,
            fields: Arc::new(fields),
            audience,
        })
    }

    /// The event of this text again, as the replay of this name puts it.
    pub(crate) fn replayed(
        text: &str,
        replay: &str,
        bus: BusPlace,
        audience: Audience,
    ) -> Result<Self> {
        let head: Replayable<'_> = serde_json::from_str(text).map_err(Error::internal)?;
        let (id, source) = (head.id.into_owned(), head.source.into_owned());
        let detail_type = head.detail_type.into_owned();
        // INVARIANT: within a string there is no quote without a backslash before it, so that the
        // first of these is the member's.
        let behind = text.find(RESOURCES);
        let behind = behind.ok_or_else(|| Error::internal("an archived event is no event"))?;
        let (before, after) = text.split_at(behind);
        let text = format!("{before},\"replay-name\":\"{replay}\"{after}");
        let fields = Event::parse(&text).map_err(Error::internal)?;
        Ok(Self {
            id,
            bus,
            source,
            detail_type,
            text,
            fields: Arc::new(fields),
            audience,
        })
    }
}

/// The JSON text of an event.
fn event(head: &[(&str, &str)], resources: &[String], detail: &str) -> Result<String> {
    let mut out = Writer::with_capacity(512 + detail.len());
    out.begin_object();
    for (name, value) in head {
        out.key(name);
        out.string(value);
    }
    out.key("resources");
    out.begin_array();
    for resource in resources {
        out.string(resource);
    }
    out.end_array();
    out.key("detail");
    out.raw(detail.trim());
    out.end_object();
    String::from_utf8(out.finish().to_vec()).map_err(Error::internal)
}

fn missing(member: &str) -> PutEventsResultEntry {
    let message =
        format!("Parameter {member} is not valid. Reason: {member} is a required argument.");
    failed("InvalidArgument", &message)
}

fn failed(code: &str, message: &str) -> PutEventsResultEntry {
    PutEventsResultEntry {
        event_id: None,
        error_code: Some(code.to_owned()),
        error_message: Some(message.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_the_members_of_aws_in_its_order() {
        let bus = || BusPlace {
            account: "111122223333".to_owned(),
            region: "eu-west-2".to_owned(),
            name: "default".to_owned(),
        };
        let resources = ["arn:\",\"resources\":[".to_owned()];
        let made = Made {
            id: "i".to_owned(),
            source: "aws.kms",
            detail_type: "t,\"resources\":[",
            account: "111122223333",
            region: "eu-west-2",
            time: Timestamp {
                millis: 1_767_225_600_999,
            },
            resources: &resources,
            detail: r#"{"resources":[]}"#,
        };
        let event = Incoming::made(made, bus(), Audience::Everyone).ok();
        let event = event.expect("an event");
        let text = concat!(
            r#"{"version":"0","id":"i","detail-type":"t,\"resources\":[","source":"aws.kms","#,
            r#""account":"111122223333","time":"2026-01-01T00:00:00Z","region":"eu-west-2","#,
            r#""resources":["arn:\",\"resources\":["],"detail":{"resources":[]}}"#,
        );
        assert_eq!(event.text, text);
        // A replay's name stands behind the Region (recorded).
        let audience = Audience::Replay(Vec::new());
        let again = Incoming::replayed(text, "r", bus(), audience).ok();
        let again = again.expect("an event");
        let region = r#""region":"eu-west-2","#;
        let with_name = format!("{region}\"replay-name\":\"r\",");
        assert_eq!(again.text, text.replace(region, &with_name));
        let head = (&*again.id, &*again.source, &*again.detail_type);
        assert_eq!(head, ("i", "aws.kms", "t,\"resources\":["));
    }
}
