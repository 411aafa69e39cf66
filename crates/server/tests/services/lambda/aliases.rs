//! Aliases, and what is configured of events.

use platform::testing::{ACCOUNT, Harness, REGION};
use serde_json::{Value, json};

use crate::lambda::house::{arn, call, done, house, new, refused, with};

/// A function `f` with the versions 1 and 2.
async fn function() -> Harness {
    let harness = house().await;
    done(
        &harness,
        "CreateFunction",
        with("f", json!({ "Publish": true })),
    )
    .await;
    let input = json!({ "FunctionName": "f", "Timeout": 9 });
    done(&harness, "UpdateFunctionConfiguration", input).await;
    done(&harness, "PublishVersion", json!({ "FunctionName": "f" })).await;
    harness
}

fn alias(name: &str, version: &str, weights: Option<Value>) -> Value {
    let mut input = json!({ "FunctionName": "f", "Name": name, "FunctionVersion": version });
    if let Some(weights) = weights {
        input["RoutingConfig"] = json!({ "AdditionalVersionWeights": weights });
    }
    input
}

fn named(name: &str) -> Value {
    json!({ "FunctionName": "f", "Name": name })
}

#[tokio::test]
async fn an_alias_names_a_version() {
    let harness = function().await;
    let mut input = alias("live", "1", Some(json!({ "2": 0.25 })));
    input["Description"] = json!("d");
    let answer = call(&harness, "root", "CreateAlias", input).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let made = answer.body;
    assert_eq!(made["AliasArn"], format!("{}:live", arn("f")));
    assert_eq!(
        made["RoutingConfig"],
        json!({ "AdditionalVersionWeights": { "2": 0.25 } })
    );
    assert_eq!(
        (&made["FunctionVersion"], &made["Description"]),
        (&json!("1"), &json!("d"))
    );
    assert_eq!(done(&harness, "GetAlias", named("live")).await, made);
    let shown = done(
        &harness,
        "GetFunctionConfiguration",
        json!({ "FunctionName": "f:live" }),
    )
    .await;
    assert_eq!(
        (&shown["Version"], &shown["FunctionArn"]),
        (&json!("1"), &made["AliasArn"])
    );
    // Neither of its versions can go.
    for version in ["1", "2"] {
        let input = json!({ "FunctionName": "f", "Qualifier": version });
        let (code, _) = refused(&harness, "DeleteFunction", input).await;
        assert_eq!(code, "ResourceConflictException");
    }
    let mut input = alias("live", "2", Some(json!({})));
    input["RevisionId"] = json!("wrong");
    let (code, _) = refused(&harness, "UpdateAlias", input.clone()).await;
    assert_eq!(code, "PreconditionFailedException");
    input["RevisionId"] = made["RevisionId"].clone();
    let changed = done(&harness, "UpdateAlias", input).await;
    assert!(changed.get("RoutingConfig").is_none());
    assert_eq!(
        (&changed["FunctionVersion"], &changed["Description"]),
        (&json!("2"), &json!("d"))
    );
    assert_ne!(changed["RevisionId"], made["RevisionId"]);
    done(
        &harness,
        "DeleteFunction",
        json!({ "FunctionName": "f", "Qualifier": "1" }),
    )
    .await;
    for _ in 0..2 {
        let answer = call(&harness, "root", "DeleteAlias", named("live")).await;
        assert_eq!(answer.status, 204, "{}", answer.text);
    }
    let (code, text) = refused(&harness, "GetAlias", named("live")).await;
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(text, format!("Cannot find alias arn: {}:live", arn("f")));
}

#[tokio::test]
async fn aliases_are_refused_as_aws_refuses_them() {
    let harness = function().await;
    done(&harness, "CreateAlias", alias("live", "1", None)).await;
    let (missing, invalid) = (
        "ResourceNotFoundException",
        "InvalidParameterValueException",
    );
    for (input, code, expected) in [
        (alias("live", "1", None), "ResourceConflictException", format!("Alias already exists: {}:live", arn("f"))),
        (alias("x", "10", None), missing, format!("Function not found: {}:10", arn("f"))),
        (alias("x", "1", Some(json!({ "10": 0.5 }))), missing, format!("Function not found: {}:10", arn("f"))),
        (alias("x", "1", Some(json!({ "2": 0.5, "3": 0.5 }))), invalid,
            "Number of items in AdditionalVersionWeights cannot be greater than 1".to_owned()),
        (alias("x", "1", Some(json!({ "1": 0.5 }))), invalid,
            "Invalid function version 1. Function version 1 is already included in routing configuration.".to_owned()),
        (alias("x", "$LATEST", Some(json!({ "1": 0.5 }))), invalid,
            "$LATEST is not supported for an alias pointing to more than 1 version".to_owned()),
    ] {
        let (found, text) = refused(&harness, "CreateAlias", input).await;
        assert_eq!((found.as_str(), text), (code, expected));
    }
    for input in [
        alias("7", "1", None),
        alias("x", "1", Some(json!({ "2": 2.0 }))),
    ] {
        assert_eq!(
            refused(&harness, "CreateAlias", input).await.0,
            "ValidationException"
        );
    }
    done(&harness, "CreateAlias", alias("latest", "$LATEST", None)).await;
    done(
        &harness,
        "CreateAlias",
        alias("both", "1", Some(json!({ "2": 0.5 }))),
    )
    .await;
    let names = |page: &Value| {
        let aliases = page["Aliases"].as_array().expect("a list").iter();
        aliases
            .map(|one| one["Name"].as_str().expect("a name").to_owned())
            .collect::<Vec<_>>()
    };
    let page = done(
        &harness,
        "ListAliases",
        json!({ "FunctionName": "f", "MaxItems": 2 }),
    )
    .await;
    assert_eq!(names(&page), ["both", "latest"]);
    let next = json!({ "FunctionName": "f", "Marker": page["NextMarker"] });
    assert_eq!(names(&done(&harness, "ListAliases", next).await), ["live"]);
    let of_two = json!({ "FunctionName": "f", "FunctionVersion": "2" });
    assert_eq!(
        names(&done(&harness, "ListAliases", of_two).await),
        ["both"]
    );
}

#[tokio::test]
async fn no_alias_is_called_like_a_version() {
    let harness = function().await;
    let input = json!({ "FunctionName": "f", "StatementId": "s", "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com" });
    done(&harness, "AddPermission", input).await;
    // Whoever may delete aliases deletes no policy of the function or of a version.
    for name in ["$LATEST", "1", "a b"] {
        for operation in ["GetAlias", "UpdateAlias", "DeleteAlias"] {
            let (code, _) = refused(&harness, operation, named(name)).await;
            assert_eq!(code, "ValidationException", "{operation} {name}");
        }
        let (code, _) = refused(&harness, "CreateAlias", alias(name, "1", None)).await;
        assert_eq!(code, "ValidationException", "{name}");
    }
    done(&harness, "GetPolicy", json!({ "FunctionName": "f" })).await;
}

#[tokio::test]
async fn an_alias_has_a_policy_of_its_own() {
    let harness = function().await;
    let made = done(&harness, "CreateAlias", alias("live", "1", None)).await;
    let input = json!({ "FunctionName": "f", "Qualifier": "live", "StatementId": "s",
        "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com",
        "RevisionId": made["RevisionId"] });
    let given = done(&harness, "AddPermission", input).await;
    let text = given["Statement"].as_str().expect("a text");
    assert!(
        text.contains(&format!(r#""Resource":"{}:live""#, arn("f"))),
        "{text}"
    );
    let shown = done(&harness, "GetPolicy", json!({ "FunctionName": "f:live" })).await;
    let alias_now = done(&harness, "GetAlias", named("live")).await;
    assert_eq!(shown["RevisionId"], alias_now["RevisionId"]);
    assert_ne!(alias_now["RevisionId"], made["RevisionId"]);
    // Another alias of the name begins without.
    done(&harness, "DeleteAlias", named("live")).await;
    done(&harness, "CreateAlias", alias("live", "2", None)).await;
    let (code, _) = refused(&harness, "GetPolicy", json!({ "FunctionName": "f:live" })).await;
    assert_eq!(code, "ResourceNotFoundException");
}

#[tokio::test]
async fn events_are_configured_for_functions_versions_and_aliases() {
    let harness = function().await;
    done(&harness, "CreateFunction", new("g")).await;
    done(&harness, "CreateAlias", alias("live", "1", None)).await;
    let queue = format!("arn:aws:sqs:{REGION}:{ACCOUNT}:q");
    let input = json!({ "FunctionName": "f", "MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60,
        "DestinationConfig": { "OnFailure": { "Destination": queue }, "OnSuccess": { "Destination": arn("g") } } });
    let put = done(&harness, "PutFunctionEventInvokeConfig", input).await;
    assert_eq!(put["FunctionArn"], format!("{}:$LATEST", arn("f")));
    assert_eq!(
        put["DestinationConfig"]["OnFailure"],
        json!({ "Destination": queue })
    );
    let of = json!({ "FunctionName": "f" });
    assert_eq!(
        done(&harness, "GetFunctionEventInvokeConfig", of.clone()).await,
        put
    );
    let input = json!({ "FunctionName": "f", "MaximumRetryAttempts": 2 });
    let changed = done(&harness, "UpdateFunctionEventInvokeConfig", input.clone()).await;
    assert_eq!(
        (
            &changed["MaximumRetryAttempts"],
            &changed["MaximumEventAgeInSeconds"]
        ),
        (&json!(2), &json!(60))
    );
    assert_eq!(changed["DestinationConfig"], put["DestinationConfig"]);
    let put = done(&harness, "PutFunctionEventInvokeConfig", input).await;
    assert!(put.get("MaximumEventAgeInSeconds").is_none());
    assert_eq!(
        put["DestinationConfig"],
        json!({ "OnSuccess": {}, "OnFailure": {} })
    );
    for qualifier in ["1", "live"] {
        let input =
            json!({ "FunctionName": "f", "Qualifier": qualifier, "MaximumRetryAttempts": 1 });
        done(&harness, "PutFunctionEventInvokeConfig", input).await;
    }
    let page = done(&harness, "ListFunctionEventInvokeConfigs", of.clone()).await;
    assert_eq!(
        page["FunctionEventInvokeConfigs"]
            .as_array()
            .expect("a list")
            .len(),
        3
    );
    let answer = call(
        &harness,
        "root",
        "DeleteFunctionEventInvokeConfig",
        of.clone(),
    )
    .await;
    assert_eq!(answer.status, 204, "{}", answer.text);
    let none = format!(
        "The function {}:$LATEST doesn't have an EventInvokeConfig",
        arn("f")
    );
    for operation in ["Get", "Delete"] {
        let operation = format!("{operation}FunctionEventInvokeConfig");
        let (code, text) = refused(&harness, &operation, of.clone()).await;
        assert_eq!((code.as_str(), &text), ("ResourceNotFoundException", &none));
    }
    let destination = |arn: String| {
        json!({ "FunctionName": "f",
        "DestinationConfig": { "OnSuccess": { "Destination": arn } } })
    };
    for (input, code, expected) in [
        (
            json!({ "FunctionName": "h", "MaximumRetryAttempts": 1 }),
            "ResourceNotFoundException",
            "The function doesn't exist.".to_owned(),
        ),
        (
            json!({ "FunctionName": "f:none", "MaximumRetryAttempts": 1 }),
            "ResourceNotFoundException",
            "The function doesn't exist.".to_owned(),
        ),
        (
            of,
            "InvalidParameterValueException",
            "You must specify at least one of error handling or destination setting.".to_owned(),
        ),
        (
            json!({ "FunctionName": "f", "DestinationConfig": {} }),
            "InvalidParameterValueException",
            "You must specify at least one of error handling or destination setting.".to_owned(),
        ),
        (
            destination(arn("f")),
            "InvalidParameterValueException",
            "You can't specify the function as a destination for itself.".to_owned(),
        ),
        (
            destination(arn("h")),
            "InvalidParameterValueException",
            format!("The destination ARN {} is invalid.", arn("h")),
        ),
        (
            destination(arn("x").replace("lambda", "iam")),
            "InvalidParameterValueException",
            format!(
                "The provided destination config DestinationConfig(onSuccess=OnSuccess(destination={}), onFailure=null) is invalid.",
                arn("x").replace("lambda", "iam")
            ),
        ),
    ] {
        let (found, text) = refused(&harness, "PutFunctionEventInvokeConfig", input).await;
        assert_eq!((found.as_str(), text), (code, expected));
    }
}

#[tokio::test]
async fn loops_are_ended_unless_they_are_allowed() {
    let harness = house().await;
    done(&harness, "CreateFunction", new("f")).await;
    let of = json!({ "FunctionName": "f" });
    let shown = done(&harness, "GetFunctionRecursionConfig", of.clone()).await;
    assert_eq!(shown["RecursiveLoop"], "Terminate");
    let input = json!({ "FunctionName": "f", "RecursiveLoop": "Allow" });
    done(&harness, "PutFunctionRecursionConfig", input).await;
    let shown = done(&harness, "GetFunctionRecursionConfig", of).await;
    assert_eq!(shown["RecursiveLoop"], "Allow");
}
