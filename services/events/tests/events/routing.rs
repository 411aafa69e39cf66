//! Where events go.

use serde_json::{Value, json};

use crate::house::{OTHER, OWN, archived_bus, bus, done, entry, house, kept, lets, refused, rule};

fn open() -> Value {
    json!({ "state": "open" })
}

#[tokio::test]
async fn an_event_goes_where_matching_rules_send_it() {
    let harness = house().await;
    archived_bus(&harness, "root", OWN, "default").await;
    archived_bus(&harness, "root", OWN, "shop").await;
    let pattern = json!({ "detail": { "state": ["open"] } });
    rule(&harness, "root", "default", pattern, &bus(OWN, "shop")).await;
    let entries = json!([
        entry("default", "app", &open()),
        entry("default", "app", &json!({ "state": "closed" })),
    ]);
    let put = done(&harness, "root", "PutEvents", json!({ "Entries": entries })).await;
    assert_eq!(put["FailedEntryCount"], 0);
    assert_ne!(put["Entries"][0]["EventId"], put["Entries"][1]["EventId"]);
    assert_eq!(kept(&harness, "root", "default").await, 2);
    assert_eq!(kept(&harness, "root", "shop").await, 1);
    // A rule that is disabled sends nothing; what it sent stays.
    done(
        &harness,
        "root",
        "DisableRule",
        json!({ "Name": "forward" }),
    )
    .await;
    let again = json!({ "Entries": [entry("default", "app", &open())] });
    done(&harness, "root", "PutEvents", again.clone()).await;
    assert_eq!(kept(&harness, "root", "shop").await, 1);
    done(&harness, "root", "EnableRule", json!({ "Name": "forward" })).await;
    done(&harness, "root", "PutEvents", again).await;
    assert_eq!(kept(&harness, "root", "shop").await, 2);
}

#[tokio::test]
async fn archives_keep_what_matches_their_pattern() {
    let harness = house().await;
    let input = json!({
        "ArchiveName": "open", "EventSourceArn": bus(OWN, "default"),
        "EventPattern": "{\"detail\":{\"state\":[\"open\"]}}",
    });
    done(&harness, "root", "CreateArchive", input).await;
    let entries = json!([
        entry("default", "app", &open()),
        entry("default", "app", &json!({}))
    ]);
    done(&harness, "root", "PutEvents", json!({ "Entries": entries })).await;
    assert_eq!(kept(&harness, "root", "open").await, 1);
    let input = json!({ "ArchiveName": "open", "EventPattern": "{\"source\":[\"app\"]}" });
    done(&harness, "root", "UpdateArchive", input).await;
    done(&harness, "root", "PutEvents", json!({ "Entries": entries })).await;
    assert_eq!(kept(&harness, "root", "open").await, 3);
    done(
        &harness,
        "root",
        "DeleteArchive",
        json!({ "ArchiveName": "open" }),
    )
    .await;
    let input = json!({ "ArchiveName": "open", "EventSourceArn": bus(OWN, "default") });
    done(&harness, "root", "CreateArchive", input).await;
    assert_eq!(
        kept(&harness, "root", "open").await,
        0,
        "another archive of the name"
    );
}

#[tokio::test]
async fn an_event_passes_one_bus_and_no_more() {
    let harness = house().await;
    for name in ["one", "two", "three"] {
        archived_bus(&harness, "root", OWN, name).await;
    }
    let all = json!({ "source": ["app"] });
    rule(&harness, "root", "one", all.clone(), &bus(OWN, "two")).await;
    rule(&harness, "root", "two", all.clone(), &bus(OWN, "three")).await;
    rule(&harness, "root", "three", all, &bus(OWN, "one")).await;
    let entries = json!([entry("one", "app", &open())]);
    done(&harness, "root", "PutEvents", json!({ "Entries": entries })).await;
    let counts = [
        kept(&harness, "root", "one").await,
        kept(&harness, "root", "two").await,
        kept(&harness, "root", "three").await,
    ];
    assert_eq!(counts, [1, 1, 0]);
}

#[tokio::test]
async fn another_account_gets_events_if_its_bus_policy_lets_them_in() {
    let harness = house().await;
    archived_bus(&harness, "other", OTHER, "default").await;
    let target = bus(OTHER, "default");
    rule(
        &harness,
        "root",
        "default",
        json!({ "source": ["app"] }),
        &target,
    )
    .await;
    let entries = json!({ "Entries": [entry("default", "app", &open())] });
    done(&harness, "root", "PutEvents", entries.clone()).await;
    assert_eq!(kept(&harness, "other", "default").await, 0);
    let policy = json!({ "Policy": lets(OWN, &target) });
    done(&harness, "other", "PutPermission", policy).await;
    done(&harness, "root", "PutEvents", entries.clone()).await;
    assert_eq!(kept(&harness, "other", "default").await, 1);
    // The event still says whose it is, and can be put across directly as well.
    let direct = json!({ "Entries": [entry(&target, "app", &open())] });
    done(&harness, "root", "PutEvents", direct.clone()).await;
    assert_eq!(kept(&harness, "other", "default").await, 2);
    let input = json!({ "StatementId": "in" });
    done(&harness, "other", "RemovePermission", input).await;
    done(&harness, "root", "PutEvents", entries).await;
    let (code, _) = refused(&harness, "root", "PutEvents", direct).await;
    assert_eq!(code, "AccessDeniedException");
    assert_eq!(kept(&harness, "other", "default").await, 2);
}

#[tokio::test]
async fn entries_fail_one_by_one_in_aws_words() {
    let harness = house().await;
    archived_bus(&harness, "root", OWN, "default").await;
    let good = entry("default", "app", &open());
    let with = |member: &str, value: Value| {
        let mut entry = good.clone();
        entry[member] = value;
        entry
    };
    let entries = json!([
        good.clone(),
        with("Source", Value::Null),
        with("DetailType", Value::Null),
        with("Detail", Value::Null),
        with("Detail", json!("[]")),
        with("Detail", json!("{")),
        with("Source", json!("aws.ec2")),
        with("EventBusName", json!("nowhere")),
    ]);
    let put = done(&harness, "root", "PutEvents", json!({ "Entries": entries })).await;
    assert_eq!(put["FailedEntryCount"], 6);
    let failures: Vec<_> = put["Entries"].as_array().into_iter().flatten().collect();
    let shown = |index: usize| {
        let entry: &Value = failures[index];
        (entry["ErrorCode"].as_str(), entry["ErrorMessage"].as_str())
    };
    let missing = "Parameter Source is not valid. Reason: Source is a required argument.";
    assert_eq!(shown(0), (None, None));
    assert_eq!(shown(1), (Some("InvalidArgument"), Some(missing)));
    assert_eq!(shown(2).0, Some("InvalidArgument"));
    assert_eq!(shown(3).0, Some("InvalidArgument"));
    assert_eq!(
        shown(4),
        (Some("MalformedDetail"), Some("Detail is malformed."))
    );
    assert_eq!(shown(5).0, Some("MalformedDetail"));
    let not_ours = (
        Some("NotAuthorizedForSourceException"),
        Some("Not authorized for the source."),
    );
    assert_eq!(shown(6), not_ours);
    assert_eq!(
        shown(7),
        (None, None),
        "a bus that is not there takes events and drops them"
    );
    assert_eq!(kept(&harness, "root", "default").await, 1);
}

#[tokio::test]
async fn an_archive_may_say_nothing_with_empty_texts() {
    let harness = house().await;
    let nothing = json!({
        "ArchiveName": "open", "EventSourceArn": bus(OWN, "default"), "Description": "",
        "EventPattern": "", "RetentionDays": 0,
    });
    done(&harness, "root", "CreateArchive", nothing).await;
    let said = json!({
        "ArchiveName": "open", "Description": "d", "EventPattern": "{\"source\":[\"app\"]}",
    });
    done(&harness, "root", "UpdateArchive", said).await;
    let unsaid = json!({ "ArchiveName": "open", "Description": "", "EventPattern": "" });
    done(&harness, "root", "UpdateArchive", unsaid).await;
    let shown = done(
        &harness,
        "root",
        "DescribeArchive",
        json!({ "ArchiveName": "open" }),
    )
    .await;
    assert!(
        shown["Description"].is_null() && shown["EventPattern"].is_null(),
        "{shown}"
    );
}
