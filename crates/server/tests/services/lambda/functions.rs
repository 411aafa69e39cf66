//! Making, changing, listing and deleting functions.

use platform::testing::{ACCOUNT, REGION};
use serde_json::json;

use crate::lambda::house::{arn, call, done, house, new, refused, role, with};

#[tokio::test]
async fn a_function_is_shown_as_it_was_made() {
    let harness = house().await;
    let answer = call(&harness, "root", "CreateFunction", new("f")).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let made = answer.body;
    assert_eq!(made["State"], "Pending");
    assert_eq!(made["StateReasonCode"], "Creating");
    assert!(made.get("LastUpdateStatus").is_none());
    let shown = done(
        &harness,
        "GetFunctionConfiguration",
        json!({ "FunctionName": "f" }),
    )
    .await;
    assert_eq!(shown["State"], "Active");
    assert_eq!(shown["LastUpdateStatus"], "Successful");
    for (member, expected) in [
        ("FunctionName", json!("f")),
        ("FunctionArn", json!(arn("f"))),
        ("Runtime", json!("python3.12")),
        ("Role", json!(role("worker"))),
        ("Handler", json!("index.handler")),
        ("Description", json!("")),
        ("Timeout", json!(3)),
        ("MemorySize", json!(128)),
        ("LastModified", json!("2026-01-01T00:00:00.000+0000")),
        ("Version", json!("$LATEST")),
        ("TracingConfig", json!({ "Mode": "PassThrough" })),
        ("PackageType", json!("Zip")),
        ("Architectures", json!(["x86_64"])),
        ("EphemeralStorage", json!({ "Size": 512 })),
        (
            "SnapStart",
            json!({ "ApplyOn": "None", "OptimizationStatus": "Off" }),
        ),
        (
            "LoggingConfig",
            json!({ "LogFormat": "Text", "LogGroup": "/aws/lambda/f" }),
        ),
    ] {
        assert_eq!(shown[member], expected, "{member}");
        assert_eq!(made[member], expected, "{member}");
    }
    for absent in [
        "Environment",
        "KMSKeyArn",
        "Layers",
        "DeadLetterConfig",
        "VpcConfig",
    ] {
        assert!(shown.get(absent).is_none(), "{absent}");
    }
    let second = refused(&harness, "CreateFunction", new("f")).await;
    assert_eq!(second.0, "ResourceConflictException");
    assert_eq!(second.1, "Function already exist: f");
}

#[tokio::test]
async fn a_function_has_many_names() {
    let harness = house().await;
    done(&harness, "CreateFunction", new("f")).await;
    for name in [
        "f".to_owned(),
        "f:$LATEST".to_owned(),
        "function:f".to_owned(),
        format!("{ACCOUNT}:f"),
        format!("{ACCOUNT}:function:f"),
        format!("{REGION}:{ACCOUNT}:function:f"),
        arn("f"),
        format!("{}:$LATEST", arn("f")),
    ] {
        let shown = done(
            &harness,
            "GetFunctionConfiguration",
            json!({ "FunctionName": name }),
        )
        .await;
        assert_eq!(shown["FunctionName"], "f", "{name}");
        assert_eq!(
            shown["FunctionArn"]
                .as_str()
                .expect("an ARN")
                .ends_with("LATEST"),
            name.ends_with("LATEST")
        );
    }
    let input = json!({ "FunctionName": "f:1", "Qualifier": "2" });
    let (code, text) = refused(&harness, "GetFunctionConfiguration", input).await;
    assert_eq!(code, "InvalidParameterValueException");
    assert_eq!(
        text,
        "The derived qualifier from the function name does not match the specified qualifier."
    );
    let elsewhere = arn("f").replace(REGION, "us-west-1");
    let (code, text) = refused(
        &harness,
        "GetFunction",
        json!({ "FunctionName": elsewhere }),
    )
    .await;
    assert_eq!(code, "ResourceNotFoundException");
    assert!(
        text.starts_with("Functions from 'us-west-1' are not reachable in this region"),
        "{text}"
    );
    let input = json!({ "FunctionName": "g", "Qualifier": "7" });
    let (code, text) = refused(&harness, "GetFunction", input).await;
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(text, format!("Function not found: {}:7", arn("g")));
    let long = "n".repeat(65);
    let (code, text) = refused(&harness, "CreateFunction", new(&long)).await;
    assert_eq!(code, "InvalidParameterValueException");
    assert!(
        text.ends_with("Member must have length less than or equal to 64"),
        "{text}"
    );
}

#[tokio::test]
async fn settings_are_checked() {
    let harness = house().await;
    for (more, expected) in [
        (
            json!({ "MemorySize": 10241 }),
            "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to 10240",
        ),
        (json!({ "Timeout": 901 }), "'Timeout' value failed"),
        (
            json!({ "EphemeralStorage": { "Size": 10241 } }),
            "'EphemeralStorage' value failed",
        ),
        (
            json!({ "Runtime": "python2.7" }),
            "The runtime parameter of python2.7 is no longer supported",
        ),
        (
            json!({ "Runtime": "python9" }),
            "Value python9 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [nodejs24.x, ",
        ),
        (
            json!({ "Runtime": "java21" }),
            "This server does not support the runtime java21",
        ),
        (
            json!({ "Runtime": null }),
            "Runtime and Handler are mandatory parameters",
        ),
        (
            json!({ "Handler": null }),
            "Runtime and Handler are mandatory parameters",
        ),
        (json!({ "PackageType": "Image" }), "container images"),
        (
            json!({ "Code": {} }),
            "Please provide a source for function code.",
        ),
        (
            json!({ "Code": { "S3Bucket": "bucket", "S3Key": "key" } }),
            "deployment packages in Amazon S3",
        ),
        (
            json!({ "Code": { "S3Bucket": "bucket", "S3Key": "key", "ZipFile": "UEs=" } }),
            "Please do not provide other FunctionCode parameters",
        ),
        (
            json!({ "VpcConfig": { "SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"] } }),
            "the parameter VpcConfig",
        ),
        (
            json!({ "Layers": [format!("arn:aws:lambda:{REGION}:{ACCOUNT}:layer:l:1")] }),
            "Layer version",
        ),
        (
            json!({ "DeadLetterConfig": { "TargetArn": "arn:aws:s3:::bucket" } }),
            "neither a standard Amazon SQS queue",
        ),
        (
            json!({ "SnapStart": { "ApplyOn": "PublishedVersions" }, "Runtime": "python3.9" }),
            "python3.9 is not supported for SnapStart",
        ),
        (
            json!({ "TracingConfig": { "Mode": "Active" } }),
            "active tracing",
        ),
        (
            json!({ "LoggingConfig": { "SystemLogLevel": "WARN" } }),
            "LogFormat has to be JSON",
        ),
        (
            json!({ "Role": role("stranger") }),
            "The role defined for the function cannot be assumed by Lambda.",
        ),
        (
            json!({ "Role": role("nobody") }),
            "The role defined for the function cannot be assumed by Lambda.",
        ),
        (
            json!({ "Tags": { "aws:x": "y" } }),
            "reserved for system use",
        ),
    ] {
        let (code, text) = refused(&harness, "CreateFunction", with("f", more)).await;
        assert_eq!(code, "InvalidParameterValueException", "{text}");
        assert!(text.contains(expected), "{text}");
    }
    let (code, text) = refused(
        &harness,
        "CreateFunction",
        with("f", json!({ "MemorySize": 127 })),
    )
    .await;
    assert_eq!(code, "ValidationException");
    assert!(
        text.contains("Value '127' at 'memorySize' failed to satisfy constraint"),
        "{text}"
    );
    // None of these left anything.
    let listed = done(&harness, "ListFunctions", json!({})).await;
    assert_eq!(listed["Functions"], json!([]));
}

#[tokio::test]
async fn configuration_changes_with_its_revision() {
    let harness = house().await;
    let made = done(&harness, "CreateFunction", new("f")).await;
    harness.clock.advance(5);
    let input = json!({
        "FunctionName": "f", "Timeout": 900, "MemorySize": 10240, "Description": "d",
        "Handler": "other.handler", "Runtime": "nodejs22.x", "EphemeralStorage": { "Size": 10240 },
        "LoggingConfig": { "LogFormat": "JSON", "LogGroup": "g" },
        "DeadLetterConfig": { "TargetArn": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:q") },
        "RevisionId": made["RevisionId"], "VpcConfig": { "SubnetIds": [], "SecurityGroupIds": [] },
    });
    let changed = done(&harness, "UpdateFunctionConfiguration", input).await;
    assert_eq!(changed["LastUpdateStatus"], "InProgress");
    assert_eq!(changed["State"], "Active");
    assert_eq!(changed["Timeout"], 900);
    assert_eq!(changed["LastModified"], "2026-01-01T00:00:05.000+0000");
    assert_eq!(
        changed["LoggingConfig"],
        json!({
            "LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", "LogGroup": "g",
        })
    );
    assert_ne!(changed["RevisionId"], made["RevisionId"]);
    let input = json!({ "FunctionName": "f", "Timeout": 1, "RevisionId": made["RevisionId"] });
    let late = call(&harness, "root", "UpdateFunctionConfiguration", input).await;
    assert_eq!(late.status, 412);
    assert_eq!(late.code.as_deref(), Some("PreconditionFailedException"));
    assert_eq!(late.body["Type"], "User");
    let input = json!({ "FunctionName": "f", "DeadLetterConfig": { "TargetArn": "" } });
    let changed = done(&harness, "UpdateFunctionConfiguration", input).await;
    assert!(changed.get("DeadLetterConfig").is_none());
    assert_eq!(changed["Timeout"], 900);
}

#[tokio::test]
async fn functions_are_listed_in_pages_and_deleted() {
    let harness = house().await;
    for name in ["c", "a", "b"] {
        done(
            &harness,
            "CreateFunction",
            with(name, json!({ "Publish": true })),
        )
        .await;
    }
    let page = done(&harness, "ListFunctions", json!({ "MaxItems": 2 })).await;
    let names = |page: &serde_json::Value| {
        let functions = page["Functions"].as_array().expect("a list").iter();
        functions
            .map(|one| one["FunctionArn"].as_str().expect("an ARN").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&page), [arn("a"), arn("b")]);
    assert!(page["Functions"][0].get("State").is_none());
    let next = json!({ "Marker": page["NextMarker"] });
    let page = done(&harness, "ListFunctions", next).await;
    assert_eq!(names(&page), [arn("c")]);
    assert!(page.get("NextMarker").is_none());
    let all = done(
        &harness,
        "ListFunctions",
        json!({ "FunctionVersion": "ALL" }),
    )
    .await;
    assert_eq!(
        names(&all)[..2],
        [format!("{}:$LATEST", arn("a")), format!("{}:1", arn("a"))]
    );
    assert_eq!(names(&all).len(), 6);
    let (code, _) = refused(
        &harness,
        "DeleteFunction",
        json!({ "FunctionName": "a:$LATEST" }),
    )
    .await;
    assert_eq!(code, "InvalidParameterValueException");
    let answer = call(
        &harness,
        "root",
        "DeleteFunction",
        json!({ "FunctionName": "a" }),
    )
    .await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    for qualifier in [json!(null), json!("1")] {
        let input = json!({ "FunctionName": "a", "Qualifier": qualifier });
        assert_eq!(
            refused(&harness, "GetFunction", input).await.0,
            "ResourceNotFoundException"
        );
    }
    // Nothing of the first one is left for the next of its name.
    done(&harness, "CreateFunction", new("a")).await;
    let versions = done(
        &harness,
        "ListVersionsByFunction",
        json!({ "FunctionName": "a" }),
    )
    .await;
    assert_eq!(versions["Versions"].as_array().expect("a list").len(), 1);
    let made = done(&harness, "PublishVersion", json!({ "FunctionName": "a" })).await;
    assert_eq!(made["Version"], "1");
}

#[tokio::test]
async fn concurrency_is_reserved_and_given_back() {
    let harness = house().await;
    done(&harness, "CreateFunction", new("f")).await;
    let of = |name: &str| json!({ "FunctionName": name });
    assert_eq!(
        done(&harness, "GetFunctionConcurrency", of("f")).await,
        json!({})
    );
    let input = json!({ "FunctionName": "f", "ReservedConcurrentExecutions": 900 });
    assert_eq!(
        done(&harness, "PutFunctionConcurrency", input).await,
        json!({ "ReservedConcurrentExecutions": 900 })
    );
    let shown = done(&harness, "GetFunction", of("f")).await;
    assert_eq!(
        shown["Concurrency"],
        json!({ "ReservedConcurrentExecutions": 900 })
    );
    let settings = done(&harness, "GetAccountSettings", json!({})).await;
    assert_eq!(
        settings["AccountLimit"],
        json!({
            "TotalCodeSize": 80_530_636_800_i64, "CodeSizeUnzipped": 262_144_000, "CodeSizeZipped": 52_428_800,
            "ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 100,
        })
    );
    assert_eq!(settings["AccountUsage"]["FunctionCount"], 1);
    done(&harness, "CreateFunction", new("g")).await;
    let input = json!({ "FunctionName": "g", "ReservedConcurrentExecutions": 1 });
    let (code, text) = refused(&harness, "PutFunctionConcurrency", input).await;
    assert_eq!(code, "InvalidParameterValueException");
    assert!(
        text.ends_with("below its minimum value of [100]."),
        "{text}"
    );
    let input = json!({ "FunctionName": "f:1", "ReservedConcurrentExecutions": 1 });
    let (code, text) = refused(&harness, "PutFunctionConcurrency", input).await;
    assert_eq!(code, "InvalidParameterValueException");
    assert!(
        text.starts_with("This operation is permitted on Lambda functions only."),
        "{text}"
    );
    let answer = call(&harness, "root", "DeleteFunctionConcurrency", of("f")).await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    assert_eq!(
        done(&harness, "GetFunctionConcurrency", of("f")).await,
        json!({})
    );
}

#[tokio::test]
async fn tags_are_of_functions_alone() {
    let harness = house().await;
    done(
        &harness,
        "CreateFunction",
        with("f", json!({ "Tags": { "b": "2", "a": "1" } })),
    )
    .await;
    let input = json!({ "Resource": arn("f"), "Tags": { "c": "3", "a": "0" } });
    let answer = call(&harness, "root", "TagResource", input).await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    let input = json!({ "Resource": arn("f"), "TagKeys": ["b", "x"] });
    done(&harness, "UntagResource", input).await;
    let tags = done(&harness, "ListTags", json!({ "Resource": arn("f") })).await;
    assert_eq!(tags, json!({ "Tags": { "a": "0", "c": "3" } }));
    assert_eq!(
        done(&harness, "GetFunction", json!({ "FunctionName": "f" })).await["Tags"],
        tags["Tags"]
    );
    let version = format!("{}:1", arn("f"));
    let (code, text) = refused(&harness, "ListTags", json!({ "Resource": version })).await;
    assert_eq!(code, "InvalidParameterValueException");
    assert!(
        text.starts_with("Tags on function aliases and versions"),
        "{text}"
    );
    let many: serde_json::Map<_, _> = (0..51).map(|n| (format!("k{n}"), json!("v"))).collect();
    let input = json!({ "Resource": arn("f"), "Tags": many });
    assert_eq!(
        refused(&harness, "TagResource", input).await.0,
        "InvalidParameterValueException"
    );
}

#[tokio::test]
async fn runtimes_are_managed() {
    let harness = house().await;
    done(&harness, "CreateFunction", new("f")).await;
    let of = json!({ "FunctionName": "f" });
    let shown = done(&harness, "GetRuntimeManagementConfig", of.clone()).await;
    let latest = format!("{}:$LATEST", arn("f"));
    assert_eq!(
        shown,
        json!({ "UpdateRuntimeOn": "Auto", "FunctionArn": latest })
    );
    let configuration = done(&harness, "GetFunctionConfiguration", of.clone()).await;
    let version = &configuration["RuntimeVersionConfig"]["RuntimeVersionArn"];
    let input = json!({ "FunctionName": "f", "UpdateRuntimeOn": "Manual" });
    assert_eq!(
        refused(&harness, "PutRuntimeManagementConfig", input)
            .await
            .0,
        "InvalidParameterValueException"
    );
    let input =
        json!({ "FunctionName": "f", "UpdateRuntimeOn": "Manual", "RuntimeVersionArn": version });
    done(&harness, "PutRuntimeManagementConfig", input).await;
    let shown = done(&harness, "GetRuntimeManagementConfig", of).await;
    assert_eq!(shown["RuntimeVersionArn"], *version);
    let signing = json!({ "FunctionName": "f" });
    assert_eq!(
        done(&harness, "GetFunctionCodeSigningConfig", signing).await,
        json!({ "FunctionName": "f" })
    );
}

#[tokio::test]
async fn calls_over_a_rate_say_who_was_too_fast() {
    let harness = house().await;
    harness.pipeline.limit_rates();
    for number in 0..15 {
        let operation = ["ListFunctions", "GetAccountSettings", "ListLayers"][number % 3];
        done(&harness, operation, json!({})).await;
    }
    let answer = harness
        .rest("root", "lambda", "ListFunctions", json!({}))
        .await;
    assert_eq!(answer.status, 429, "{}", answer.text);
    assert_eq!(answer.code.as_deref(), Some("TooManyRequestsException"));
    assert_eq!(answer.message(), "Rate exceeded");
    assert_eq!(answer.body["Type"], "User");
    assert_eq!(answer.body["Reason"], "CallerRateLimitExceeded");
    // Others of the account have rates of their own.
    let (code, _) = refused(&harness, "GetPolicy", json!({ "FunctionName": "f" })).await;
    assert_eq!(code, "ResourceNotFoundException");
    harness.clock.advance(1);
    done(&harness, "ListFunctions", json!({})).await;
}
