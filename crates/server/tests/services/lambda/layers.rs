//! Layers: their versions, who may use them, and functions that do.

use platform::testing::{ACCOUNT, Harness, REGION};
use serde_json::{Value, json};

use crate::lambda::house::{OTHER, call, done, house, new, package, refused, with};

fn layer_arn(account: &str, name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{account}:layer:{name}")
}

fn content(name: &str) -> Value {
    json!({ "LayerName": name, "Content": { "ZipFile": package("python/a.py", b"a = 1") } })
}

fn version(name: &str, number: i64) -> Value {
    json!({ "LayerName": name, "VersionNumber": number })
}

async fn publish(harness: &Harness, name: &str) -> Value {
    let answer = call(harness, "root", "PublishLayerVersion", content(name)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.body
}

#[tokio::test]
async fn versions_of_layers_come_and_go() {
    let harness = house().await;
    let mut input = content("l");
    input["CompatibleRuntimes"] = json!(["python3.12"]);
    input["CompatibleArchitectures"] = json!(["x86_64"]);
    input["LicenseInfo"] = json!("MIT");
    let first = done(&harness, "PublishLayerVersion", input).await;
    assert_eq!(first["Version"], 1);
    assert_eq!(first["LayerArn"], layer_arn(ACCOUNT, "l"));
    assert_eq!(
        first["LayerVersionArn"],
        format!("{}:1", layer_arn(ACCOUNT, "l"))
    );
    assert_eq!(first["CreatedDate"], "2026-01-01T00:00:00.000+0000");
    assert_eq!(publish(&harness, "l").await["Version"], 2);
    publish(&harness, "m").await;
    let shown = done(&harness, "GetLayerVersion", version("l", 1)).await;
    let by_arn = json!({ "Arn": first["LayerVersionArn"] });
    let by_arn = done(&harness, "GetLayerVersionByArn", by_arn).await;
    for answer in [&shown, &by_arn] {
        for member in [
            "LayerVersionArn",
            "Description",
            "CompatibleRuntimes",
            "LicenseInfo",
        ] {
            assert_eq!(answer[member], first[member], "{member}");
        }
        assert_eq!(
            answer["Content"]["CodeSha256"],
            first["Content"]["CodeSha256"]
        );
        assert!(
            answer["Content"]["Location"]
                .as_str()
                .expect("a link")
                .contains("/lambda/code/")
        );
    }
    let numbers = |page: &Value| {
        let versions = page["LayerVersions"].as_array().expect("a list").iter();
        versions
            .map(|one| one["Version"].as_i64().expect("a number"))
            .collect::<Vec<_>>()
    };
    let of = json!({ "LayerName": "l", "MaxItems": 1 });
    let page = done(&harness, "ListLayerVersions", of).await;
    assert_eq!(numbers(&page), [2]);
    let next = json!({ "LayerName": "l", "Marker": page["NextMarker"] });
    assert_eq!(
        numbers(&done(&harness, "ListLayerVersions", next).await),
        [1]
    );
    let suits = json!({ "CompatibleRuntime": "python3.12" });
    let layers = done(&harness, "ListLayers", suits).await;
    assert_eq!(layers["Layers"].as_array().expect("a list").len(), 1);
    assert_eq!(layers["Layers"][0]["LatestMatchingVersion"]["Version"], 1);
    assert_eq!(
        done(&harness, "ListLayers", json!({})).await["Layers"][0]["LatestMatchingVersion"]["Version"],
        2
    );
    for _ in 0..2 {
        let answer = call(&harness, "root", "DeleteLayerVersion", version("l", 2)).await;
        assert_eq!(answer.status, 204, "{}", answer.text);
    }
    let (code, text) = refused(&harness, "GetLayerVersion", version("l", 2)).await;
    assert_eq!(
        (code.as_str(), text.as_str()),
        (
            "ResourceNotFoundException",
            "The resource you requested does not exist."
        )
    );
    let (_, text) = refused(&harness, "GetLayerVersion", version("l", 0)).await;
    assert_eq!(text, "Layer Version Cannot be less than 1");
    // Numbers come once.
    assert_eq!(publish(&harness, "l").await["Version"], 3);
    let mut input = content("l");
    input["CompatibleRuntimes"] = json!(["python9"]);
    let (code, text) = refused(&harness, "PublishLayerVersion", input).await;
    assert_eq!(code, "ValidationException");
    assert!(
        text.contains("Value '[python9]' at 'compatibleRuntimes'"),
        "{text}"
    );
    let input = json!({ "LayerName": "l", "Content": { "ZipFile": "eHg=" } });
    let (_, text) = refused(&harness, "PublishLayerVersion", input).await;
    assert!(text.starts_with("Could not unzip uploaded file."), "{text}");
}

#[tokio::test]
async fn functions_lie_over_layers() {
    let harness = house().await;
    for name in ["a", "b", "c", "d", "e", "g"] {
        publish(&harness, name).await;
    }
    publish(&harness, "a").await;
    let arn = |name: &str, number: u32| format!("{}:{number}", layer_arn(ACCOUNT, name));
    let input = with("f", json!({ "Layers": [arn("a", 1), arn("b", 1)] }));
    let made = done(&harness, "CreateFunction", input).await;
    let layers: Vec<_> = made["Layers"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["Arn"].clone())
        .collect();
    assert_eq!(layers, [json!(arn("a", 1)), json!(arn("b", 1))]);
    assert!(made["Layers"][0]["CodeSize"].as_i64().expect("a size") > 0);
    let same = format!(
        "Two different versions of the same layer are not allowed to be referenced in the same function. {} and {} are versions of the same layer.",
        arn("a", 1),
        arn("a", 2)
    );
    let elsewhere = arn("a", 1).replace(REGION, "us-west-1");
    for (layers, expected) in [
        (vec![arn("a", 1), arn("a", 2)], same),
        (
            vec![arn("z", 1)],
            format!("Layer version {} does not exist.", arn("z", 1)),
        ),
        (
            vec![arn("a", 9)],
            format!("Layer version {} does not exist.", arn("a", 9)),
        ),
        (
            vec![elsewhere],
            format!(
                "Layers are not in the same region as the function. Layers are expected to be in region {REGION}."
            ),
        ),
        (
            ["a", "b", "c", "d", "e", "g"]
                .map(|name| arn(name, 1))
                .to_vec(),
            "Cannot reference more than 5 layers.".to_owned(),
        ),
    ] {
        let input = json!({ "FunctionName": "f", "Layers": layers });
        let (code, text) = refused(&harness, "UpdateFunctionConfiguration", input).await;
        assert_eq!(
            (code.as_str(), text),
            ("InvalidParameterValueException", expected)
        );
    }
    // A function keeps what it has.
    done(&harness, "DeleteLayerVersion", version("a", 1)).await;
    let shown = done(
        &harness,
        "GetFunctionConfiguration",
        json!({ "FunctionName": "f" }),
    )
    .await;
    assert_eq!(shown["Layers"], made["Layers"]);
    let input = json!({ "FunctionName": "f", "Layers": [] });
    let changed = done(&harness, "UpdateFunctionConfiguration", input).await;
    assert!(changed.get("Layers").is_none());
}

#[tokio::test]
async fn layers_are_used_by_whoever_may() {
    let harness = house().await;
    publish(&harness, "l").await;
    let arn = format!("{}:1", layer_arn(ACCOUNT, "l"));
    let of = |more: Value| {
        let mut input = version("l", 1);
        for (member, value) in more.as_object().expect("an object") {
            input[member] = value.clone();
        }
        input
    };
    let (_, text) = refused(&harness, "GetLayerVersionPolicy", version("l", 1)).await;
    assert_eq!(text, "No policy is associated with the given resource.");
    let by_arn = json!({ "Arn": arn });
    let get = call(&harness, "other", "GetLayerVersionByArn", by_arn.clone()).await;
    assert_eq!(get.code.as_deref(), Some("AccessDeniedException"));
    let permission =
        of(json!({ "StatementId": "s", "Action": "lambda:GetLayerVersion", "Principal": OTHER }));
    let answer = call(
        &harness,
        "root",
        "AddLayerVersionPermission",
        permission.clone(),
    )
    .await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let statement = format!(
        r#"{{"Sid":"s","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{OTHER}:root"}},"Action":"lambda:GetLayerVersion","Resource":"{arn}"}}"#
    );
    assert_eq!(answer.body["Statement"], statement);
    let get = call(&harness, "other", "GetLayerVersionByArn", by_arn.clone()).await;
    assert_eq!(get.status, 200, "{}", get.text);
    let get = call(
        &harness,
        "other",
        "GetLayerVersion",
        json!({ "LayerName": layer_arn(ACCOUNT, "l"), "VersionNumber": 1 }),
    )
    .await;
    assert_eq!(get.status, 200, "{}", get.text);
    let gone = call(
        &harness,
        "other",
        "DeleteLayerVersion",
        json!({ "LayerName": layer_arn(ACCOUNT, "l"), "VersionNumber": 1 }),
    )
    .await;
    assert_eq!(gone.status, 403);
    let policy = done(&harness, "GetLayerVersionPolicy", version("l", 1)).await;
    assert_eq!(policy["RevisionId"], answer.body["RevisionId"]);
    assert_eq!(
        policy["Policy"],
        format!(r#"{{"Version":"2012-10-17","Id":"default","Statement":[{statement}]}}"#)
    );
    let (code, text) = refused(&harness, "AddLayerVersionPermission", permission).await;
    assert_eq!(code, "ResourceConflictException");
    assert!(
        text.starts_with("The statement id (s) provided already exists."),
        "{text}"
    );
    let late = of(json!({ "StatementId": "s", "RevisionId": "wrong" }));
    let (code, text) = refused(&harness, "RemoveLayerVersionPermission", late).await;
    assert_eq!(code, "PreconditionFailedException");
    assert!(text.contains("Call the GetLayerPolicy API"), "{text}");
    done(
        &harness,
        "RemoveLayerVersionPermission",
        of(json!({ "StatementId": "s" })),
    )
    .await;
    let get = call(&harness, "other", "GetLayerVersionByArn", by_arn).await;
    assert_eq!(get.status, 403);
    // Whoever may make functions may not use every layer.
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": ["lambda:CreateFunction", "iam:PassRole"], "Resource": "*" } ] });
    harness.user("maker", &[&policy.to_string()]);
    let input = with("f", json!({ "Layers": [arn] }));
    let made = call(&harness, "maker", "CreateFunction", input).await;
    assert_eq!(made.code.as_deref(), Some("AccessDeniedException"));
    assert!(
        made.message().contains("lambda:GetLayerVersion"),
        "{}",
        made.text
    );
    assert_eq!(
        call(&harness, "maker", "CreateFunction", new("f"))
            .await
            .status,
        201
    );
}
