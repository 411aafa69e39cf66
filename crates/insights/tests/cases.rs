//! Queries with the rows that they find: every case of `cases/*.txt`.
//!
//! `%events` begins the events of the queries that follow, one a line: milliseconds, stream,
//! message. `%query` begins a query; `%rows` what it finds, one row a line, columns apart by ` | `;
//! or `%error` what it is told.

#![expect(
    clippy::expect_used,
    reason = "this is all test code: a surprise fails the test"
)]

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use insights::{Event, Limits, Query};

struct Case {
    line: usize,
    query: String,
    expected: String,
    events: Arc<Vec<(i64, String, String)>>,
}

#[test]
fn queries_find_what_they_should() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let (mut count, mut wrong) = (0, String::new());
    for file in std::fs::read_dir(folder).expect("a folder of cases") {
        let path = file.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("a text");
        for case in cases(&text) {
            count += 1;
            // Where events come in another order, the same is found.
            for order in [false, true] {
                let found = found(&case, order);
                if found.trim_end() != case.expected.trim_end() {
                    let Case { line, query, .. } = &case;
                    let name = path.file_name().unwrap_or_default().display();
                    let _ = writeln!(wrong, "{name}:{line}\n{query}%found\n{found}");
                    break;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count >= 150, "{count} cases");
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut events = Arc::new(Vec::new());
    let mut part = "";
    for (number, line) in text.lines().enumerate() {
        match line {
            "%events" => events = Arc::new(Vec::new()),
            "%query" => cases.push(Case {
                line: number + 1,
                query: String::new(),
                expected: String::new(),
                events: Arc::clone(&events),
            }),
            "%rows" | "%error" => {}
            _ => {
                let case = cases.last_mut();
                match (part, case) {
                    ("%events", _) if !line.is_empty() => {
                        let mut parts = line.splitn(3, ' ');
                        let mut next = || parts.next().expect("three parts").to_owned();
                        let event = (next().parse().expect("milliseconds"), next(), next());
                        Arc::get_mut(&mut events).expect("no query yet").push(event);
                    }
                    ("%query", Some(case)) => {
                        case.query.push_str(line);
                        case.query.push('\n');
                    }
                    ("%rows" | "%error", Some(case)) if !line.is_empty() => {
                        case.expected.push_str(line);
                        case.expected.push('\n');
                    }
                    _ => {}
                }
                continue;
            }
        }
        part = line;
    }
    cases
}

fn found(case: &Case, is_reversed: bool) -> String {
    let query = match Query::parse(&case.query) {
        Ok(query) => query,
        Err(error) => return error.to_string(),
    };
    let limits = Limits {
        rows: 10_000,
        bytes: 1 << 24,
    };
    let mut run = query.start(limits, 1_700_000_000);
    let log = "111122223333:group".into();
    let events = case.events.iter().enumerate();
    let mut events: Vec<_> = events
        .map(|(nth, (millis, stream, message))| Event {
            millis: *millis,
            ingested_millis: millis + 5,
            message,
            stream,
            log: &log,
            place: [nth as u64, 0, 0, 0],
        })
        .collect();
    if is_reversed {
        events.reverse();
    }
    for event in &events {
        run.add(event).expect("memory");
    }
    let mut out = String::new();
    for row in run.finish().expect("memory").rows {
        let fields = row
            .fields
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let fields: Vec<_> = fields.collect();
        let line = match fields.is_empty() {
            true => "(nothing)".to_owned(),
            false => fields.join(" | "),
        };
        let _ = writeln!(out, "{line}");
    }
    if out.is_empty() {
        out.push_str("(none)\n");
    }
    out
}
