//! Which patterns AWS refuses for the complexity of their wildcards, as recordings of AWS show it.

use patterns::Pattern;
use serde_json::{Value, json};

/// Whether AWS takes it.
fn takes(pattern: &Value) -> bool {
    let parsed = Pattern::parse(&pattern.to_string());
    assert!(parsed.is_ok(), "{pattern}: {parsed:?}");
    parsed.is_ok_and(|pattern| !pattern.is_too_complex())
}

fn of_value(conditions: impl IntoIterator<Item = Value>) -> Value {
    let conditions: Vec<Value> = conditions.into_iter().collect();
    json!({ "detail": { "value": conditions } })
}

fn any_of<T: AsRef<str>>(wildcards: &[T]) -> Value {
    let conditions = wildcards
        .iter()
        .map(|text| json!({ "wildcard": text.as_ref() }));
    of_value(conditions)
}

fn none_of<T: AsRef<str>>(wildcards: &[T]) -> Value {
    let texts: Vec<&str> = wildcards.iter().map(AsRef::as_ref).collect();
    of_value(vec![json!({ "anything-but": { "wildcard": texts } })])
}

fn numbered(count: usize, text: impl Fn(usize) -> String) -> Vec<String> {
    (0..count).map(text).collect()
}

/// The most of something that is taken, of the counts that were tried.
fn most(tried: &[usize], pattern: impl Fn(usize) -> Value) -> usize {
    let taken: Vec<bool> = tried.iter().map(|count| takes(&pattern(*count))).collect();
    assert!(
        taken.is_sorted_by(|before, after| before >= after),
        "{taken:?}"
    );
    let last = tried.iter().zip(taken).rfind(|(_, taken)| *taken);
    last.map_or(0, |(count, _)| *count)
}

#[test]
fn one_wildcard_has_ten_beginnings_at_most() {
    let counts = [1, 4, 5, 6, 7, 10, 15, 20, 100];
    assert_eq!(most(&counts, |count| any_of(&["*a".repeat(count)])), 5);
    assert_eq!(
        most(&counts, |count| any_of(&["*a".repeat(count) + "*"])),
        4
    );
    let excluded = |count| {
        of_value(vec![
            json!({ "anything-but": { "wildcard": "*a".repeat(count) } }),
        ])
    };
    assert_eq!(most(&[5, 15, 30, 50], excluded), 5);
    let repeated = |count| any_of(&[format!("*{}*", "abc".repeat(count))]);
    assert_eq!(most(&[6, 7, 8, 9, 10, 50, 100], repeated), 8);
    let long_letters = |count| any_of(&[format!("*{}*", "🙂".repeat(count))]);
    assert_eq!(most(&[5, 10, 20], long_letters), 5);
}

#[test]
fn wildcards_for_one_value_count_together() {
    let counts = [1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 20, 80];
    let shared = |count| numbered(count, |number| format!("*a{number}*"));
    assert_eq!(most(&counts, |count| any_of(&shared(count))), 3);
    assert_eq!(
        most(&[2, 3, 4, 5, 10, 20], |count| none_of(&shared(count))),
        4
    );
    let apart = |count| numbered(count, |number| format!("{number}*x"));
    assert_eq!(most(&counts, |count| any_of(&apart(count))), 10);
    assert_eq!(
        most(&[8, 9, 10, 11, 12], |count| none_of(&apart(count))),
        12
    );
    let without_stars = |count| numbered(count, |number| number.to_string());
    assert_eq!(most(&counts, |count| any_of(&without_stars(count))), 10);
    let in_or = |count| {
        let ways = apart(count).into_iter();
        let ways = ways.map(|text| json!({ "value": [{ "wildcard": text }] }));
        json!({ "detail": { "$or": ways.collect::<Vec<_>>() } })
    };
    assert_eq!(most(&[8, 9, 10, 11, 12], in_or), 10);
    let of_many_fields = |count| {
        let fields = (0..count).map(|number| (number.to_string(), json!([{ "wildcard": "*a*" }])));
        json!({ "detail": Value::Object(fields.collect()) })
    };
    assert_eq!(most(&[8, 9, 10, 11, 12], of_many_fields), 12);
}

#[test]
fn the_same_wildcard_counts_again_where_its_letters_cannot_be_shared() {
    let counts = [2, 3, 4, 5, 10, 11, 20];
    assert_eq!(most(&counts, |count| any_of(&vec!["*a*"; count])), 4);
    assert_eq!(most(&counts, |count| any_of(&vec!["literal"; count])), 20);
    assert_eq!(most(&counts, |count| none_of(&vec!["*a*"; count])), 20);
    let excluded = json!({ "anything-but": { "wildcard": "*a*" } });
    assert_eq!(
        most(&counts, |count| of_value(vec![excluded.clone(); count])),
        4
    );
    let in_list = json!({ "anything-but": { "wildcard": ["*a*"] } });
    let either =
        |count| of_value([vec![excluded.clone()], vec![in_list.clone(); count - 1]].concat());
    assert_eq!(most(&[3, 4, 5], either), 4);
    let ordered = |count| {
        let mut texts = numbered(count, |number| format!("*a{number}*"));
        let forth = json!({ "anything-but": { "wildcard": texts } });
        texts.reverse();
        of_value(vec![
            forth,
            json!({ "anything-but": { "wildcard": texts } }),
        ])
    };
    assert_eq!(most(&[3, 4, 5], ordered), 0);
    let before_or = |count| {
        let ways = (0..count).map(|number| json!({ "z": [number.to_string()] }));
        json!({ "a": [{ "wildcard": "*a*" }], "$or": ways.collect::<Vec<_>>() })
    };
    assert_eq!(most(&[2, 3, 4, 10, 11], before_or), 4);
}

#[test]
fn fields_follow_each_other_by_name() {
    let (complex, condition) = (json!([{ "wildcard": "*a*a*a*a*a*a*a*a" }]), |condition| {
        json!([condition])
    });
    let before = |value| json!({ "aaa": condition(value), "zzz": complex });
    let after = |value| json!({ "aaa": complex, "zzz": condition(value) });
    assert!(takes(&before(json!({ "exists": false }))));
    assert!(!takes(&after(json!({ "exists": false }))));
    for other in [json!({ "exists": true }), json!("literal")] {
        assert!(!takes(&before(other.clone())) && !takes(&after(other)));
    }
    let ways = |first: fn(usize) -> String| {
        let ways = (0..11).map(
            |number| json!({ "a": [first(number)], "z": [{ "wildcard": format!("{number}*") }] }),
        );
        json!({ "$or": ways.collect::<Vec<_>>() })
    };
    assert!(takes(&ways(|number| number.to_string())));
    assert!(!takes(&ways(|_| "same".to_owned())));
}

#[test]
fn one_condition_may_be_written_in_several_ways() {
    let ways = |one: Value, other: Value| {
        let way = |first: Value, from: usize| {
            let texts = (from..from + 6).map(|number| json!({ "wildcard": number.to_string() }));
            json!({ "a": [first], "z": texts.collect::<Vec<_>>() })
        };
        json!({ "$or": [way(one, 0), way(other, 6)] })
    };
    let same = [
        (
            json!({ "cidr": "10.0.0.0/24" }),
            json!({ "cidr": "10.0.0.1/24" }),
        ),
        (
            json!({ "anything-but": ["a", "b"] }),
            json!({ "anything-but": ["b", "a"] }),
        ),
        (
            json!({ "anything-but": "a" }),
            json!({ "anything-but": ["a"] }),
        ),
        (json!(1), json!({ "numeric": ["=", 1] })),
        (
            json!({ "anything-but": { "prefix": "a" } }),
            json!({ "anything-but": { "prefix": ["a"] } }),
        ),
        (
            json!({ "anything-but": { "suffix": "a" } }),
            json!({ "anything-but": { "suffix": ["a"] } }),
        ),
        (
            json!({ "anything-but": { "equals-ignore-case": "a" } }),
            json!({ "anything-but": { "equals-ignore-case": ["a"] } }),
        ),
        (
            json!({ "anything-but": { "wildcard": "a" } }),
            json!({ "anything-but": { "wildcard": ["a"] } }),
        ),
    ];
    for (one, other) in same {
        assert!(!takes(&ways(one.clone(), other.clone())), "{one} {other}");
    }
    assert!(takes(&ways(json!("a"), json!("b"))));
}

/// Wildcards of one field; whether AWS takes one of them as a condition, and none of them.
const MIXED: &[(bool, bool, &[&str])] = &[
    (
        false,
        false,
        &[
            "a*bc", "abc*d", "ab*b*", "*éé*", "*abcabc*", "*a*a*a", r"a*\\",
        ],
    ),
    (true, true, &[r"a*\\", "*éé*"]),
    (true, true, &[r"a*\*", "a*bb"]),
    (true, true, &[r"a*\\", r"a*\*", "literal"]),
    (false, true, &["a*bb", "*aba*", "*ab*ad", "*ab*ad", "*🙂*"]),
    (true, true, &["ab*b*", "abc*d"]),
    (
        true,
        true,
        &[
            "*a*a*a", "literal", r"a\*b*", "a*bb", "literal", "a*bc", "abc*d", "ab*c",
        ],
    ),
    (true, true, &["ab*b*", "*aba*"]),
    (true, true, &["*éé*", "*aba*"]),
    (
        false,
        true,
        &[
            r"a*\*", "ab*b*", "ab*b*", "*aba*", "ab*c", "literal", "a*bc",
        ],
    ),
    (true, true, &["*éé*", "literal", "*ab*ad"]),
    (true, true, &[r"a*\\", "literal", r"a\*b*", "*éé*", "*🙂*"]),
    (true, true, &["*🙂*", "*éé*", "*abcabc*"]),
    (
        false,
        false,
        &["abc*d", "*a*a*a", "literal", "abc*d", "*abcabc*", "*éé*"],
    ),
    (
        false,
        false,
        &[
            r"a\*b*", r"a\*b*", "*a*a*a", "*aba*", r"a*\\", "*ab*ad", "a*bb",
        ],
    ),
    (
        true,
        true,
        &[r"a\*b*", "ab*b*", "literal", r"a*\*", "a*bb", r"a*\\"],
    ),
    (true, true, &[r"a\*b*", "*🙂*"]),
    (
        false,
        true,
        &["ab*c", "abc*d", r"a*\\", "*a*a*a", "*a*a*a", "*éé*"],
    ),
    (
        false,
        true,
        &["literal", "*aba*", "*aba*", "ab*c", "*abcabc*", r"a*\\"],
    ),
    (true, true, &["a*bc", "*éé*"]),
    (
        false,
        true,
        &[
            "*abcabc*", r"a*\*", r"a*\*", "*abcabc*", r"a\*b*", "*abcabc*",
        ],
    ),
    (false, false, &["*a*a*a", "a*bb", r"a\*b*", "*aba*"]),
    (
        false,
        true,
        &["ab*b*", r"a*\*", "abc*d", r"a\*b*", "*🙂*", "*éé*"],
    ),
    (
        false,
        true,
        &[
            "*abcabc*", "a*bb", "*abcabc*", r"a*\*", "literal", "*éé*", "*🙂*",
        ],
    ),
    (true, true, &["literal", "*abcabc*", "*ab*ad"]),
    (true, true, &[r"a*\\", "a*bc", r"a*\\", "abc*d", r"a\*b*"]),
    (true, true, &[r"a*\\", r"a*\\", "a*bc", r"a*\\", "*🙂*"]),
    (
        false,
        true,
        &["*éé*", "*éé*", "abc*d", r"a*\\", "*ab*ad", "ab*b*", "*éé*"],
    ),
    (false, true, &["ab*b*", "*a*a*a", "a*bc", "*a*a*a", "*🙂*"]),
    (
        false,
        false,
        &[r"a\*b*", "*a*a*a", "a*bc", "*🙂*", "*abcabc*", r"a*\\"],
    ),
];

#[test]
fn mixtures_are_judged_as_aws_judges_them() {
    let mut wrong = Vec::new();
    for (place, (any, none, texts)) in MIXED.iter().enumerate() {
        let found = (takes(&any_of(texts)), takes(&none_of(texts)));
        if found != (*any, *none) {
            wrong.push((place, found));
        }
    }
    assert_eq!(wrong, []);
}

/// The hardest that fit into a pattern end, too.
#[test]
fn hard_patterns_are_judged() {
    let texts = numbered(10, |number| format!("*{number}*{}*", "ab".repeat(100)));
    assert!(!takes(&any_of(&texts)));
    let long = format!("*{}*{}", "0123456789".repeat(200), "xyz".repeat(300));
    takes(&any_of(&[long]));
}
