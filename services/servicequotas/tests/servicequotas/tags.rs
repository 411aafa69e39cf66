//! Tags of quotas.

use crate::house::*;

#[tokio::test]
async fn tags_are_given_replaced_and_taken_away() {
    let house = House::new().await;
    let tag = async |tags: Value| {
        let input = json!({ "ResourceARN": arn(RATE), "Tags": tags });
        house.ok("TagResource", input).await
    };
    let shown = async || {
        let input = json!({ "ResourceARN": arn(RATE) });
        house.ok("ListTagsForResource", input).await["Tags"].clone()
    };
    assert_eq!(shown().await, json!([]));
    tag(json!([{ "Key": "b", "Value": "1" }, { "Key": "a", "Value": "" }])).await;
    tag(json!([{ "Key": "b", "Value": "2" }])).await;
    let both = json!([{ "Key": "a", "Value": "" }, { "Key": "b", "Value": "2" }]);
    assert_eq!(shown().await, both);
    let input = json!({ "ResourceARN": arn(RATE), "TagKeys": ["a", "c"] });
    house.ok("UntagResource", input).await;
    assert_eq!(shown().await, json!([{ "Key": "b", "Value": "2" }]));
}

#[tokio::test]
async fn not_every_tag_and_not_every_arn() {
    let house = House::new().await;
    let code = async |arn: &str, tags: Value| {
        let input = json!({ "ResourceARN": arn, "Tags": tags });
        house.fails("TagResource", input).await.0
    };
    let good = json!([{ "Key": "a", "Value": "" }]);
    for arn in [
        arn("L-99999999"),
        arn(RATE).replace("servicequotas", "kms"),
        arn(RATE).replace("aws", "aws-cn"),
        arn(RATE).replace(ACCOUNT, "444455556666"),
        arn(RATE).replace(REGION, "eu-west-1"),
        arn(RATE).replace("keys/", "key/"),
    ] {
        assert_eq!(
            code(&arn, good.clone()).await,
            "NoSuchResourceException",
            "{arn}"
        );
    }
    let reserved = json!([{ "Key": "AWS:a", "Value": "" }]);
    assert_eq!(
        code(&arn(RATE), reserved).await,
        "TagPolicyViolationException"
    );
    let twice = json!([{ "Key": "a", "Value": "1" }, { "Key": "a", "Value": "2" }]);
    assert_eq!(code(&arn(RATE), twice).await, "IllegalArgumentException");
    let many: Vec<_> = (0..51)
        .map(|key| json!({ "Key": format!("k{key}"), "Value": "" }))
        .collect();
    assert_eq!(code(&arn(RATE), json!(many)).await, "TooManyTagsException");
}
