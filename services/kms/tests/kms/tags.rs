//! Tags, and permissions that depend on them.

use crate::house::{Kms, Value, json, statement, text};

fn tag(key: &str, value: &str) -> Value {
    json!({ "TagKey": key, "TagValue": value })
}

async fn tags(kms: &Kms, key: &str) -> Value {
    let listed = kms
        .ok("root", "ListResourceTags", json!({ "KeyId": key }))
        .await;
    assert_eq!(listed["Truncated"], json!(false));
    listed["Tags"].clone()
}

#[tokio::test]
async fn tags_are_set_changed_and_taken_away() {
    let kms = Kms::new().await;
    let created = kms
        .ok("root", "CreateKey", json!({ "Tags": [tag("a", "1")] }))
        .await;
    let key = text(&created["KeyMetadata"]["KeyId"]);
    assert_eq!(tags(&kms, &key).await, json!([tag("a", "1")]));
    let more = json!({ "KeyId": key, "Tags": [tag("B", ""), tag("a", "2"), tag("b", "3")] });
    kms.ok("root", "TagResource", more).await;
    assert_eq!(
        tags(&kms, &key).await,
        json!([tag("a", "2"), tag("B", ""), tag("b", "3")])
    );
    let less = json!({ "KeyId": key, "TagKeys": ["a", "b", "absent"] });
    kms.ok("root", "UntagResource", less).await;
    assert_eq!(tags(&kms, &key).await, json!([tag("B", "")]));
}

#[tokio::test]
async fn tags_are_checked() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    for (bad, code) in [
        (json!([tag("a", "1"), tag("a", "2")]), "TagException"),
        (json!([tag("aws:a", "1")]), "TagException"),
        (json!([tag("a", "{}")]), "TagException"),
        (json!([tag("", "1")]), "ValidationException"),
        (json!([tag(&"k".repeat(129), "1")]), "ValidationException"),
        (json!([tag("k", &"v".repeat(257))]), "ValidationException"),
    ] {
        let input = json!({ "KeyId": key, "Tags": bad });
        assert_eq!(kms.code("root", "TagResource", input).await, code, "{bad}");
        assert_eq!(
            kms.code("root", "CreateKey", json!({ "Tags": bad })).await,
            code,
            "{bad}"
        );
    }
    let untag = json!({ "KeyId": key, "TagKeys": ["aws:a"] });
    assert_eq!(
        kms.code("root", "UntagResource", untag).await,
        "TagException"
    );
    let fifty: Vec<_> = (0..50).map(|n| tag(&n.to_string(), "")).collect();
    kms.ok(
        "root",
        "TagResource",
        json!({ "KeyId": key, "Tags": fifty }),
    )
    .await;
    let over = json!({ "KeyId": key, "Tags": [tag("more", "")] });
    assert_eq!(
        kms.code("root", "TagResource", over).await,
        "LimitExceededException"
    );
    let known = json!({ "KeyId": key, "Tags": [tag("7", "changed")] });
    kms.ok("root", "TagResource", known).await;
}

#[tokio::test]
async fn permissions_follow_tags() {
    let kms = Kms::new().await;
    let conditional = |condition: Value| {
        statement(&json!({
            "Effect": "Allow",
            "Action": ["kms:Encrypt", "kms:TagResource", "kms:UntagResource", "kms:CreateKey"],
            "Resource": "*",
            "Condition": condition,
        }))
    };
    let by_resource = conditional(json!({ "StringEquals": { "aws:ResourceTag/Team": "blue" } }));
    let by_request = conditional(json!({ "StringEquals": { "aws:RequestTag/Team": "blue" } }));
    let by_keys = conditional(
        json!({ "ForAllValues:StringEquals": { "aws:TagKeys": ["Team"] },
        "Null": { "aws:TagKeys": "false" } }),
    );
    kms.harness.user("by-resource", &[&by_resource]);
    kms.harness.user("by-request", &[&by_request]);
    kms.harness.user("by-keys", &[&by_keys]);
    let created = kms
        .ok(
            "root",
            "CreateKey",
            json!({ "Tags": [tag("Team", "blue")] }),
        )
        .await;
    let blue = text(&created["KeyMetadata"]["KeyId"]);
    let red = kms.key().await;
    let tagging = |value: &str, key: &str| json!({ "KeyId": red, "Tags": [tag(key, value)] });
    for (who, operation, input, is_allowed) in [
        (
            "by-resource",
            "Encrypt",
            json!({ "KeyId": blue, "Plaintext": "eA==" }),
            true,
        ),
        (
            "by-resource",
            "Encrypt",
            json!({ "KeyId": red, "Plaintext": "eA==" }),
            false,
        ),
        ("by-request", "TagResource", tagging("red", "Team"), false),
        ("by-request", "TagResource", tagging("blue", "Team"), true),
        ("by-keys", "TagResource", tagging("x", "Other"), false),
        ("by-keys", "TagResource", tagging("x", "Team"), true),
        (
            "by-keys",
            "UntagResource",
            json!({ "KeyId": red, "TagKeys": ["Other"] }),
            false,
        ),
        (
            "by-keys",
            "UntagResource",
            json!({ "KeyId": red, "TagKeys": ["Team"] }),
            true,
        ),
        ("by-request", "CreateKey", json!({}), false),
        (
            "by-request",
            "CreateKey",
            json!({ "Tags": [tag("Team", "red")] }),
            false,
        ),
        (
            "by-request",
            "CreateKey",
            json!({ "Tags": [tag("Team", "blue")] }),
            true,
        ),
    ] {
        let answer = kms.call(who, operation, input).await;
        assert_eq!(
            answer.status == 200,
            is_allowed,
            "{who} {operation}: {}",
            answer.text
        );
        let code = (!is_allowed).then_some("AccessDeniedException");
        assert_eq!(answer.code.as_deref(), code);
    }
}

#[tokio::test]
async fn a_key_with_tags_takes_permission_to_tag() {
    let kms = Kms::new().await;
    kms.harness
        .user("maker", &[&crate::house::allow("kms:CreateKey", "*")]);
    kms.ok("maker", "CreateKey", json!({})).await;
    let (code, message) = kms
        .fails("maker", "CreateKey", json!({ "Tags": [tag("a", "b")] }))
        .await;
    assert_eq!(code, "AccessDeniedException");
    assert!(
        message.contains("not authorized to perform: kms:TagResource"),
        "{message}"
    );
}
