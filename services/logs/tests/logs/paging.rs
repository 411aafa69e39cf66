//! Pages of events, compared with a plain sorted list.

use std::collections::BTreeSet;

use proptest::prelude::*;
use tokio::runtime::Runtime;

use crate::house::{House, NOW, json, messages};

/// More pages than any of these has.
const MANY: usize = 1000;
const STREAMS: [&str; 3] = ["s", "t", "u"];

/// Batches: a stream, and the times of its events as milliseconds before now.
fn batches() -> impl Strategy<Value = Vec<(usize, Vec<i64>)>> {
    let times = prop::collection::vec(0..12i64, 1..6);
    prop::collection::vec((0..STREAMS.len(), times), 1..9)
}

/// Puts them, and returns the messages of each stream with their times.
async fn put_all(house: &House, batches: &[(usize, Vec<i64>)]) -> Vec<Vec<(i64, String)>> {
    let mut model = vec![Vec::new(); STREAMS.len()];
    for (number, (stream, times)) in batches.iter().enumerate() {
        let mut times: Vec<_> = times.iter().map(|ago| NOW - ago).collect();
        times.sort_unstable();
        let events = times.iter().enumerate().map(|(nth, millis)| {
            let parity = if nth % 2 == 0 { "even" } else { "odd" };
            (*millis, format!("{parity} {number:02}-{nth}"))
        });
        let events: Vec<_> = events.collect();
        let borrowed: Vec<_> = events
            .iter()
            .map(|(at, text)| (*at, text.as_str()))
            .collect();
        house.put(STREAMS[*stream], &borrowed).await;
        model[*stream].extend(events);
    }
    for stream in &mut model {
        // Stable: batch by batch within a millisecond.
        stream.sort_by_key(|(millis, _)| *millis);
    }
    model
}

/// All messages of the stream `s`, from pages in one direction; each page in the order of time.
async fn pages_of_s(house: &House, limit: usize, forward: bool) -> Vec<Vec<String>> {
    let mut input = json!({
        "logGroupName": "g", "logStreamName": "s", "limit": limit, "startFromHead": forward,
    });
    let mut pages = Vec::new();
    loop {
        let shown = house.ok("GetLogEvents", input.clone()).await;
        let token = match forward {
            true => &shown["nextForwardToken"],
            false => &shown["nextBackwardToken"],
        };
        let page = messages(&shown);
        assert!(page.len() <= limit);
        if page.is_empty() && *token == input["nextToken"] {
            return pages;
        }
        pages.push(page);
        assert!(pages.len() < MANY, "pages without end");
        input["nextToken"] = token.clone();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn pages_in_both_directions_are_all_events(batches in batches(), limit in 1..7usize) {
        let runtime = Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let house = House::furnished().await;
            house.stream("t").await;
            house.stream("u").await;
            let model = put_all(&house, &batches).await;
            let expected: Vec<_> = model[0].iter().map(|(_, text)| text.clone()).collect();
            let forward = pages_of_s(&house, limit, true).await;
            prop_assert_eq!(forward.concat(), &expected[..]);
            let mut backward = pages_of_s(&house, limit, false).await;
            backward.reverse();
            prop_assert_eq!(backward.concat(), &expected[..]);
            Ok(())
        })?;
    }

    #[test]
    fn filtered_pages_are_all_matches_in_the_order_of_time(
        batches in batches(), limit in 1..7usize, forward in any::<bool>(),
    ) {
        let runtime = Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let house = House::furnished().await;
            house.stream("t").await;
            house.stream("u").await;
            let model = put_all(&house, &batches).await;
            let all = model.iter().flatten();
            let mut expected: Vec<_> = all.filter(|(_, text)| text.contains("odd")).collect();
            expected.sort_by_key(|(millis, _)| *millis);
            let mut input = json!({
                "logGroupName": "g", "filterPattern": "odd", "limit": limit,
                "startFromHead": forward,
            });
            let (mut found, mut ids) = (Vec::new(), BTreeSet::new());
            loop {
                let shown = house.ok("FilterLogEvents", input.clone()).await;
                for event in shown["events"].as_array().expect("events") {
                    let id = event["eventId"].as_str().expect("an id");
                    // This ends a paging that goes in circles, too.
                    prop_assert!(ids.insert(id.to_owned()), "{} twice", id);
                    let millis = event["timestamp"].as_i64().expect("a time");
                    found.push((millis, event["message"].as_str().expect("text").to_owned()));
                }
                match shown["nextToken"].as_str() {
                    None => break,
                    Some(token) => input["nextToken"] = json!(token),
                }
            }
            if !forward {
                found.reverse();
            }
            prop_assert!(found.is_sorted_by_key(|(millis, _)| *millis));
            let mut sorted = (found.clone(), expected.into_iter().cloned().collect::<Vec<_>>());
            sorted.0.sort();
            sorted.1.sort();
            prop_assert_eq!(sorted.0, sorted.1);
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn a_reader_at_the_end_sees_what_comes_later() {
    let house = House::furnished().await;
    let mut input = json!({ "logGroupName": "g", "logStreamName": "s", "startFromHead": true });
    let empty = house.ok("GetLogEvents", input.clone()).await;
    input["nextToken"] = empty["nextForwardToken"].clone();
    house.put("s", &[(NOW, "one")]).await;
    let shown = house.ok("GetLogEvents", input.clone()).await;
    assert_eq!(messages(&shown), ["one"]);
    input["nextToken"] = shown["nextForwardToken"].clone();
    let nothing = house.ok("GetLogEvents", input.clone()).await;
    assert_eq!(nothing["nextForwardToken"], input["nextToken"]);
    house.put("s", &[(NOW, "two"), (NOW + 1, "three")]).await;
    assert_eq!(
        messages(&house.ok("GetLogEvents", input.clone()).await),
        ["two", "three"]
    );
    for token in ["x", "f/1/s", "g/00/s", "b//s"] {
        input["nextToken"] = json!(token);
        let (code, _) = house.fails("GetLogEvents", input.clone()).await;
        assert_eq!(code, "InvalidParameterException");
        let input = json!({ "logGroupName": "g", "nextToken": token });
        let (code, _) = house.fails("FilterLogEvents", input).await;
        assert_eq!(code, "InvalidParameterException");
    }
}

#[tokio::test]
async fn a_page_has_at_most_a_mebibyte_and_searches_get_on() {
    let house = House::furnished().await;
    let text = "x".repeat(600_000);
    for number in 0..40 {
        house.put("s", &[(NOW - 100 + number, &text)]).await;
    }
    house.put("s", &[(NOW, "needle")]).await;
    let pages = pages_of_s(&house, 10_000, true).await;
    assert_eq!(pages.len(), 40, "the needle fits beside the last of them");
    assert!(pages.iter().rev().skip(1).all(|page| page.len() == 1));
    let mut input = json!({ "logGroupName": "g", "filterPattern": "needle" });
    let (mut found, mut calls) = (Vec::new(), 0);
    loop {
        let shown = house.ok("FilterLogEvents", input.clone()).await;
        found.extend(messages(&shown));
        calls += 1;
        assert!(calls < MANY, "pages without end");
        match shown["nextToken"].as_str() {
            None => break,
            Some(token) => input["nextToken"] = json!(token),
        }
    }
    assert_eq!(found, ["needle"]);
    assert_eq!(calls, 2, "16 MiB are searched for a page");
}

#[tokio::test]
async fn streams_are_chosen_by_name_or_prefix() {
    let house = House::furnished().await;
    for stream in ["sa", "t"] {
        house.stream(stream).await;
    }
    for stream in ["s", "sa", "t"] {
        house.put(stream, &[(NOW, stream)]).await;
    }
    let found = async |input: serde_json::Value| {
        let mut input = input;
        input["logGroupName"] = json!("g");
        let mut found = messages(&house.ok("FilterLogEvents", input).await);
        found.sort();
        found
    };
    assert_eq!(found(json!({})).await, ["s", "sa", "t"]);
    assert_eq!(
        found(json!({ "logStreamNamePrefix": "s" })).await,
        ["s", "sa"]
    );
    assert_eq!(
        found(json!({ "logStreamNames": ["t", "s"] })).await,
        ["s", "t"]
    );
    // The end is part of it, other than in GetLogEvents.
    assert_eq!(found(json!({ "endTime": NOW })).await.len(), 3);
    assert_eq!(found(json!({ "endTime": NOW - 1 })).await.len(), 0);
    let both = json!({
        "logGroupName": "g", "logStreamNamePrefix": "s", "logStreamNames": ["t"],
    });
    assert_eq!(
        house.fails("FilterLogEvents", both).await.0,
        "InvalidParameterException"
    );
    let wrong = json!({ "logGroupName": "g", "filterPattern": "{ $.a }" });
    let (code, text) = house.fails("FilterLogEvents", wrong).await;
    assert_eq!(
        (&*code, &*text),
        ("InvalidParameterException", "Invalid metric filter pattern")
    );
}
