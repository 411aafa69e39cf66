//! Versions: made once, shown by their number, deleted alone.

use serde_json::json;

use crate::lambda::house::{arn, done, house, new, package, refused, with};

#[tokio::test]
async fn a_version_is_made_where_something_changed() {
    let harness = house().await;
    done(&harness, "CreateFunction", new("f")).await;
    let input = json!({ "FunctionName": "f", "Description": "first" });
    let one = done(&harness, "PublishVersion", input).await;
    assert_eq!(
        (&one["Version"], &one["Description"]),
        (&json!("1"), &json!("first"))
    );
    assert_eq!(one["FunctionArn"], format!("{}:1", arn("f")));
    let again = done(&harness, "PublishVersion", json!({ "FunctionName": "f" })).await;
    assert_eq!(again["Version"], "1");
    done(
        &harness,
        "UpdateFunctionConfiguration",
        json!({ "FunctionName": "f", "Timeout": 9 }),
    )
    .await;
    let two = done(&harness, "PublishVersion", json!({ "FunctionName": "f" })).await;
    assert_eq!((&two["Version"], &two["Timeout"]), (&json!("2"), &json!(9)));
    let input = json!({ "FunctionName": "f", "ZipFile": package("a.py", b"3"), "Publish": true });
    let three = done(&harness, "UpdateFunctionCode", input).await;
    assert_eq!(three["FunctionArn"], format!("{}:3", arn("f")));
    assert_eq!(
        (&three["Version"], &three["State"]),
        (&json!("3"), &json!("Pending"))
    );
    assert!(three.get("LastUpdateStatus").is_none(), "{three}");
    let shown = done(
        &harness,
        "GetFunctionConfiguration",
        json!({ "FunctionName": "f:1" }),
    )
    .await;
    assert_eq!(
        (&shown["Timeout"], &shown["CodeSha256"]),
        (&json!(3), &one["CodeSha256"])
    );
    let page = done(
        &harness,
        "ListVersionsByFunction",
        json!({ "FunctionName": "f" }),
    )
    .await;
    let versions = page["Versions"].as_array().expect("a list").iter();
    let numbers: Vec<_> = versions
        .map(|one| one["Version"].as_str().expect("text"))
        .collect();
    assert_eq!(numbers, ["$LATEST", "1", "2", "3"]);
}

#[tokio::test]
async fn numbers_come_once() {
    let harness = house().await;
    let made = done(
        &harness,
        "CreateFunction",
        with("f", json!({ "Publish": true })),
    )
    .await;
    assert_eq!(
        (&made["Version"], &made["State"]),
        (&json!("1"), &json!("Pending"))
    );
    assert_eq!(made["FunctionArn"], arn("f"));
    done(
        &harness,
        "DeleteFunction",
        json!({ "FunctionName": "f", "Qualifier": "1" }),
    )
    .await;
    let made = done(&harness, "PublishVersion", json!({ "FunctionName": "f" })).await;
    assert_eq!(made["Version"], "2");
    let gone = json!({ "FunctionName": "f", "Qualifier": "1" });
    assert_eq!(
        refused(&harness, "DeleteFunction", gone).await.0,
        "ResourceNotFoundException"
    );
}

#[tokio::test]
async fn what_was_not_meant_is_not_published() {
    let harness = house().await;
    let made = done(&harness, "CreateFunction", new("f")).await;
    let input = json!({ "FunctionName": "f", "CodeSha256": "other" });
    let (code, text) = refused(&harness, "PublishVersion", input).await;
    assert_eq!(code, "InvalidParameterValueException");
    assert!(
        text.starts_with("CodeSHA256 (other) is different from current CodeSHA256 in $LATEST ("),
        "{text}"
    );
    let input = json!({ "FunctionName": "f", "RevisionId": "other" });
    assert_eq!(
        refused(&harness, "PublishVersion", input).await.0,
        "PreconditionFailedException"
    );
    let input = json!({ "FunctionName": "f", "RevisionId": made["RevisionId"], "CodeSha256": made["CodeSha256"] });
    assert_eq!(
        done(&harness, "PublishVersion", input).await["Version"],
        "1"
    );
}
