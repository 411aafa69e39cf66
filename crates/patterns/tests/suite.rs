//! `cases.txt`: patterns (`=`), each with events that match it (`+`) and that do not (`-`), or with
//! the reason why it is none (`!`, `\n` for a new line). From AWS's documentation, and around the
//! edges of every operator.

use patterns::{Event, Pattern, RuleSet};

const CASES: &str = include_str!("cases.txt");

#[test]
fn every_case_is_decided_as_it_says() {
    let (mut pattern, mut decided, mut wrong) = ("", 0, Vec::new());
    for (number, line) in (1..).zip(CASES.lines()) {
        let (mark, rest) = line.split_at(1);
        let rest = rest.trim_start();
        let expected = match mark {
            "#" => continue,
            "=" => {
                pattern = rest;
                continue;
            }
            "+" => Ok(true),
            "-" => Ok(false),
            "!" => Err(rest.replace("\\n", "\n")),
            other => panic!("line {number} begins with {other}"),
        };
        decided += 1;
        let found = decide(pattern, rest, expected.is_err());
        if found != expected {
            wrong.push(format!("line {number}: {pattern}\n  {rest}\n  {found:?}"));
        }
    }
    assert!(decided >= 300, "{decided} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn decide(pattern: &str, event: &str, only_pattern: bool) -> Result<bool, String> {
    let pattern = Pattern::parse(pattern).map_err(|error| error.to_string())?;
    if only_pattern {
        return Ok(true);
    }
    let event = Event::parse(event).map_err(|error| error.to_string())?;
    Ok(pattern.matches(&event))
}

/// A set of all patterns finds exactly those that match by themselves.
#[test]
fn a_set_decides_as_its_patterns_do() {
    let lines = |mark: &'static str| {
        CASES
            .lines()
            .filter_map(move |line| line.strip_prefix(mark))
    };
    let patterns: Vec<Pattern> = lines("= ")
        .filter_map(|text| Pattern::parse(text).ok())
        .collect();
    let set = RuleSet::new(patterns.iter().enumerate());
    let mut matches = 0;
    for text in lines("+ ").chain(lines("- ")) {
        let event = Event::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let alone = patterns.iter().enumerate();
        let alone = alone.filter(|(_, pattern)| pattern.matches(&event));
        let alone: Vec<usize> = alone.map(|(index, _)| index).collect();
        let found: Vec<usize> = set.matching(&event).into_iter().copied().collect();
        assert_eq!(found, alone, "{text}");
        matches += found.len();
    }
    assert!(matches > 300, "{matches}");
}
