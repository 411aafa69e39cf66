//! Who may do what to functions.

use platform::testing::{ACCOUNT, REGION};
use serde_json::{Value, json};

use crate::lambda::house::{arn, call, done, house, new, role, with};

fn policy(statement: &Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": statement }).to_string()
}

#[tokio::test]
async fn whoever_may_not_learns_nothing() {
    let harness = house().await;
    harness.user("nobody", &[]);
    done(&harness, "CreateFunction", new("f")).await;
    for operation in [
        "GetFunction",
        "GetFunctionConfiguration",
        "DeleteFunction",
        "PublishVersion",
    ] {
        let mut texts = Vec::new();
        for name in ["f", "g"] {
            let answer = call(
                &harness,
                "nobody",
                operation,
                json!({ "FunctionName": name }),
            )
            .await;
            assert_eq!(answer.status, 403);
            assert_eq!(
                answer.code.as_deref(),
                Some("AccessDeniedException"),
                "{operation}"
            );
            texts.push(answer.message().replace(&arn(name), "it"));
        }
        assert_eq!(texts[0], texts[1]);
    }
    // Somebody else's function cannot be told from none.
    for name in ["f", "g"] {
        let answer = call(
            &harness,
            "other",
            "GetFunction",
            json!({ "FunctionName": arn(name) }),
        )
        .await;
        assert_eq!(
            answer.code.as_deref(),
            Some("AccessDeniedException"),
            "{name}"
        );
    }
    let second = call(&harness, "nobody", "CreateFunction", new("f")).await;
    assert_eq!(second.code.as_deref(), Some("AccessDeniedException"));
}

#[tokio::test]
async fn a_role_is_passed_by_whoever_may_pass_it() {
    let harness = house().await;
    let may = |resource: &str| {
        policy(&json!([
            { "Effect": "Allow", "Action": "lambda:*", "Resource": "*" },
            { "Effect": "Allow", "Action": "iam:PassRole", "Resource": resource,
              "Condition": { "StringEquals": { "iam:PassedToService": "lambda.amazonaws.com" } } },
        ]))
    };
    harness.user("passer", &[&may(&role("worker"))]);
    harness.user("keeper", &[&may(&role("another"))]);
    let answer = call(&harness, "keeper", "CreateFunction", new("f")).await;
    assert_eq!(answer.code.as_deref(), Some("AccessDeniedException"));
    assert!(answer.message().contains("iam:PassRole"), "{}", answer.text);
    let answer = call(&harness, "passer", "CreateFunction", new("f")).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    // A change that keeps the role passes none.
    let input = json!({ "FunctionName": "f", "Timeout": 5 });
    let answer = call(&harness, "keeper", "UpdateFunctionConfiguration", input).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let input = json!({ "FunctionName": "f", "Role": role("stranger") });
    let answer = call(&harness, "keeper", "UpdateFunctionConfiguration", input).await;
    assert_eq!(answer.code.as_deref(), Some("AccessDeniedException"));
}

#[tokio::test]
async fn conditions_see_tags_layers_and_qualifiers() {
    let harness = house().await;
    done(
        &harness,
        "CreateFunction",
        with("f", json!({ "Tags": { "team": "red" }, "Publish": true })),
    )
    .await;
    done(
        &harness,
        "CreateFunction",
        with("g", json!({ "Tags": { "team": "blue" } })),
    )
    .await;
    harness.user("red", &[&policy(&json!([
        { "Effect": "Allow", "Action": "lambda:GetFunction", "Resource": "*",
          "Condition": { "StringEquals": { "aws:ResourceTag/team": "red" } } },
        { "Effect": "Allow", "Action": ["lambda:CreateFunction", "iam:PassRole"], "Resource": "*" },
        { "Effect": "Deny", "Action": "lambda:CreateFunction", "Resource": "*",
          "Condition": { "ForAnyValue:StringLike": { "lambda:Layer": "*:layer:bad:*" } } },
        { "Effect": "Allow", "Action": "lambda:GetFunctionConfiguration", "Resource": format!("{}:1", arn("f")) },
    ]))]);
    let get = |operation: &'static str, name: &'static str| {
        let harness = &harness;
        async move { call(harness, "red", operation, json!({ "FunctionName": name })).await }
    };
    let shown = get("GetFunction", "f").await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    assert!(shown.body.get("Tags").is_none());
    assert_eq!(
        shown.body["TagsError"]["ErrorCode"],
        "AccessDeniedException"
    );
    assert_eq!(get("GetFunction", "g").await.status, 403);
    assert_eq!(get("GetFunctionConfiguration", "f:1").await.status, 200);
    assert_eq!(get("GetFunctionConfiguration", "f").await.status, 403);
    let bad = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:layer:bad:1");
    let answer = call(
        &harness,
        "red",
        "CreateFunction",
        with("h", json!({ "Layers": [bad] })),
    )
    .await;
    assert_eq!(
        answer.code.as_deref(),
        Some("AccessDeniedException"),
        "{}",
        answer.text
    );
    let tagged = call(
        &harness,
        "red",
        "CreateFunction",
        with("h", json!({ "Tags": { "a": "b" } })),
    )
    .await;
    assert!(
        tagged.message().contains("lambda:TagResource"),
        "{}",
        tagged.text
    );
    assert_eq!(
        call(&harness, "red", "CreateFunction", new("h"))
            .await
            .status,
        201
    );
}
