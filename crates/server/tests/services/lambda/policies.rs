//! Permissions that functions give: how they are written, and what they allow.

use platform::testing::{ACCOUNT, Harness, REGION};
use serde_json::{Value, json};

use crate::lambda::house::{OTHER, arn, call, done, house, new, refused, role, with};

/// A permission for a principal, with more members.
fn permission(id: &str, principal: &str, more: Value) -> Value {
    let mut input = json!({
        "FunctionName": "f", "StatementId": id, "Action": "lambda:InvokeFunction",
        "Principal": principal,
    });
    let Value::Object(more) = more else {
        panic!("more members are an object");
    };
    for (member, value) in more {
        input[member] = value;
    }
    input
}

async fn policy_of(harness: &Harness, name: &str) -> Value {
    let shown = done(harness, "GetPolicy", json!({ "FunctionName": name })).await;
    serde_json::from_str(shown["Policy"].as_str().expect("a text")).expect("JSON")
}

async fn revision(harness: &Harness, name: &str) -> Value {
    let of = json!({ "FunctionName": name });
    done(harness, "GetFunctionConfiguration", of).await["RevisionId"].clone()
}

#[tokio::test]
async fn permissions_are_written_as_aws_writes_them() {
    let harness = house().await;
    done(&harness, "CreateFunction", new("f")).await;
    let source = format!("arn:aws:sns:{REGION}:{ACCOUNT}:t");
    let more = json!({ "SourceArn": source, "SourceAccount": ACCOUNT });
    let input = permission("s", "sns.amazonaws.com", more);
    let answer = call(&harness, "root", "AddPermission", input).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let first = format!(
        r#"{{"Sid":"s","Effect":"Allow","Principal":{{"Service":"sns.amazonaws.com"}},"Action":"lambda:InvokeFunction","Resource":"{}","Condition":{{"StringEquals":{{"AWS:SourceAccount":"{ACCOUNT}"}},"ArnLike":{{"AWS:SourceArn":"{source}"}}}}}}"#,
        arn("f")
    );
    assert_eq!(answer.body["Statement"], first);
    done(&harness, "AddPermission", permission("a", OTHER, json!({}))).await;
    let more = json!({ "Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE",
        "PrincipalOrgID": "o-abcdefghij" });
    done(&harness, "AddPermission", permission("u", "*", more)).await;
    let more = json!({ "InvokedViaFunctionUrl": true, "EventSourceToken": "token" });
    done(
        &harness,
        "AddPermission",
        permission("v", "alexa-appkit.amazon.com", more),
    )
    .await;
    let shown = done(&harness, "GetPolicy", json!({ "FunctionName": "f" })).await;
    assert_eq!(shown["RevisionId"], revision(&harness, "f").await);
    let text = shown["Policy"].as_str().expect("a text");
    let start = r#"{"Version":"2012-10-17","Id":"default","Statement":["#;
    assert!(text.starts_with(&format!("{start}{first},")), "{text}");
    let policy = policy_of(&harness, "f").await;
    let statements = &policy["Statement"];
    assert_eq!(
        statements[1],
        json!({ "Sid": "a", "Effect": "Allow", "Action": "lambda:InvokeFunction",
            "Resource": arn("f"), "Principal": { "AWS": format!("arn:aws:iam::{OTHER}:root") } })
    );
    assert_eq!(statements[2]["Principal"], "*");
    assert_eq!(
        statements[2]["Condition"]["StringEquals"],
        json!({ "aws:PrincipalOrgID": "o-abcdefghij", "lambda:FunctionUrlAuthType": "NONE" })
    );
    assert_eq!(
        statements[3]["Condition"],
        json!({ "StringEquals": { "lambda:EventSourceToken": "token" },
            "Bool": { "lambda:InvokedViaFunctionUrl": "true" } })
    );
}

#[tokio::test]
async fn permissions_are_refused_as_aws_refuses_them() {
    let harness = house().await;
    done(
        &harness,
        "CreateFunction",
        with("f", json!({ "Publish": true })),
    )
    .await;
    let service = "sns.amazonaws.com";
    done(
        &harness,
        "AddPermission",
        permission("s", service, json!({})),
    )
    .await;
    let missing = "ResourceNotFoundException";
    let invalid = "InvalidParameterValueException";
    for (input, code, expected) in [
        (permission("s", service, json!({})), "ResourceConflictException",
            "The statement id (s) provided already exists. Please provide a new statement id, or remove the existing statement.".to_owned()),
        (permission("s", service, json!({ "RevisionId": "stale" })), "ResourceConflictException",
            "The statement id (s) provided already exists. Please provide a new statement id, or remove the existing statement.".to_owned()),
        (permission("t", "invalid.nonaws.com", json!({})), invalid,
            "The provided principal was invalid. Please check the principal and try again.".to_owned()),
        (permission("t", &role("nobody"), json!({})), invalid,
            "The provided principal was invalid. Please check the principal and try again.".to_owned()),
        (permission("t", service, json!({ "Qualifier": "$LATEST" })), invalid,
            "We currently do not support adding policies for $LATEST.".to_owned()),
        (permission("t", service, json!({ "Qualifier": "42" })), missing,
            format!("Function not found: {}:42", arn("f"))),
        (permission("t", service, json!({ "Qualifier": "nothing" })), missing,
            format!("Cannot find alias arn: {}:nothing", arn("f"))),
        (permission("t", service, json!({ "FunctionName": "g" })), missing,
            format!("Function not found: {}", arn("g"))),
        (permission("t", service, json!({ "FunctionUrlAuthType": "NONE" })), invalid,
            "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action".to_owned()),
        (permission("t", service, json!({ "RevisionId": "wrong" })), "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the latest Revision Id".to_owned()),
    ] {
        let (found, text) = refused(&harness, "AddPermission", input).await;
        assert_eq!((found.as_str(), text), (code, expected));
    }
    let (code, text) = refused(
        &harness,
        "AddPermission",
        permission("a.b", service, json!({})),
    )
    .await;
    assert_eq!(code, "ValidationException");
    assert!(
        text.contains("Value 'a.b' at 'statementId' failed to satisfy constraint"),
        "{text}"
    );
    // 20 KB and no more: the policy stays as it was.
    let before = policy_of(&harness, "f").await;
    let long =
        json!({ "SourceArn": format!("arn:aws:sns:{REGION}:{ACCOUNT}:{}", "x".repeat(9_900)) });
    done(
        &harness,
        "AddPermission",
        permission("l", service, long.clone()),
    )
    .await;
    let (code, text) = refused(&harness, "AddPermission", permission("m", service, long)).await;
    assert_eq!(code, "PolicyLengthExceededException");
    assert!(
        text.starts_with("The final policy size (20")
            && text.ends_with("is bigger than the limit (20480)."),
        "{text}"
    );
    let input = json!({ "FunctionName": "f", "StatementId": "l" });
    done(&harness, "RemovePermission", input).await;
    assert_eq!(policy_of(&harness, "f").await, before);
}

#[tokio::test]
async fn permissions_go_one_by_one() {
    let harness = house().await;
    done(
        &harness,
        "CreateFunction",
        with("f", json!({ "Publish": true })),
    )
    .await;
    let (_, text) = refused(&harness, "GetPolicy", json!({ "FunctionName": "f" })).await;
    assert_eq!(text, "The resource you requested does not exist.");
    let remove = |name: &str, id: &str| json!({ "FunctionName": name, "StatementId": id });
    let (code, text) = refused(&harness, "RemovePermission", remove("f", "s")).await;
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(text, "No policy is associated with the given resource.");
    let (_, text) = refused(&harness, "RemovePermission", remove("g", "s")).await;
    assert_eq!(text, format!("No policy found for: {}", arn("g")));
    let before = revision(&harness, "f").await;
    for id in ["s", "t"] {
        done(&harness, "AddPermission", permission(id, OTHER, json!({}))).await;
    }
    assert_ne!(revision(&harness, "f").await, before);
    // The policy of a version is its own.
    let versions = json!({ "Qualifier": "1" });
    done(&harness, "AddPermission", permission("s", OTHER, versions)).await;
    let of_version = policy_of(&harness, "f:1").await;
    assert_eq!(
        of_version["Statement"][0]["Resource"],
        format!("{}:1", arn("f"))
    );
    let (_, text) = refused(&harness, "RemovePermission", remove("f", "x")).await;
    assert_eq!(text, "Statement x is not found in resource policy.");
    let mut late = remove("f", "s");
    late["RevisionId"] = before;
    let (code, _) = refused(&harness, "RemovePermission", late.clone()).await;
    assert_eq!(code, "PreconditionFailedException");
    late["RevisionId"] = revision(&harness, "f").await;
    let answer = call(&harness, "root", "RemovePermission", late).await;
    assert_eq!(answer.status, 204, "{}", answer.text);
    assert_eq!(policy_of(&harness, "f").await["Statement"][0]["Sid"], "t");
    done(&harness, "RemovePermission", remove("f", "t")).await;
    let (_, text) = refused(&harness, "GetPolicy", json!({ "FunctionName": "f" })).await;
    assert_eq!(text, "The resource you requested does not exist.");
    assert_eq!(policy_of(&harness, "f:1").await, of_version);
}

#[tokio::test]
async fn a_policy_lets_another_account_in() {
    let harness = house().await;
    done(
        &harness,
        "CreateFunction",
        with("f", json!({ "Publish": true })),
    )
    .await;
    let get = |who: &'static str, name: String| {
        let harness = &harness;
        async move {
            call(harness, who, "GetFunction", json!({ "FunctionName": name }))
                .await
                .status
        }
    };
    assert_eq!(get("other", arn("f")).await, 403);
    let more = json!({ "Action": "lambda:GetFunction" });
    done(&harness, "AddPermission", permission("o", OTHER, more)).await;
    assert_eq!(get("other", arn("f")).await, 200);
    // What is about the function is not about its versions.
    assert_eq!(get("other", format!("{}:1", arn("f"))).await, 403);
    let more = json!({ "Action": "lambda:GetFunction", "Qualifier": "1" });
    done(&harness, "AddPermission", permission("o", OTHER, more)).await;
    assert_eq!(get("other", format!("{}:1", arn("f"))).await, 200);
    // Nor is one action another.
    let answer = call(
        &harness,
        "other",
        "DeleteFunction",
        json!({ "FunctionName": arn("f") }),
    )
    .await;
    assert_eq!(answer.status, 403);
    let input = json!({ "FunctionName": "f", "StatementId": "o" });
    done(&harness, "RemovePermission", input).await;
    assert_eq!(get("other", arn("f")).await, 403);
    // Identities of the own account that have no permission of their own.
    harness.user("friend", &[]);
    let friend = format!("arn:aws:iam::{ACCOUNT}:user/friend");
    assert_eq!(get("friend", "f".to_owned()).await, 403);
    let more = json!({ "Action": "lambda:GetFunction" });
    done(&harness, "AddPermission", permission("p", &friend, more)).await;
    assert_eq!(get("friend", "f".to_owned()).await, 200);
    let policy = policy_of(&harness, "f").await;
    assert_eq!(policy["Statement"][0]["Principal"]["AWS"], friend);
}

#[tokio::test]
async fn conditions_see_whom_a_permission_is_for() {
    let harness = house().await;
    done(&harness, "CreateFunction", new("f")).await;
    let policy = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": ["lambda:AddPermission", "lambda:RemovePermission"], "Resource": "*",
        "Condition": { "StringEquals": { "lambda:Principal": ["sns.amazonaws.com", OTHER] } },
    } });
    harness.user("giver", &[&policy.to_string()]);
    for (id, principal, status) in [
        ("s", "sns.amazonaws.com", 201),
        ("o", OTHER, 201),
        ("e", "events.amazonaws.com", 403),
        ("x", "*", 403),
    ] {
        let answer = call(
            &harness,
            "giver",
            "AddPermission",
            permission(id, principal, json!({})),
        )
        .await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    done(
        &harness,
        "AddPermission",
        permission("e", "events.amazonaws.com", json!({})),
    )
    .await;
    for (id, status) in [("s", 204), ("o", 204), ("e", 403), ("absent", 403)] {
        let input = json!({ "FunctionName": "f", "StatementId": id });
        let answer = call(&harness, "giver", "RemovePermission", input).await;
        assert_eq!(answer.status, status, "{id}: {}", answer.text);
    }
}
