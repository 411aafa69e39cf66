//! How fast queries read events: a million of them, on one processor.
//!
//! `cargo run --release -p insights --example rate`

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement reads the clock and prints what it found"
)]

use std::time::Instant;

use insights::{Event, Limits, Query};

const QUERIES: [&str; 4] = [
    "filter @message like /\"status\":500/ | stats count(*)",
    "filter status >= 400 | stats count(*), avg(ms), pct(ms, 95) by path, bin(5m)",
    "parse @message '\"user\":\"*\"' as user | stats count(*) by user",
    "fields @timestamp, path, ms | sort ms desc | limit 100",
];

fn main() {
    let messages: Vec<_> = (0..1_000_000u32).map(message).collect();
    let bytes: usize = messages.iter().map(String::len).sum();
    let log = "111122223333:group".into();
    let limits = Limits {
        rows: 10_000,
        bytes: 1 << 30,
    };
    for text in QUERIES {
        let Ok(query) = Query::parse(text) else {
            println!("not understood: {text}");
            continue;
        };
        let started = Instant::now();
        let mut run = query.start(limits, 0);
        for (place, message) in (0u32..).zip(&messages) {
            let event = Event {
                millis: 1_700_000_000_000 + i64::from(place) * 10,
                ingested_millis: 0,
                message,
                stream: "s",
                log: &log,
                place: [u64::from(place), 0, 0, 0],
            };
            if run.add(&event).is_err() {
                break;
            }
        }
        let rows = run.finish().map_or(0, |answer| answer.rows.len());
        let seconds = started.elapsed().as_secs_f64();
        let rate = bytes as f64 / 1e6 / seconds;
        println!("{rate:6.0} MB/s  {seconds:.2} s  {rows:5} rows  {text}");
    }
}

fn message(nth: u32) -> String {
    let status = if nth.is_multiple_of(10) { 500 } else { 200 };
    let (path, user, ms) = (nth % 20, nth % 1000, f64::from(nth % 997) / 4.0);
    format!(
        r#"{{"time":"2026-01-01T00:00:00Z","level":"INFO","status":{status},"path":"/items/{path}","ms":{ms},"user":"user-{user}","agent":"client/1.0 (linux)"}}"#
    )
}
