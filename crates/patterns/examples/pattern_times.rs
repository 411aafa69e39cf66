//! What it costs to find the patterns among a thousand that match one event.
//!
//! `cargo xtask bench patterns`

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a measurement for people, not part of the program"
)]

use std::time::Instant;

use patterns::{Event, Pattern, RuleSet};

const ROUNDS: u32 = 2000;
const EVENT: &str = r#"{"version":"0","id":"6a7e8feb-b491-4cf7-a9f1-bf3703467718","detail-type":"AWS API Call via CloudTrail","source":"aws.kms","account":"111122223333","time":"2026-01-22T18:43:48Z","region":"us-east-1","resources":["arn:aws:kms:us-east-1:111122223333:key/1234abcd"],"detail":{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/alice","userName":"alice"},"eventSource":"kms.amazonaws.com","eventName":"Decrypt500","sourceIPAddress":"10.0.0.33","requestParameters":{"keyId":"1234abcd","count":7},"tags":["a","b","c"]}}"#;

type Make = fn(usize) -> String;

/// Patterns by what they ask, each with the number of a rule.
const FAMILIES: &[(&str, Make)] = &[
    ("source and event name", |rule| {
        format!(r#"{{"source":["aws.kms"],"detail":{{"eventName":["Decrypt{rule}"]}}}}"#)
    }),
    ("prefix", |rule| {
        name(&format!(r#"{{"prefix":"Decrypt{rule}"}}"#))
    }),
    ("prefix in either case", |rule| {
        name(&format!(
            r#"{{"prefix":{{"equals-ignore-case":"dECRYPT{rule}"}}}}"#
        ))
    }),
    ("suffix", |rule| {
        name(&format!(r#"{{"suffix":"crypt{rule}"}}"#))
    }),
    ("text in either case", |rule| {
        name(&format!(r#"{{"equals-ignore-case":"dECRYPT{rule}"}}"#))
    }),
    ("wildcard", |rule| {
        name(&format!(r#"{{"wildcard":"*crypt*{rule}"}}"#))
    }),
    ("wildcard, digits between stars", |rule| {
        name(&format!(r#"{{"wildcard":"*crypt*{rule}*"}}"#))
    }),
    ("wildcard, all alike", |rule| match rule {
        0 => name(r#"{"wildcard":"*ecryp*5*"}"#),
        _ => name(r#"{"wildcard":"*ecryp*x*"}"#),
    }),
    ("anything but a text", |rule| {
        name(&format!(r#"{{"anything-but":["Decrypt500","x{rule}"]}}"#))
    }),
    ("anything but a prefix", |rule| {
        name(&format!(
            r#"{{"anything-but":{{"prefix":["De","x{rule}"]}}}}"#
        ))
    }),
    ("anything but a wildcard", |rule| {
        name(&format!(
            r#"{{"anything-but":{{"wildcard":["De*0","*x{rule}*"]}}}}"#
        ))
    }),
    ("anything but, and all match", |rule| {
        name(&format!(r#"{{"anything-but":["x{rule}"]}}"#))
    }),
    ("numeric range", |rule| {
        let range = format!(r#"{{"numeric":[">",{rule},"<=",{}]}}"#, rule + 10);
        format!(r#"{{"detail":{{"requestParameters":{{"count":[{range}]}}}}}}"#)
    }),
    ("cidr", |rule| {
        let block = format!("10.{}.0.0/16", rule % 256);
        format!(r#"{{"detail":{{"sourceIPAddress":[{{"cidr":"{block}"}}]}}}}"#)
    }),
    ("field that is not there", |rule| {
        format!(r#"{{"detail":{{"x{rule}":[{{"exists":false}}],"eventName":["x"]}}}}"#)
    }),
];

fn main() {
    println!("| 1,000 patterns with | read event us | match us | matching |\n|---|---:|---:|---:|");
    for (name, make) in FAMILIES {
        let patterns: Vec<Pattern> = (0..1000)
            .map(|rule| Pattern::parse(&make(rule)).expect("a pattern"))
            .collect();
        let set = RuleSet::new(patterns.iter().enumerate());
        let start = Instant::now();
        for _ in 0..ROUNDS {
            std::hint::black_box(Event::parse(std::hint::black_box(EVENT)).is_ok());
        }
        let reading = start.elapsed() / ROUNDS;
        let event = Event::parse(EVENT).expect("an event");
        let (start, mut found) = (Instant::now(), 0);
        for _ in 0..ROUNDS {
            found = std::hint::black_box(set.matching(std::hint::black_box(&event))).len();
        }
        let matching = start.elapsed() / ROUNDS;
        println!(
            "| {name} | {:.1} | {:.1} | {found} |",
            reading.as_secs_f64() * 1e6,
            matching.as_secs_f64() * 1e6,
        );
    }
}

/// A pattern that asks for the name of the event.
fn name(matcher: &str) -> String {
    format!(r#"{{"detail":{{"eventName":[{matcher}]}}}}"#)
}
