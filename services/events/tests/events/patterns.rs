//! TestEventPattern.

use serde_json::{Value, json};

use crate::house::{OWN, bus, done, house, refused};

fn event() -> Value {
    json!({
        "version": "0", "id": "1", "detail-type": "Order", "source": "shop", "account": "1",
        "time": "2026-01-01T00:00:00Z", "region": "us-east-1", "resources": [],
        "detail": { "state": "open", "items": [{ "kind": "book", "count": 2 }] },
    })
}

#[tokio::test]
async fn a_pattern_is_tested_against_an_event() {
    let harness = house().await;
    for (pattern, expected) in [
        (json!({ "detail": { "state": ["open"] } }), true),
        (
            json!({ "detail": { "items": { "kind": ["book"], "count": [2] } } }),
            true,
        ),
        (
            json!({ "detail": { "items": { "kind": ["book"], "count": [3] } } }),
            false,
        ),
        (json!({ "source": [{ "prefix": "sho" }] }), true),
    ] {
        let input = json!({ "EventPattern": pattern.to_string(), "Event": event().to_string() });
        let answer = done(&harness, "root", "TestEventPattern", input).await;
        assert_eq!(answer["Result"], expected, "{pattern}");
    }
}

#[tokio::test]
async fn a_pattern_with_too_complex_wildcards_is_refused_in_aws_words() {
    let harness = house().await;
    let with = |wildcard: &str| json!({ "a": [{ "wildcard": wildcard }] }).to_string();
    let expected = "Event pattern is not valid. Reason: Rule is too complex - try using fewer wildcard \
                    characters or fewer repeating character sequences after a wildcard character";
    let own = bus(OWN, "default");
    for (operation, mut input) in [
        ("TestEventPattern", json!({ "Event": event().to_string() })),
        ("PutRule", json!({ "Name": "r" })),
        (
            "CreateArchive",
            json!({ "ArchiveName": "a", "EventSourceArn": own }),
        ),
    ] {
        input["EventPattern"] = with("*a*a*a*a*a*").into();
        let (code, text) = refused(&harness, "root", operation, input.clone()).await;
        assert_eq!((&*code, &*text), ("InvalidEventPatternException", expected));
        input["EventPattern"] = with("*a*a*a*a*a").into();
        done(&harness, "root", operation, input).await;
    }
}

#[tokio::test]
async fn what_is_no_pattern_or_no_event_is_refused_in_aws_words() {
    let harness = house().await;
    let input = json!({ "EventPattern": "{\"source\":\"shop\"}", "Event": event().to_string() });
    let (code, text) = refused(&harness, "root", "TestEventPattern", input).await;
    assert_eq!(code, "InvalidEventPatternException");
    assert_eq!(
        text,
        "Event pattern is not valid. Reason: \"source\" must be an object or an array\n at \
         [Source: (String)\"{\"source\":\"shop\"}\"; line: 1, column: 12]"
    );
    for name in [
        "id",
        "account",
        "source",
        "time",
        "region",
        "resources",
        "detail-type",
    ] {
        let mut event = event();
        event.as_object_mut().map(|members| members.remove(name));
        let input = json!({ "EventPattern": "{\"a\":[1]}", "Event": event.to_string() });
        let refusal = refused(&harness, "root", "TestEventPattern", input).await;
        let expected = ("ValidationException", "Parameter Event is not valid.");
        assert_eq!((&*refusal.0, &*refusal.1), expected, "without {name}");
    }
    let input = json!({ "EventPattern": "{\"a\":[1]}", "Event": "[]" });
    let (code, _) = refused(&harness, "root", "TestEventPattern", input).await;
    assert_eq!(code, "ValidationException");
    let long = format!("{{\"a\":[\"{}\"]}}", "x".repeat(4096));
    let input = json!({ "EventPattern": long, "Event": event().to_string() });
    let (code, _) = refused(&harness, "root", "TestEventPattern", input).await;
    assert_eq!(code, "ValidationException", "4096 characters at most");
}
