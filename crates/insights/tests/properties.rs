//! Whatever is given to the parser, it answers; and what it understands, it writes out alike.

use insights::{Event, Limits, Query};
use proptest::prelude::*;

/// Words that queries are made of, and some that they are not.
const WORDS: [&str; 58] = [
    "fields",
    "display",
    "filter",
    "parse",
    "stats",
    "sort",
    "limit",
    "dedup",
    "by",
    "as",
    "and",
    "or",
    "not",
    "in",
    "like",
    "asc",
    "desc",
    "@message",
    "@timestamp",
    "a",
    "b.c",
    "`x-y`",
    "count",
    "sum",
    "pct",
    "bin",
    "abs",
    "concat",
    "replace",
    "jsonParse",
    "if",
    "1",
    "2.5",
    "5m",
    "\"t\"",
    "'*'",
    "\"a*\"",
    "/a(?<g>b)/",
    "/[/",
    "|",
    ",",
    "(",
    ")",
    "[",
    "]",
    "=",
    "!=",
    "<",
    "=~",
    "+",
    "-",
    "*",
    "/",
    "^",
    "%",
    ".",
    "#",
    "\\",
];

fn queries() -> impl Strategy<Value = String> {
    let words = prop::collection::vec(prop::sample::select(&WORDS[..]), 0..24);
    words.prop_map(|words| words.join(" "))
}

/// Queries that are understood: an expression of some depth in some command.
fn understood() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[a-z]{1,4}(\\.[a-z]{1,3})?".prop_filter("a keyword", |name| {
            !["and", "or", "not", "in", "like", "as", "by", "asc"].contains(&name.as_str())
        }),
        "`[a-z`\\\\-]{1,5}`".prop_map(|name| {
            let inner = name.trim_matches('`').replace(['`', '\\'], "-");
            format!("`{inner}x`")
        }),
        (0u32..1000).prop_map(|number| number.to_string()),
        "\"[a-z /.]{0,5}\"",
        Just("\"q\\\"\\\\\"".to_owned()),
    ];
    let expression = leaf.prop_recursive(5, 40, 3, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            (
                two.clone(),
                prop::sample::select(&["+", "-", "*", "/", "^", "%"][..])
            )
                .prop_map(|((one, two), sign)| format!("{one} {sign} {two}")),
            (
                two.clone(),
                prop::sample::select(&["=", "!=", "<", ">=", "and", "or"][..])
            )
                .prop_map(|((one, two), sign)| format!("({one} {sign} {two})")),
            inner.clone().prop_map(|one| format!("(not ({one}))")),
            inner.clone().prop_map(|one| format!("-{one}")),
            inner
                .clone()
                .prop_map(|one| format!("({one} like /a\\/(?i)[b\\]]/)")),
            inner
                .clone()
                .prop_map(|one| format!("({one} not in [1, \"x\"])")),
            two.prop_map(|(one, two)| format!("concat({one}, {two})")),
            inner.prop_map(|one| format!("jsonParse({one})[0].key")),
        ]
    });
    expression.prop_map(|one| {
        format!("filter {one} | fields {one} as given | stats count(*), max({one}) by {one} as g")
    })
}

fn run(query: &Query, messages: &[String]) -> Vec<insights::Row> {
    let limits = Limits {
        rows: 100,
        bytes: 1 << 20,
    };
    let mut run = query.start(limits, 1);
    let log = "a:g".into();
    for (place, message) in (0..).zip(messages) {
        let event = Event {
            millis: 1,
            ingested_millis: 2,
            message,
            stream: "s",
            log: &log,
            place: [place, 0, 0, 0],
        };
        if run.add(&event).is_err() {
            return Vec::new();
        }
    }
    run.finish().map(|answer| answer.rows).unwrap_or_default()
}

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>(), messages in any::<[String; 2]>()) {
        if let Ok(query) = Query::parse(&text) {
            run(&query, &messages);
        }
    }

    #[test]
    fn any_words_are_answered(text in queries(), message in any::<String>()) {
        match Query::parse(&text) {
            Ok(query) => {
                let json = format!("{{\"a\":1,\"b\":{{\"c\":\"x\"}},\"{}\":2}}", message.len());
                run(&query, &[message, json]);
            }
            Err(error) => prop_assert!(text.get(error.span).is_some()),
        }
    }

    #[test]
    fn what_is_written_out_is_the_same_query(text in understood()) {
        let query = Query::parse(&text);
        prop_assert!(query.is_ok(), "{text}: {:?}", query.err());
        let Ok(query) = query else { return Ok(()) };
        let written = query.to_string();
        let again = Query::parse(&written);
        prop_assert!(again.is_ok(), "{written}: {:?}", again.err());
        let Ok(again) = again else { return Ok(()) };
        prop_assert_eq!(again.to_string(), written);
        let messages = [r#"{"a":1,"b":"x"}"#.to_owned(), "plain".to_owned()];
        let values = |query: &Query| {
            let rows = run(query, &messages).into_iter();
            let values = rows.map(|row| row.fields.into_iter().map(|(_, value)| value).collect());
            values.collect::<Vec<Vec<_>>>()
        };
        prop_assert_eq!(values(&query), values(&again));
    }
}

#[test]
fn nesting_has_an_end() {
    for (open, close) in [
        ("(", ")"),
        ("not ", ""),
        ("-", ""),
        ("abs(", ")"),
        ("2^", ""),
        ("1+", ""),
    ] {
        let text = format!("filter {}1{}", open.repeat(1500), close.repeat(1500));
        assert!(Query::parse(&text).is_err(), "{open}");
    }
    let long = format!("filter {}", vec!["a=1"; 1200].join(" or "));
    assert!(Query::parse(&long).is_ok());
    assert!(Query::parse(&format!("filter {}", "a".repeat(10_001))).is_err());
}

#[test]
fn growing_texts_and_groups_are_bounded() {
    let mut text = "fields \"0123456789\" as a0".to_owned();
    for step in 1..200 {
        let before = step - 1;
        text.push_str(&format!(
            " | fields concat(a{before}, a{before}) as a{step}"
        ));
    }
    if let Ok(query) = Query::parse(&text) {
        run(&query, &["x".to_owned()]);
    }
    let query = Query::parse("stats count(*) by @message").expect("a query");
    let mut run = query.start(
        Limits {
            rows: 1,
            bytes: 1 << 16,
        },
        1,
    );
    let log = "a:g".into();
    let exceeded = (0..10_000u64).any(|place| {
        let message = place.to_string();
        let event = Event {
            millis: 1,
            ingested_millis: 1,
            message: &message,
            stream: "s",
            log: &log,
            place: [place, 0, 0, 0],
        };
        run.add(&event).is_err()
    });
    assert!(exceeded);
}
