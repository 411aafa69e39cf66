//! Queries of Logs Insights: a query on the first line, events on the others.
//!
//! The oracle: what a query is written out as is read as a query that is written out alike. Written
//! out, every operation has parentheses and every name its quotes, so that it may be longer and lie
//! deeper than a query may.
#![no_main]

use insights::{Event, Limits, Query};
use libfuzzer_sys::fuzz_target;

/// The longest query (StartQuery, `queryString`).
const MOST_CHARS: usize = 10_000;

fuzz_target!(|input: &[u8]| {
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    let (text, events) = text.split_once('\n').unwrap_or((text, "{}"));
    let Ok(query) = Query::parse(text) else {
        return;
    };
    let written = query.to_string();
    match Query::parse(&written) {
        Ok(again) => assert_eq!(again.to_string(), written),
        Err(_) if written.chars().count() > MOST_CHARS => {}
        Err(error) => assert!(error.message.contains(" 64 "), "{written}: {error}"),
    }
    let limits = Limits {
        rows: 100,
        bytes: 1 << 20,
    };
    let mut run = query.start(limits, 1_700_000_000);
    let log = "111122223333:group".into();
    for (place, message) in (0..).zip(events.lines()) {
        let event = Event {
            millis: 1_700_000_000_000,
            ingested_millis: 1_700_000_000_000,
            message,
            stream: "s",
            log: &log,
            place: [place, 0, 0, 0],
        };
        if run.add(&event).is_err() {
            return;
        }
    }
    let _ = run.finish();
});
