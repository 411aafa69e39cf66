//! What holds of all patterns and events.

#![expect(
    clippy::expect_used,
    reason = "this is all test code: a surprise fails the test"
)]

use patterns::{Event, Pattern, RuleSet};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A scalar of few kinds, so that patterns and events meet.
fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => "[ab]{0,5}".prop_map(Value::from),
        1 => "[abAB\u{e4}\u{c4}]{0,3}".prop_map(Value::from),
        1 => (-2..3_i64).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}

/// Objects, lists and scalars with few names.
fn tree() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[xyz]", inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn event() -> impl Strategy<Value = Value> {
    let any = prop::collection::btree_map("[xyz]", tree(), 1..4)
        .prop_map(|members| Value::Object(members.into_iter().collect()));
    prop_oneof![any, people()]
}

/// Lists of objects that have two fields, some of them in further lists: what one element has must
/// not go with what another has.
fn people() -> impl Strategy<Value = Value> {
    let field = || {
        prop_oneof![
            3 => scalar(),
            1 => prop::collection::vec(scalar(), 0..3).prop_map(Value::from),
        ]
    };
    let pair = (field(), field()).prop_map(|(y, z)| json!({"y": y, "z": z}));
    let half = field().prop_map(|y| json!({"y": y}));
    let element = prop_oneof![4 => pair.clone(), 1 => half, 1 => scalar()];
    let list = || prop::collection::vec(element.clone(), 1..4).prop_map(Value::from);
    let nested = prop::collection::vec(list(), 1..3).prop_map(Value::from);
    let lists = prop_oneof![3 => list(), 1 => nested];
    (lists, list()).prop_map(|(x, y)| json!({"x": x, "y": y}))
}

fn matcher() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => scalar(),
        1 => "[ab]{1,2}".prop_map(|text| json!({"prefix": text})),
        1 => "[ab]{1,2}".prop_map(|text| json!({"suffix": text})),
        1 => "[ab]{0,2}".prop_map(|text| json!({"anything-but": text})),
        1 => any::<bool>().prop_map(|exists| json!({"exists": exists})),
        1 => (-2..2_i64).prop_map(|number| json!({"numeric": [">", number]})),
        1 => "[*]?[ab]{1,2}([*][ab]{1,2}){0,2}[*]?".prop_map(|text| json!({"wildcard": text})),
        1 => "[abAB]{1,2}".prop_map(|text| json!({"equals-ignore-case": text})),
        1 => "[ab]{1,2}".prop_map(|text| json!({"anything-but": {"prefix": text}})),
        1 => in_either_case(),
        2 => anything_but(),
    ]
}

fn in_either_case() -> impl Strategy<Value = Value> {
    let operator = prop::sample::select(vec!["prefix", "suffix"]);
    (operator, "[abAB\u{e4}\u{c4}]{1,2}")
        .prop_map(|(operator, text)| json!({operator: {"equals-ignore-case": text}}))
}

fn anything_but() -> impl Strategy<Value = Value> {
    let texts = || prop::collection::vec("[abAB]{1,2}", 1..3);
    let numbers = prop::collection::vec(-2..2_i64, 1..3);
    let operators = vec!["prefix", "suffix", "equals-ignore-case", "wildcard"];
    prop_oneof![
        texts().prop_map(|texts| json!({"anything-but": texts})),
        numbers.prop_map(|numbers| json!({"anything-but": numbers})),
        (prop::sample::select(operators), texts())
            .prop_map(|(operator, texts)| json!({"anything-but": {operator: texts}})),
    ]
}

fn field() -> impl Strategy<Value = Value> {
    prop::collection::vec(matcher(), 1..3).prop_map(Value::from)
}

fn pattern() -> impl Strategy<Value = Value> {
    let level = |inner: BoxedStrategy<Value>| {
        prop::collection::btree_map("[xyz]", inner, 1..3)
            .prop_map(|members| Value::Object(members.into_iter().collect()))
            .boxed()
    };
    let lower = level(field().boxed());
    let both = (field(), field(), field()).prop_map(|(y, z, other)| match &other {
        Value::Array(items) if items.len() == 1 => {
            json!({"x": {"y": y, "z": z}, "y": {"z": other}})
        }
        _ => json!({"x": {"y": y, "z": z}}),
    });
    prop_oneof![level(prop_oneof![field(), lower].boxed()), both.boxed()]
}

/// Whether the pattern matches, by trying every choice of one element of every list.
fn slowly(pattern: &Value, event: &Value) -> bool {
    let mut fields = Vec::new();
    flatten(pattern, String::new(), &mut fields);
    let everything = values(event, "");
    choices(event).iter().any(|event| {
        let here = values(event, "");
        fields.iter().all(|(path, matchers)| {
            let matchers = matchers.as_array().expect("a list");
            let absent = !everything.iter().any(|(known, _)| known == path);
            if absent {
                return matchers.contains(&json!({"exists": false}));
            }
            let mut here = here.iter().filter(|(known, _)| known == path);
            here.any(|(_, value)| matchers.iter().any(|matcher| fits(matcher, value)))
        })
    })
}

fn flatten(pattern: &Value, path: String, fields: &mut Vec<(String, Value)>) {
    match pattern {
        Value::Object(members) => {
            for (name, value) in members {
                let dot = if path.is_empty() { "" } else { "." };
                flatten(value, format!("{path}{dot}{name}"), fields);
            }
        }
        other => fields.push((path, other.clone())),
    }
}

/// The event with one element in every list.
fn choices(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) if items.is_empty() => vec![json!([])],
        Value::Array(items) => items.iter().flat_map(choices).collect(),
        Value::Object(members) => {
            let mut all = vec![serde_json::Map::new()];
            for (name, value) in members {
                let of_member = choices(value);
                let longer = all.iter().flat_map(|known| {
                    of_member.iter().map(move |value| {
                        let mut known = known.clone();
                        known.insert(name.clone(), value.clone());
                        known
                    })
                });
                all = longer.collect();
            }
            all.into_iter().map(Value::Object).collect()
        }
        scalar => vec![scalar.clone()],
    }
}

fn values(value: &Value, path: &str) -> Vec<(String, Value)> {
    match value {
        Value::Object(members) => {
            let dot = if path.is_empty() { "" } else { "." };
            let members = members.iter();
            members
                .flat_map(|(name, value)| values(value, &format!("{path}{dot}{name}")))
                .collect()
        }
        Value::Array(items) => items.iter().flat_map(|item| values(item, path)).collect(),
        scalar => vec![(path.to_owned(), scalar.clone())],
    }
}

fn fits(matcher: &Value, value: &Value) -> bool {
    let Value::Object(members) = matcher else {
        return matcher == value;
    };
    let (operator, operand) = members.iter().next().expect("an operator");
    let text = value.as_str();
    let wanted = operand.as_str().unwrap_or_default();
    let small = |text: &str| text.to_lowercase();
    match operator.as_str() {
        "prefix" => text.is_some_and(|text| match operand["equals-ignore-case"].as_str() {
            Some(wanted) => small(text).starts_with(&small(wanted)),
            None => text.starts_with(wanted),
        }),
        "suffix" => text.is_some_and(|text| match operand["equals-ignore-case"].as_str() {
            Some(wanted) => small(text).ends_with(&small(wanted)),
            None => text.ends_with(wanted),
        }),
        "anything-but" => !fits_one(operand, value),
        "equals-ignore-case" => text.is_some_and(|text| small(text) == small(wanted)),
        "exists" => operand == &json!(true),
        "numeric" => value.as_i64() > operand[1].as_i64() && value.is_number(),
        _ => text.is_some_and(|text| stars(wanted.as_bytes(), text.as_bytes())),
    }
}

/// Whether a value fits one of the things that "anything but" names: values, or an operator with
/// operands.
fn fits_one(operand: &Value, value: &Value) -> bool {
    match operand {
        Value::Array(all) => all.iter().any(|one| fits_one(one, value)),
        Value::Object(members) => members.iter().any(|(operator, operand)| match operand {
            Value::Array(all) => all.iter().any(|one| fits(&json!({operator: one}), value)),
            one => fits(&json!({operator: one}), value),
        }),
        one => one == value,
    }
}

/// Tries every place of every star.
fn stars(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => {
            let mut ends = (0..=text.len()).filter_map(|taken| text.get(taken..));
            ends.any(|end| stars(rest, end))
        }
        Some((first, rest)) => text
            .split_first()
            .is_some_and(|(found, end)| found == first && stars(rest, end)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn patterns_match_as_every_choice_of_elements_says(pattern in pattern(), event in event()) {
        let compiled = Pattern::parse(&pattern.to_string()).expect("a pattern");
        let read = Event::parse(&event.to_string()).expect("an event");
        prop_assert_eq!(compiled.matches(&read), slowly(&pattern, &event));
    }

    #[test]
    fn a_set_decides_as_its_patterns_do(
        patterns in prop::collection::vec(pattern(), 1..12),
        event in event(),
    ) {
        let parse = |pattern: &Value| Pattern::parse(&pattern.to_string()).expect("a pattern");
        let patterns: Vec<Pattern> = patterns.iter().map(parse).collect();
        let event = Event::parse(&event.to_string()).expect("an event");
        let set = RuleSet::new(patterns.iter().enumerate());
        let found: Vec<usize> = set.matching(&event).into_iter().copied().collect();
        let alone = (0..patterns.len()).filter(|index| patterns[*index].matches(&event));
        prop_assert_eq!(found, alone.collect::<Vec<_>>());
    }

    /// serde_json is another reader of the same language.
    #[test]
    fn what_is_json_is_read(text in "[\\[\\]{}\":,a0-9.eE+ \\\\u-]{0,20}", tree in tree()) {
        let ours = patterns::Json::parse(&text).is_ok();
        let theirs = serde_json::from_str::<Value>(&text);
        let differs_by_rule = text.contains("\\u") || text.contains(['e', 'E']);
        prop_assert!(ours == theirs.is_ok() || differs_by_rule, "{}", text);
        prop_assert!(patterns::Json::parse(&tree.to_string()).is_ok());
    }
}

/// Nothing takes time out of proportion, or the stack: these end.
#[test]
fn hostile_patterns_and_events_are_bounded() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(Event::parse(&format!("{{\"a\":{deep}}}")).is_err());
    assert!(Pattern::parse(&format!("{{\"a\":{deep}}}")).is_err());
    let deep = format!("{}[1]{}", "{\"a\":".repeat(900), "}".repeat(900));
    assert!(Event::parse(&deep).is_ok());
    assert!(Pattern::parse(&deep).is_err());
    let stars = "*a".repeat(1000);
    let pattern = Pattern::parse(&format!("{{\"a\":[{{\"wildcard\":\"{stars}\"}}]}}"));
    let event = Event::parse(&format!("{{\"a\":\"{}b\"}}", "a".repeat(1_000_000)));
    assert!(
        !pattern
            .expect("a pattern")
            .matches(&event.expect("an event"))
    );
    // A thousand patterns, and a text that has what each must have a million times.
    let patterns: Vec<Pattern> = (0..1000)
        .map(|_| Pattern::parse(r#"{"a":[{"wildcard":"*aaaa*b"}]}"#).expect("a pattern"))
        .collect();
    let event = Event::parse(&format!("{{\"a\":\"{}\"}}", "a".repeat(1_000_000)));
    let set = RuleSet::new(patterns.iter().enumerate());
    assert!(set.matching(&event.expect("an event")).is_empty());
    let people = r#"{"x":1},{"y":2},"#.repeat(30_000);
    let event = Event::parse(&format!("{{\"p\":[{people}{{}}]}}")).expect("an event");
    let pattern = Pattern::parse(r#"{"p":{"x":[1],"y":[2]}}"#).expect("a pattern");
    assert!(!pattern.matches(&event));
    for (count, is_allowed) in [(9, true), (10, false), (60, false)] {
        let fields = (0..count)
            .map(|field| format!("\"o{field}\":{{\"$or\":[{{\"a\":[1]}},{{\"b\":[1]}}]}}"));
        let pattern = format!("{{{}}}", fields.collect::<Vec<_>>().join(","));
        assert_eq!(
            Pattern::parse(&pattern).is_ok(),
            is_allowed,
            "2^{count} combinations"
        );
    }
}
