//! The fields of an event: those that every event has, and those that are found in JSON
//! ("Supported logs and discovered fields").

use std::borrow::Cow;

use crate::event::{Event, Pointer};
use crate::json;
use crate::value::Value;

/// So many fields are found in an event; what comes behind them is not.
pub const MOST_FIELDS: usize = 200;

/// A field that every event has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum System {
    Timestamp,
    IngestionTime,
    Message,
    LogStream,
    Log,
    Ptr,
}

impl System {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "@timestamp" => Self::Timestamp,
            "@ingestionTime" => Self::IngestionTime,
            "@message" => Self::Message,
            "@logStream" => Self::LogStream,
            "@log" => Self::Log,
            "@ptr" => Self::Ptr,
            _ => return None,
        })
    }

    pub(crate) fn of<'e>(self, event: &Event<'e>) -> Value<'e> {
        match self {
            Self::Timestamp => Value::Time(event.millis),
            Self::IngestionTime => Value::Time(event.ingested_millis),
            Self::Message => Value::borrowed(event.message),
            Self::LogStream => Value::borrowed(event.stream),
            Self::Log => Value::borrowed(event.log),
            Self::Ptr => {
                let log = event.log.clone();
                let place = event.place;
                Value::owned(Pointer { log, place }.text())
            }
        }
    }
}

/// Calls `take` with the number of each of the `wanted` fields that `message` has, and its value.
pub(crate) fn found<'e>(
    message: &'e str,
    wanted: &[(String, usize)],
    mut take: impl FnMut(usize, Cow<'e, str>),
) {
    let mut values: Vec<(usize, Cow<'e, str>)> = Vec::with_capacity(wanted.len());
    let mut count = 0;
    let read = json::leaves(message, |path, leaf| {
        count += 1;
        if let Some((_, slot)) = wanted.iter().find(|(name, _)| name == path)
            && let Some(value) = leaf.text()
        {
            values.push((*slot, value));
        }
        count < MOST_FIELDS
    });
    if read.is_some() {
        for (slot, value) in values {
            take(slot, value);
        }
    }
}

/// All fields of an event with their values, as GetLogRecord shows them.
pub fn fields(event: &Event<'_>) -> Vec<(String, String)> {
    let systems = [
        ("@timestamp", event.millis.to_string()),
        ("@ingestionTime", event.ingested_millis.to_string()),
        ("@message", event.message.to_owned()),
        ("@logStream", event.stream.to_owned()),
        ("@log", event.log.to_string()),
    ];
    let systems = systems.map(|(name, value)| (name.to_owned(), value));
    let mut fields = Vec::from(systems);
    let mut discovered = Vec::new();
    let read = json::leaves(event.message, |path, leaf| {
        if let Some(value) = leaf.text() {
            discovered.push((path.to_owned(), value.into_owned()));
        }
        discovered.len() < MOST_FIELDS
    });
    if read.is_some() {
        fields.extend(discovered);
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn discovered(message: &str) -> Vec<String> {
        let event = Event {
            millis: 1,
            ingested_millis: 2,
            message,
            stream: "s",
            log: &"a:g".into(),
            place: [0; 4],
        };
        let fields = fields(&event).into_iter().skip(5);
        fields
            .map(|(name, value)| format!("{name}={value}"))
            .collect()
    }

    #[test]
    fn objects_are_flat() {
        let message = r#" {"a": 1.50, "b": {"c": [true, {"d": "x\ny"}, null]}, "@t": "é"} "#;
        let expected = ["a=1.50", "b.c.0=1", "b.c.1.d=x\ny", "@@t=é"];
        assert_eq!(discovered(message), expected);
    }

    #[test]
    fn what_is_no_object_has_no_fields() {
        for message in [
            "",
            "text",
            "[1]",
            "{\"a\":1",
            "{\"a\":1} x",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\":--1}",
            "{\"a\":\"\\x\"",
            &format!("{{\"a\":{}1{}}}", "[".repeat(100), "]".repeat(100)),
        ] {
            assert_eq!(discovered(message), [""; 0], "{message}");
        }
    }

    #[test]
    fn two_hundred_fields_are_found() {
        let members: Vec<_> = (0..300)
            .map(|number| format!("\"f{number}\":{number}"))
            .collect();
        let message = format!("{{{}}}", members.join(","));
        assert_eq!(discovered(&message).len(), MOST_FIELDS);
        let wanted = [("f199".to_owned(), 0), ("f200".to_owned(), 1)];
        let mut slots = Vec::new();
        found(&message, &wanted, |slot, _| slots.push(slot));
        assert_eq!(slots, [0]);
    }
}
