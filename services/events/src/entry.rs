//! One entry of PutEvents, as the event that it becomes.

use api::events::{PutEventsRequestEntry, PutEventsResultEntry};
use patterns::{Event, Json, Kind};
use platform::{Error, Result};
use wire::Timestamp;
use wire::json::Writer;

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
    pub(crate) fields: Event,
}

/// Who puts an event, where and when.
pub(crate) struct Putting<'a> {
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) now: Timestamp,
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
            fields,
        }))
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
