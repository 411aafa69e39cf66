use proptest::prelude::*;

use super::*;
use crate::targets::blank;

const EVENT: &str = r#"{"version":"0","source":"s","detail":{"instance":"i-1","quote":"a\"b","n":1.50,"list":["a","b"],"o":{"k":"v"},"null":null}}"#;

fn given(paths: &[(&str, &str)], template: &str) -> Target {
    let paths = paths
        .iter()
        .map(|(name, path)| ((*name).to_owned(), (*path).to_owned()));
    let mut target = blank("t", "arn");
    target.input_transformer = Some(InputTransformer {
        input_paths_map: Some(Entries(paths.collect())),
        input_template: template.to_owned(),
    });
    target
}

fn matched(event: &str) -> Matched<'_> {
    Matched {
        event,
        rule_arn: "arn:rule",
        rule_name: "r\"1",
        ingested: "2026-01-01T00:00:00Z",
    }
}

fn filled(paths: &[(&str, &str)], template: &str) -> Result<String, String> {
    let input = Input::of(&given(paths, template));
    let input = input.map_err(|fault| fault.message().unwrap_or_default().to_owned())?;
    match input.of_event(&matched(EVENT)) {
        Ok(filled) => Ok(filled),
        Err(_) => panic!("{template}"),
    }
}

#[test]
fn templates_are_filled() {
    let paths = [
        ("instance", "$.detail.instance"),
        ("quote", "$.detail.quote"),
        ("n", "$.detail.n"),
        ("list", "$.detail.list"),
        ("o", "$.detail.o"),
        ("none", "$.detail.absent"),
        ("null", "$.detail.null"),
    ];
    for (template, expected) in [
        (r#""<instance> is <quote>""#, r#""i-1 is a\"b""#),
        (
            r#"{"i": <instance>, "q": <quote>}"#,
            r#"{"i": "i-1", "q": "a\"b"}"#,
        ),
        (r#"{"i": "x<instance>y<n>"}"#, r#"{"i": "xi-1y1.50"}"#),
        (
            r#"{"l": <list>, "n": <n>, "o": <o>}"#,
            r#"{"l": ["a","b"], "n": 1.50, "o": {"k":"v"}}"#,
        ),
        (r#"{"l": "<list>"}"#, r#"{"l": "[\"a\",\"b\"]"}"#),
        (
            r#"{"x": <none>, "y": "<none>", "z": <null>}"#,
            r#"{"x": "", "y": "", "z": null}"#,
        ),
        ("\"<instance>\"\n\"line <n>\"", "\"i-1\"\n\"line 1.50\""),
        (r#""say \"<instance>\" <n>""#, r#""say \"i-1\" 1.50""#),
        (
            r#"{"r": <aws.events.rule-name>, "a": "<aws.events.rule-arn>"}"#,
            r#"{"r": "r\"1", "a": "arn:rule"}"#,
        ),
        (
            r#"{"t": <aws.events.event.ingestion-time>}"#,
            r#"{"t": "2026-01-01T00:00:00Z"}"#,
        ),
        (
            r#"{"e": <aws.events.event>}"#,
            r#"{"e": {"version":"0","source":"s"}}"#,
        ),
        (r#"<instance>"#, r#""i-1""#),
    ] {
        assert_eq!(
            filled(&paths, template).as_deref(),
            Ok(expected),
            "{template}"
        );
    }
    let whole = filled(&paths, "<aws.events.event.json>");
    assert_eq!(whole.as_deref(), Ok(EVENT));
}

#[test]
fn malformed_inputs_are_refused() {
    let placeholder = filled(&[], r#"{"a": <b>}"#);
    let expected = "InputTemplate for target t contains invalid placeholder b.";
    assert_eq!(placeholder.unwrap_err(), expected);
    for template in [
        r#"{"a": }"#,
        "plain text",
        r#"{"a": "b"#,
        r#"{"a": <a> <a>}"#,
    ] {
        let refused = filled(&[("a", "$.detail.n")], template).unwrap_err();
        assert_eq!(refused, "Invalid InputTemplate for target t.", "{template}");
    }
    for path in ["detail", "$.a[?(@.b)]"] {
        let refused = filled(&[("a", path)], "\"x\"").unwrap_err();
        assert_eq!(refused, "Invalid InputPath for target t.");
    }
    assert!(filled(&[("aws.x", "$.detail")], "\"x\"").is_err());
    let mut target = blank("t", "arn");
    target.input = Some("{".to_owned());
    assert!(Input::of(&target).is_err());
    target.input = Some("{}".to_owned());
    assert!(Input::of(&target).is_ok());
    target.input_path = Some("$".to_owned());
    assert!(Input::of(&target).is_err());
}

#[test]
fn a_template_cannot_grow_without_bound() {
    let large = format!(r#"{{"detail":"{}"}}"#, "x".repeat(200_000));
    let template = format!("\"{}\"", "<a>".repeat(2000));
    let Ok(input) = Input::of(&given(&[("a", "$.detail")], &template)) else {
        panic!("a template")
    };
    assert!(input.of_event(&matched(&large)).is_err());
}

/// Followed for each of 2000 variables, a path through half a million values takes minutes.
#[test]
fn sec_w2_a_path_is_followed_once_however_often_its_variable_stands() {
    let event = format!(r#"{{"detail":[{}0]}}"#, "1,".repeat(400_000));
    let template = format!("[{}<a>]", "<a>,".repeat(1999));
    let Ok(input) = Input::of(&given(&[("a", "$.detail.*.b")], &template)) else {
        panic!("a template")
    };
    let parsed = Json::parse(&event).unwrap();
    let paths = [("a".to_owned(), "$.detail.*.b".to_owned())];
    let values = Values {
        matched: &matched(&event),
        event: parsed,
        paths: &paths,
    };
    let known = values.all(&template).ok().map(|known| known.len());
    assert_eq!(known, Some(1));
    let filled = input.of_event(&matched(&event));
    let lists = filled.ok().map(|filled| filled.matches("[]").count());
    assert_eq!(lists, Some(2000));
}

#[test]
fn a_part_is_as_it_is_written() {
    for (path, expected) in [("$.detail.n", "1.50"), ("$.absent", "null"), ("$", EVENT)] {
        let mut target = blank("t", "arn");
        target.input_path = Some(path.to_owned());
        let part = Input::of(&target)
            .ok()
            .and_then(|input| input.of_event(&matched(EVENT)).ok());
        assert_eq!(part.as_deref(), Some(expected));
    }
}

proptest! {
    /// Whatever an event holds, a template that is JSON becomes JSON, and strings stay what they are.
    #[test]
    fn what_comes_out_of_a_template_is_json(text in ".{0,20}", other in "[\\PC\"\\\\<>]{0,12}") {
        let event = serde_json::json!({ "detail": { "a": text, "b": { &*other: [&other] } } }).to_string();
        let template = r#"{"raw": <a>, "in": "<<a>", "o": "<b>", "b": <b>, "e": "<aws.events.event.json>"}"#;
        let template = template.replace("<<a>", "[<a>]");
        let paths = [("a", "$.detail.a"), ("b", "$.detail.b")];
        let Ok(input) = Input::of(&given(&paths, &template)) else { panic!("a template") };
        let Ok(filled) = input.of_event(&matched(&event)) else { panic!("an event") };
        let filled: serde_json::Value = serde_json::from_str(&filled).unwrap();
        prop_assert_eq!(&filled["raw"], &serde_json::json!(text));
        prop_assert_eq!(&filled["in"], &serde_json::json!(format!("[{text}]")));
        prop_assert_eq!(&filled["b"], &serde_json::json!({ &*other: [&other] }));
        let inner: serde_json::Value = serde_json::from_str(filled["o"].as_str().unwrap()).unwrap();
        prop_assert_eq!(&inner, &filled["b"]);
        prop_assert_eq!(filled["e"].as_str(), Some(&*event));
    }

    #[test]
    fn no_template_breaks_the_filling(template in "[<>\"{}:a,\\\\ \n]{1,40}") {
        if let Ok(input) = Input::of(&given(&[("a", "$.detail")], &template)) {
            prop_assert!(input.of_event(&matched(EVENT)).is_ok());
        }
    }
}
