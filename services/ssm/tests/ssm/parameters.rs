//! Parameters: made, read, changed, deleted, in versions and with labels.

use serde_json::json;

use crate::house::{arn, call, code, done, get, house, make, put, refused};

#[tokio::test]
async fn a_parameter_is_put_and_read() {
    let harness = house().await;
    let input = json!({
        "Name": "/myapp/db/url", "Value": "a,b", "Type": "StringList", "Description": "d",
    });
    let put = done(&harness, "root", "PutParameter", input.clone()).await;
    assert_eq!(put, json!({ "Version": 1, "Tier": "Standard" }));
    let shown = get(&harness, "/myapp/db/url").await;
    let expected = json!({
        "Name": "/myapp/db/url", "Type": "StringList", "Value": "a,b", "Version": 1,
        "LastModifiedDate": 1_767_225_600, "ARN": arn("/myapp/db/url"), "DataType": "text",
    });
    assert_eq!(shown, expected);
    assert_eq!(get(&harness, &arn("/myapp/db/url")).await, expected);
    assert_eq!(get(&harness, " /myapp/db/url ").await, expected);
    let (code, text) = refused(&harness, "root", "PutParameter", input).await;
    assert_eq!(code, "ParameterAlreadyExists");
    assert_eq!(
        text,
        "The parameter already exists. To overwrite this value, set the overwrite option in the \
         request to true."
    );
}

#[tokio::test]
async fn versions_and_labels_choose() {
    let harness = house().await;
    for (at, value) in ["one", "two", "three"].into_iter().enumerate() {
        assert_eq!(put(&harness, "/p", value).await["Version"], at + 1);
    }
    let input = json!({ "Name": "/p", "ParameterVersion": 2, "Labels": ["prod", "1x", "aws-x"] });
    let labelled = done(&harness, "root", "LabelParameterVersion", input).await;
    assert_eq!(
        labelled,
        json!({ "InvalidLabels": ["1x", "aws-x"], "ParameterVersion": 2 })
    );
    for (name, value, selector) in [
        ("/p", "three", None),
        ("/p:1", "one", Some(":1")),
        ("/p:3", "three", Some(":3")),
        ("/p:prod", "two", Some(":prod")),
    ] {
        let shown = get(&harness, name).await;
        assert_eq!(
            (shown["Value"].as_str(), shown["Selector"].as_str()),
            (Some(value), selector)
        );
    }
    for (name, expected) in [
        ("/p:4", "ParameterVersionNotFound"),
        ("/p:0", "ParameterVersionNotFound"),
        ("/p:test", "ParameterVersionNotFound"),
        ("/q", "ParameterNotFound"),
        ("p", "ParameterNotFound"),
        ("/p:", "ValidationException"),
        ("a/b", "ValidationException"),
    ] {
        let input = json!({ "Name": name });
        assert_eq!(
            code(&harness, "root", "GetParameter", input).await,
            expected,
            "{name}"
        );
    }
    // A label moves, and goes.
    let input = json!({ "Name": "/p", "Labels": ["prod"] });
    done(&harness, "root", "LabelParameterVersion", input).await;
    assert_eq!(get(&harness, "/p:prod").await["Value"], "three");
    let input = json!({ "Name": "/p", "ParameterVersion": 3, "Labels": ["prod", "other"] });
    let removed = done(&harness, "root", "UnlabelParameterVersion", input).await;
    assert_eq!(
        removed,
        json!({ "RemovedLabels": ["prod"], "InvalidLabels": ["other"] })
    );
    let input = json!({ "Names": ["/q", "/p:2", "/p:prod", "/p"] });
    let several = done(&harness, "root", "GetParameters", input).await;
    assert_eq!(several["InvalidParameters"], json!(["/p:prod", "/q"]));
    let values = several["Parameters"].as_array().expect("a list").iter();
    let values: Vec<_> = values
        .map(|it| it["Value"].as_str().unwrap_or(""))
        .collect();
    assert_eq!(values, ["three", "two"]);
}

#[tokio::test]
async fn a_hundred_versions_are_kept_and_a_label_holds_the_oldest() {
    let harness = house().await;
    for number in 1..=101 {
        assert_eq!(
            put(&harness, "/p", &format!("v{number}")).await["Version"],
            number
        );
    }
    let gone = code(&harness, "root", "GetParameter", json!({ "Name": "/p:1" })).await;
    assert_eq!(gone, "ParameterVersionNotFound");
    assert_eq!(get(&harness, "/p:2").await["Value"], "v2");
    let (mut numbers, mut token) = (Vec::new(), None);
    loop {
        let mut input = json!({ "Name": "/p", "MaxResults": 30 });
        if let Some(token) = token {
            input["NextToken"] = token;
        }
        let mut page = done(&harness, "root", "GetParameterHistory", input).await;
        let versions = page["Parameters"].as_array().expect("a list");
        numbers.extend(versions.iter().filter_map(|it| it["Version"].as_i64()));
        token = page.get_mut("NextToken").map(serde_json::Value::take);
        if token.is_none() {
            break;
        }
    }
    assert_eq!(numbers, (2..=101).collect::<Vec<_>>());
    let label = json!({ "Name": "/p", "ParameterVersion": 2, "Labels": ["old"] });
    done(&harness, "root", "LabelParameterVersion", label).await;
    let input = json!({ "Name": "/p", "Value": "v", "Overwrite": true });
    let (code, text) = refused(&harness, "root", "PutParameter", input).await;
    assert_eq!(code, "ParameterMaxVersionLimitExceeded");
    assert!(
        text.contains("Version 2, the oldest version, can't be deleted"),
        "{text}"
    );
    assert_eq!(get(&harness, "/p").await["Version"], 101);
}

#[tokio::test]
async fn an_update_keeps_what_belongs_to_the_parameter() {
    let harness = house().await;
    let more = json!({
        "Tags": [{ "Key": "team", "Value": "blue" }], "Tier": "Advanced", "Description": "d",
        "AllowedPattern": "[vw]",
    });
    make(&harness, "/p", more).await;
    let input = json!({ "Name": "/p", "Value": "w", "Overwrite": true });
    let put = done(&harness, "root", "PutParameter", input).await;
    assert_eq!(put, json!({ "Version": 2, "Tier": "Advanced" }));
    let input = json!({ "ResourceType": "Parameter", "ResourceId": "/p" });
    let tags = done(&harness, "root", "ListTagsForResource", input).await;
    assert_eq!(tags["TagList"], json!([{ "Key": "team", "Value": "blue" }]));
    let shown = done(&harness, "root", "DescribeParameters", json!({})).await;
    let shown = &shown["Parameters"][0];
    assert_eq!(
        (&shown["Description"], &shown["AllowedPattern"]),
        (&json!("d"), &json!("[vw]"))
    );
    let input = json!({ "Name": "/p", "Value": "x", "Overwrite": true });
    let mismatch = code(&harness, "root", "PutParameter", input).await;
    assert_eq!(mismatch, "ParameterPatternMismatchException");
    let input = json!({
        "Name": "/p", "Value": "x", "Overwrite": true, "Description": "", "AllowedPattern": "",
    });
    done(&harness, "root", "PutParameter", input).await;
    let shown = done(&harness, "root", "DescribeParameters", json!({})).await;
    let shown = shown["Parameters"][0].as_object().expect("an object");
    assert!(!shown.contains_key("Description") && !shown.contains_key("AllowedPattern"));
    let down = json!({ "Name": "/p", "Value": "w", "Overwrite": true, "Tier": "Standard" });
    let (code, text) = refused(&harness, "root", "PutParameter", down).await;
    assert_eq!(code, "ValidationException");
    assert!(
        text.starts_with("This parameter uses the advanced-parameter tier."),
        "{text}"
    );
}

#[tokio::test]
async fn what_is_deleted_is_gone_with_its_history() {
    let harness = house().await;
    put(&harness, "/p", "one").await;
    put(&harness, "/p", "two").await;
    put(&harness, "/q", "three").await;
    let input = json!({ "Names": ["/p", "/r", "/q"] });
    let deleted = done(&harness, "root", "DeleteParameters", input).await;
    let expected = json!({ "DeletedParameters": ["/p", "/q"], "InvalidParameters": ["/r"] });
    assert_eq!(deleted, expected);
    for operation in ["GetParameter", "GetParameterHistory", "DeleteParameter"] {
        let answer = call(&harness, "root", operation, json!({ "Name": "/p" })).await;
        assert_eq!(
            answer.code.as_deref(),
            Some("ParameterNotFound"),
            "{operation}"
        );
    }
    assert_eq!(put(&harness, "/p", "four").await["Version"], 1);
    let gone = code(&harness, "root", "GetParameter", json!({ "Name": "/p:2" })).await;
    assert_eq!(gone, "ParameterVersionNotFound");
}

#[tokio::test]
async fn concurrent_updates_each_make_a_version() {
    let harness = house().await;
    put(&harness, "/p", "0").await;
    let values: Vec<String> = (1..=20).map(|it| it.to_string()).collect();
    let puts = values.iter().map(|value| put(&harness, "/p", value));
    let mut running: Vec<_> = puts.map(Box::pin).collect();
    let mut versions = Vec::new();
    std::future::poll_fn(|cx| {
        running.retain_mut(|one| match one.as_mut().poll(cx) {
            std::task::Poll::Ready(done) => {
                versions.extend(done["Version"].as_i64());
                false
            }
            std::task::Poll::Pending => true,
        });
        match running.is_empty() {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
    versions.sort_unstable();
    assert_eq!(versions, (2..=21).collect::<Vec<_>>());
    let input = json!({ "Name": "/p" });
    let history = done(&harness, "root", "GetParameterHistory", input).await;
    let kept = history["Parameters"].as_array().expect("a list").iter();
    let mut kept: Vec<_> = kept
        .filter_map(|it| it["Value"].as_str()?.parse::<u8>().ok())
        .collect();
    kept.sort_unstable();
    assert_eq!(kept, (0..=20).collect::<Vec<u8>>());
}

#[tokio::test]
async fn bad_requests_get_the_errors_of_aws() {
    let harness = house().await;
    make(&harness, "/known", json!({})).await;
    for (more, expected) in [
        (json!({ "Name": "/a//b" }), "ValidationException"),
        (json!({ "Name": "/ü" }), "ValidationException"),
        (json!({ "Name": "n".repeat(2048) }), "ValidationException"),
        (json!({ "Name": "n".repeat(2049) }), "ValidationException"),
        (
            json!({ "Name": "/l".repeat(16) }),
            "HierarchyLevelLimitExceededException",
        ),
        (json!({ "Name": "/aws/service/x" }), "AccessDeniedException"),
        (json!({ "Value": "a {{ssm:b}}" }), "ValidationException"),
        (json!({ "Value": "" }), "ValidationException"),
        (json!({ "Value": "a".repeat(4097) }), "ValidationException"),
        (json!({ "Value": "ä".repeat(2049) }), "ValidationException"),
        (
            json!({ "Value": "a".repeat(8193), "Tier": "Advanced" }),
            "ValidationException",
        ),
        (
            json!({ "Value": "x", "DataType": "integer" }),
            "ValidationException",
        ),
        (
            json!({ "DataType": "json", "Value": "1" }),
            "ValidationException",
        ),
        (
            json!({ "Policies": "[{\"Type\":\"X\"}]" }),
            "InvalidPolicyTypeException",
        ),
        (
            json!({ "AllowedPattern": "[" }),
            "InvalidAllowedPatternException",
        ),
        (
            json!({ "AllowedPattern": "^\\d+$" }),
            "ParameterPatternMismatchException",
        ),
        (json!({ "Type": "Secret" }), "ValidationException"),
        (json!({ "KeyId": "alias/a" }), "ValidationException"),
        (
            json!({ "Overwrite": true, "Tags": [{ "Key": "a", "Value": "b" }] }),
            "ValidationException",
        ),
    ] {
        let mut input = json!({ "Name": "/new", "Value": "v", "Type": "String" });
        crate::house::merge(&mut input, more.clone());
        assert_eq!(
            code(&harness, "root", "PutParameter", input).await,
            expected,
            "{more}"
        );
    }
    let untyped = json!({ "Name": "/new", "Value": "v" });
    let (_, text) = refused(&harness, "root", "PutParameter", untyped).await;
    assert_eq!(
        text,
        "A parameter type is required when you create a parameter."
    );
    let gone = code(&harness, "root", "GetParameter", json!({ "Name": "/new" })).await;
    assert_eq!(gone, "ParameterNotFound");
}
