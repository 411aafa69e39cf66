//! Tags, by both ways.

use crate::house::{House, arn, json};

#[tokio::test]
async fn both_ways_show_the_same_tags() {
    let house = House::new().await;
    let input = json!({ "logGroupName": "g", "tags": { "b": "1" } });
    house.ok("CreateLogGroup", input).await;
    let arn = arn("g");
    let input = json!({ "resourceArn": arn, "tags": { "a": "2", "b": "3" } });
    house.ok("TagResource", input).await;
    let input = json!({ "logGroupName": "g", "tags": { "c": "4" } });
    house.ok("TagLogGroup", input).await;
    let expected = json!({ "a": "2", "b": "3", "c": "4" });
    let shown = house
        .ok("ListTagsForResource", json!({ "resourceArn": arn }))
        .await;
    assert_eq!(shown["tags"], expected);
    let shown = house
        .ok("ListTagsLogGroup", json!({ "logGroupName": "g" }))
        .await;
    assert_eq!(shown["tags"], expected);
    let input = json!({ "resourceArn": arn, "tagKeys": ["a", "z"] });
    house.ok("UntagResource", input).await;
    let input = json!({ "logGroupName": "g", "tags": ["b"] });
    house.ok("UntagLogGroup", input).await;
    let shown = house
        .ok("ListTagsLogGroup", json!({ "logGroupName": "g" }))
        .await;
    assert_eq!(shown["tags"], json!({ "c": "4" }));
}

#[tokio::test]
async fn tags_have_limits() {
    let house = House::furnished().await;
    let arn = arn("g");
    let reserved = json!({ "resourceArn": arn, "tags": { "aws:x": "1" } });
    assert_eq!(
        house.fails("TagResource", reserved).await.0,
        "InvalidParameterException"
    );
    let many = |from: usize| {
        let tags = (from..from + 30).map(|number| (number.to_string(), json!("v")));
        json!({ "resourceArn": arn, "tags": tags.collect::<serde_json::Map<_, _>>() })
    };
    house.ok("TagResource", many(0)).await;
    assert_eq!(
        house.fails("TagResource", many(30)).await.0,
        "TooManyTagsException"
    );
    let other = json!({ "resourceArn": "arn:aws:logs:eu-west-2:111122223333:delivery:d" });
    assert_eq!(
        house.fails("ListTagsForResource", other).await.0,
        "InvalidParameterException"
    );
    let absent = json!({ "resourceArn": crate::house::arn("nowhere") });
    assert_eq!(
        house.fails("ListTagsForResource", absent).await.0,
        "ResourceNotFoundException"
    );
}
