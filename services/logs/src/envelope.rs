//! What a subscription filter sends: AWS's JSON document, compressed and in base64, as a function
//! gets it ("Log group-level subscription filters", CloudWatch Logs user guide).

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use platform::{Error, Result};
use serde_json::{Value, json};
use wire::json::Writer;

use crate::batch::Event;
use crate::position::Position;

/// Where events come from, and whose filter sends them.
pub(crate) struct Origin<'a> {
    /// The account of the log group.
    pub(crate) owner: &'a str,
    pub(crate) group: &'a str,
    pub(crate) stream: &'a str,
    pub(crate) filter: &'a str,
}

/// The document that carries events, each with its position.
pub(crate) fn data(origin: &Origin<'_>, events: &[(Position, Event)]) -> Value {
    let events = events.iter().map(|(position, event)| {
        json!({ "id": position.digits(), "timestamp": event.millis, "message": event.message })
    });
    let events: Vec<_> = events.collect();
    json!({
        "messageType": "DATA_MESSAGE",
        "owner": origin.owner,
        "logGroup": origin.group,
        "logStream": origin.stream,
        "subscriptionFilters": [origin.filter],
        "logEvents": events,
    })
}

/// The document by which a new filter tries its destination.
pub(crate) fn control(now_millis: i64) -> Value {
    json!({
        "messageType": "CONTROL_MESSAGE",
        "owner": "CloudwatchLogs",
        "logGroup": "",
        "logStream": "",
        "subscriptionFilters": [],
        "logEvents": [{
            "id": "",
            "timestamp": now_millis,
            "message": "CWL CONTROL MESSAGE: Checking health of destination webhook.",
        }],
    })
}

/// The bodies that carry a document, in the order of its events: one, or more where that would have
/// more than `most` bytes.
pub(crate) fn bodies(document: Value, most: usize) -> Result<Vec<Vec<u8>>> {
    let (mut waiting, mut bodies) = (vec![document], Vec::new());
    while let Some(document) = waiting.pop() {
        let body = body(&document)?;
        match halves(&document) {
            Some((first, second)) if body.len() > most => waiting.extend([second, first]),
            _ => bodies.push(body),
        }
    }
    Ok(bodies)
}

/// Documents with the first and the second half of the events; none for a single event.
fn halves(document: &Value) -> Option<(Value, Value)> {
    let document = document.as_object()?;
    let events = document.get("logEvents")?.as_array()?;
    let (first, second) = events.split_at_checked(events.len() / 2)?;
    let with = |events: &[Value]| {
        let mut half = document.clone();
        half.insert("logEvents".to_owned(), Value::from(events));
        Value::Object(half)
    };
    (!first.is_empty()).then(|| (with(first), with(second)))
}

/// The body of a request: `{"awslogs":{"data":"<base64 of the compressed document>"}}`.
pub(crate) fn body(document: &Value) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    serde_json::to_writer(&mut encoder, document).map_err(Error::internal)?;
    encoder.flush().map_err(Error::internal)?;
    let compressed = encoder.finish().map_err(Error::internal)?;
    let mut body = Writer::with_capacity(compressed.len() * 4 / 3 + 64);
    body.begin_object();
    body.key("awslogs");
    body.begin_object();
    body.key("data");
    body.base64(&compressed);
    body.end_object();
    body.end_object();
    Ok(body.finish().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_for_one_body_is_split_in_order() {
        let events: Vec<_> = (0..5).map(|id| json!({ "id": id })).collect();
        let document = json!({ "owner": "o", "logEvents": events });
        let split = |document: &Value, most| bodies(document.clone(), most).unwrap_or_default();
        let alone = |document: &Value| body(document).unwrap_or_default();
        assert_eq!(split(&document, usize::MAX), [alone(&document)]);
        let expected = events.iter().map(|event| {
            let document = json!({ "owner": "o", "logEvents": [event] });
            alone(&document)
        });
        assert_eq!(split(&document, 0), expected.collect::<Vec<_>>());
        assert_eq!(split(&json!({ "logEvents": [] }), 0).len(), 1);
    }
}
