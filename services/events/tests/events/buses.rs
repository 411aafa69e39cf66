//! Buses, their tags and their archives.

use platform::testing::REGION;
use serde_json::{Value, json};

use crate::house::{OWN, archived_bus, bus, done, house, refused};

#[tokio::test]
async fn buses_come_and_go_and_the_default_one_is_always_there() {
    let harness = house().await;
    let input =
        json!({ "Name": "shop", "Description": "orders", "Tags": [{ "Key": "a", "Value": "b" }] });
    let made = done(&harness, "root", "CreateEventBus", input.clone()).await;
    assert_eq!(made["EventBusArn"], bus(OWN, "shop"));
    let (code, text) = refused(&harness, "root", "CreateEventBus", input).await;
    assert_eq!(code, "ResourceAlreadyExistsException");
    assert_eq!(text, "Event bus shop already exists.");
    let listed = done(&harness, "root", "ListEventBuses", json!({})).await;
    let names = [
        &listed["EventBuses"][0]["Name"],
        &listed["EventBuses"][1]["Name"],
    ];
    assert_eq!(names, ["default", "shop"]);
    let shown = done(
        &harness,
        "root",
        "DescribeEventBus",
        json!({ "Name": "shop" }),
    )
    .await;
    assert_eq!(shown["Description"], "orders");
    let input = json!({ "ResourceARN": bus(OWN, "shop") });
    let tags = done(&harness, "root", "ListTagsForResource", input).await;
    assert_eq!(tags["Tags"], json!([{ "Key": "a", "Value": "b" }]));
    let shown = done(&harness, "root", "DescribeEventBus", json!({})).await;
    assert_eq!(shown["Arn"], bus(OWN, "default"));
    done(
        &harness,
        "root",
        "DeleteEventBus",
        json!({ "Name": "shop" }),
    )
    .await;
    done(
        &harness,
        "root",
        "DeleteEventBus",
        json!({ "Name": "shop" }),
    )
    .await;
    let (code, text) = refused(
        &harness,
        "root",
        "DescribeEventBus",
        json!({ "Name": "shop" }),
    )
    .await;
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(text, "Event bus shop does not exist.");
    let (code, text) = refused(
        &harness,
        "root",
        "DeleteEventBus",
        json!({ "Name": "default" }),
    )
    .await;
    assert_eq!(
        (&*code, &*text),
        ("ValidationException", "Cannot delete event bus default.")
    );
}

#[tokio::test]
async fn what_a_bus_cannot_do_here_is_refused_and_not_ignored() {
    let harness = house().await;
    for member in [
        json!({ "EventSourceName": "aws.partner/a/b" }),
        json!({ "LogConfig": { "Level": "INFO" } }),
    ] {
        let mut input = json!({ "Name": "shop" });
        if let (Some(input), Some(member)) = (input.as_object_mut(), member.as_object()) {
            input.extend(member.clone());
        }
        let (code, text) = refused(&harness, "root", "CreateEventBus", input).await;
        assert_eq!(code, "ValidationException", "{member}");
        assert!(text.starts_with("This server does not support"), "{text}");
    }
    refused(
        &harness,
        "root",
        "DescribeEventBus",
        json!({ "Name": "shop" }),
    )
    .await;
}

#[tokio::test]
async fn a_bus_has_a_standard_queue_of_its_region_for_dead_letters() {
    let harness = house().await;
    let queue = |name: &str| json!({ "Arn": format!("arn:aws:sqs:{REGION}:{OWN}:{name}") });
    for (config, reason) in [
        (queue("q.fifo"), "FIFO queues take none"),
        (json!({ "Arn": "q" }), "it is not the ARN of a queue"),
        (
            json!({ "Arn": format!("arn:aws:sqs:ap-south-2:{OWN}:q") }),
            "it is in another Region",
        ),
    ] {
        let input = json!({ "Name": "shop", "DeadLetterConfig": config });
        let (code, text) = refused(&harness, "root", "CreateEventBus", input).await;
        assert_eq!(code, "ValidationException");
        let message = format!("Parameter DeadLetterConfig is not valid. Reason: {reason}.");
        assert_eq!(text, message);
    }
    let shown = || async {
        let input = json!({ "Name": "shop" });
        done(&harness, "root", "DescribeEventBus", input).await["DeadLetterConfig"].clone()
    };
    let input = json!({ "Name": "shop", "DeadLetterConfig": queue("q") });
    let made = done(&harness, "root", "CreateEventBus", input).await;
    assert_eq!(made["DeadLetterConfig"], queue("q"));
    assert_eq!(shown().await, queue("q"));
    let input = json!({ "Name": "shop", "DeadLetterConfig": queue("other") });
    done(&harness, "root", "UpdateEventBus", input).await;
    assert_eq!(shown().await, queue("other"));
    done(
        &harness,
        "root",
        "UpdateEventBus",
        json!({ "Name": "shop" }),
    )
    .await;
    assert_eq!(shown().await, Value::Null);
}

#[tokio::test]
async fn a_bus_with_rules_or_archives_stays() {
    let harness = house().await;
    archived_bus(&harness, "root", OWN, "shop").await;
    refused(
        &harness,
        "root",
        "DeleteEventBus",
        json!({ "Name": "shop" }),
    )
    .await;
    done(
        &harness,
        "root",
        "DeleteArchive",
        json!({ "ArchiveName": "shop" }),
    )
    .await;
    let input = json!({ "Name": "r", "EventBusName": "shop", "EventPattern": "{\"a\":[1]}" });
    done(&harness, "root", "PutRule", input).await;
    refused(
        &harness,
        "root",
        "DeleteEventBus",
        json!({ "Name": "shop" }),
    )
    .await;
    done(
        &harness,
        "root",
        "DeleteRule",
        json!({ "Name": "r", "EventBusName": "shop" }),
    )
    .await;
    done(
        &harness,
        "root",
        "DeleteEventBus",
        json!({ "Name": "shop" }),
    )
    .await;
}
