//! Rotation: the four steps, what is seen of them, and who may have it done.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use platform::testing::{Answer, Harness};
use platform::{Clock as _, FunctionAnswer, FunctionFailure};
use serde_json::{Value, json};

use crate::secrets::house::{allowing, call, code, done, get, house, make, put, refused, token};

/// The function of most tests.
pub(crate) const FUNCTION: &str = "arn:aws:lambda:eu-west-2:111122223333:function:rotate";
pub(crate) const INCOMPLETE: &str =
    "A previous rotation isn't complete. That rotation will be reattempted.";
const DAY: i64 = 24 * 60 * 60;

/// What the function does with an event.
pub(crate) enum Act {
    /// What AWS's template does.
    AsUsual,
    /// It fails.
    Fail,
    /// Nothing, and says that all is well.
    Nothing,
    /// It never ends; before that it may do what AWS's template does.
    Hang {
        does: bool,
        /// Counts those that hang.
        hanging: Arc<AtomicUsize>,
    },
}

/// A house with a function that rotates as AWS's template does.
pub(crate) async fn rotating_house() -> Arc<Harness> {
    let harness = Arc::new(house().await);
    script(&harness, |_| Act::AsUsual);
    harness
}

/// Lets the function do with each event what `act` says.
pub(crate) fn script(harness: &Arc<Harness>, act: impl Fn(&Value) -> Act + Send + Sync + 'static) {
    let weak = Arc::downgrade(harness);
    let does = move |event: Bytes| {
        let harness = weak.upgrade().expect("a house");
        let event: Value = serde_json::from_slice(&event).expect("JSON");
        let act = act(&event);
        let answer = async move {
            let error = match act {
                Act::AsUsual => step(&harness, &event).await.err(),
                Act::Fail => Some("no".to_owned()),
                Act::Nothing => None,
                Act::Hang { does, hanging } => {
                    if does {
                        step(&harness, &event).await.expect("a step");
                    }
                    drop(harness);
                    hanging.fetch_add(1, Ordering::Relaxed);
                    std::future::pending().await
                }
            };
            Ok(FunctionAnswer {
                payload: Bytes::from(json!({ "errorMessage": error }).to_string()),
                error: error.map(|_| "Unhandled".to_owned()),
            })
        };
        Box::pin(answer) as _
    };
    harness.functions.script(FUNCTION, Arc::new(does));
}

/// A step, as AWS's template does it.
async fn step(harness: &Harness, event: &Value) -> Result<(), String> {
    let (id, token) = (&event["SecretId"], &event["ClientRequestToken"]);
    let described = done(harness, "root", "DescribeSecret", json!({ "SecretId": id })).await;
    let stages = &described["VersionIdsToStages"];
    let labels = &stages[token.as_str().expect("a token")];
    let has = |label: &str| {
        labels
            .as_array()
            .is_some_and(|it| it.contains(&json!(label)))
    };
    if labels.is_null() {
        return Err("the version has no stage".to_owned());
    }
    if has("AWSCURRENT") {
        return Ok(());
    }
    if !has("AWSPENDING") {
        return Err("the version is not pending".to_owned());
    }
    let pending = json!({ "SecretId": id, "VersionId": token, "VersionStage": "AWSPENDING" });
    match event["Step"].as_str().expect("a step") {
        "createSecret" => {
            let known = call(harness, "root", "GetSecretValue", pending).await;
            if known.status == 200 {
                return Ok(());
            }
            let text = format!(
                "Secrets Manager can't find the specified secret value for VersionId: {}",
                token.as_str().expect("a token")
            );
            assert_eq!(
                (known.code.as_deref(), known.message()),
                (Some("ResourceNotFoundException"), &*text)
            );
            let input = json!({
                "SecretId": id,
                "ClientRequestToken": token,
                "SecretString": format!("made by {token}"),
                "VersionStages": ["AWSPENDING"],
                "RotationToken": event["RotationToken"],
            });
            done(harness, "root", "PutSecretValue", input).await;
        }
        "finishSecret" => {
            let all = stages.as_object().expect("stages");
            let is_current = |labels: &Value| {
                labels
                    .as_array()
                    .is_some_and(|it| it.contains(&json!("AWSCURRENT")))
            };
            let current = all.iter().find(|(_, labels)| is_current(labels));
            let input = json!({
                "SecretId": id,
                "VersionStage": "AWSCURRENT",
                "MoveToVersionId": token,
                "RemoveFromVersionId": current.map(|(id, _)| id),
            });
            done(harness, "root", "UpdateSecretVersionStage", input).await;
        }
        _ => {
            done(harness, "root", "GetSecretValue", pending).await;
        }
    }
    Ok(())
}

/// What `RotateSecret` is called with, and `more`.
pub(crate) fn rotation(number: u32, more: Value) -> Value {
    let mut input = json!({
        "SecretId": "s",
        "ClientRequestToken": token(number),
        "RotationLambdaARN": FUNCTION,
        "RotationRules": { "AutomaticallyAfterDays": 30 },
    });
    for (name, value) in more.as_object().expect("an object") {
        input[name] = value.clone();
    }
    input
}

/// The steps that were run since this was asked last.
pub(crate) fn steps(harness: &Harness) -> Vec<String> {
    let ran = harness.functions.ran().into_iter();
    let names = ran.map(|(_, event)| {
        let event: Value = serde_json::from_slice(&event).expect("JSON");
        event["Step"].as_str().expect("a step").to_owned()
    });
    names.collect()
}

/// The events of rotations, the first one first.
pub(crate) async fn events(harness: &Harness) -> Vec<Value> {
    let mut reader = harness.pipeline.store().journal_reader(1);
    let mut found = Vec::new();
    while let Some(entry) = reader.next().expect("an entry") {
        let event: Value = serde_json::from_slice(&entry.payload).expect("JSON");
        if event["eventType"] == "AwsServiceEvent"
            && event["eventSource"] == "secretsmanager.amazonaws.com"
        {
            found.push(event);
        }
    }
    found
}

/// Their names.
pub(crate) async fn told(harness: &Harness) -> Vec<String> {
    let events = events(harness).await;
    let names = events
        .iter()
        .map(|event| event["eventName"].as_str().expect("a name").to_owned());
    names.collect()
}

pub(crate) async fn describe(harness: &Harness) -> Value {
    done(
        harness,
        "root",
        "DescribeSecret",
        json!({ "SecretId": "s" }),
    )
    .await
}

pub(crate) const ALL: [&str; 4] = ["createSecret", "setSecret", "testSecret", "finishSecret"];

#[tokio::test]
async fn four_steps_make_a_version_and_then_the_current_one() {
    let harness = rotating_house().await;
    let arn = make(&harness, "s", "old").await;
    let begun = done(&harness, "root", "RotateSecret", rotation(1, json!({}))).await;
    assert_eq!(
        begun,
        json!({ "ARN": arn, "Name": "s", "VersionId": token(1) })
    );
    // Nothing is done before the function has run, but for the version without a value.
    let shown = describe(&harness).await;
    let stages = json!({ token(0): ["AWSCURRENT"], token(1): ["AWSPENDING"] });
    assert_eq!(shown["VersionIdsToStages"], stages);
    let pending = json!({ "SecretId": "s", "VersionStage": "AWSPENDING" });
    let (refusal, text) = refused(&harness, "root", "GetSecretValue", pending).await;
    assert_eq!(refusal, "ResourceNotFoundException");
    assert!(text.ends_with("for staging label: AWSPENDING"), "{text}");
    assert_eq!(get(&harness, "root", "s").await, "old");

    assert_eq!(harness.run_deliveries().await, 1);
    let ran = harness.functions.ran();
    let first: Value = serde_json::from_slice(&ran[0].1).expect("JSON");
    assert_eq!(first["SecretId"], arn);
    assert_eq!(first["ClientRequestToken"], token(1));
    assert_eq!(first.as_object().map(serde_json::Map::len), Some(4));
    assert_eq!(ran[0].0.service, "secretsmanager.amazonaws.com");
    assert_eq!(
        (&*ran[0].0.source_arn, &*ran[0].0.source_account),
        (&*arn, "111122223333")
    );
    let steps: Vec<Value> = ran
        .iter()
        .map(|(_, event)| serde_json::from_slice::<Value>(event).expect("JSON")["Step"].clone())
        .collect();
    assert_eq!(steps, ALL);
    assert_eq!(
        get(&harness, "root", "s").await,
        format!("made by \"{}\"", token(1))
    );
    let shown = describe(&harness).await;
    let now = harness.clock.now().millis / 1000;
    assert_eq!(shown["RotationEnabled"], true);
    assert_eq!(shown["RotationLambdaARN"], FUNCTION);
    assert_eq!(
        shown["RotationRules"],
        json!({ "AutomaticallyAfterDays": 30 })
    );
    assert_eq!(shown["LastRotatedDate"].as_i64(), Some(now));
    // The end of the day, 30 days on.
    assert_eq!(shown["NextRotationDate"].as_i64(), Some(now + 31 * DAY - 1));
    let stages = json!({ token(0): ["AWSPREVIOUS"], token(1): ["AWSPENDING", "AWSCURRENT"] });
    assert_eq!(shown["VersionIdsToStages"], stages);
    assert_eq!(
        told(&harness).await,
        ["RotationStarted", "RotationSucceeded"]
    );
    // That both labels are at one version is no rotation under way.
    done(&harness, "root", "RotateSecret", rotation(2, json!({}))).await;
    harness.run_deliveries().await;
    assert_eq!(
        get(&harness, "root", "s").await,
        format!("made by \"{}\"", token(2))
    );
}

#[tokio::test]
async fn events_name_the_secret_as_aws_does() {
    let harness = rotating_house().await;
    let arn = make(&harness, "s", "old").await;
    done(&harness, "root", "RotateSecret", rotation(1, json!({}))).await;
    harness.run_deliveries().await;
    let event = &events(&harness).await[1];
    let service = "secretsmanager.amazonaws.com";
    assert_eq!(event["eventName"], "RotationSucceeded");
    assert_eq!(
        event["userIdentity"],
        json!({ "accountId": "111122223333", "invokedBy": service })
    );
    assert_eq!(event["sourceIPAddress"], service);
    assert_eq!(event["userAgent"], service);
    assert_eq!(event["additionalEventData"], json!({ "SecretId": arn }));
    assert_eq!(event["requestID"], format!("Rotation-{arn}-{}", token(1)));
    assert_eq!(event["managementEvent"], true);
    assert_eq!(event.get("resources"), None);
    assert_eq!(event.get("errorMessage"), None);
}

#[tokio::test]
async fn the_same_request_again_begins_nothing() {
    let harness = rotating_house().await;
    make(&harness, "s", "old").await;
    let input = rotation(1, json!({}));
    let begun = done(&harness, "root", "RotateSecret", input.clone()).await;
    assert_eq!(
        done(&harness, "root", "RotateSecret", input.clone()).await,
        begun
    );
    assert_eq!(harness.run_deliveries().await, 1);
    assert_eq!(done(&harness, "root", "RotateSecret", input).await, begun);
    assert_eq!(harness.run_deliveries().await, 0);
    assert_eq!(steps(&harness), ALL);
    // The id of a version that no rotation made.
    let (refusal, _) = refused(&harness, "root", "RotateSecret", rotation(0, json!({}))).await;
    assert_eq!(refusal, "ResourceExistsException");
}

#[tokio::test]
async fn two_rotations_at_once_are_refused() {
    let harness = rotating_house().await;
    make(&harness, "s", "old").await;
    done(&harness, "root", "RotateSecret", rotation(1, json!({}))).await;
    let more = json!({ "RotationRules": { "AutomaticallyAfterDays": 5 } });
    let refusal = refused(&harness, "root", "RotateSecret", rotation(2, more)).await;
    assert_eq!(
        refusal,
        ("InvalidRequestException".to_owned(), INCOMPLETE.to_owned())
    );
    harness.run_deliveries().await;
    assert_eq!(steps(&harness), ALL);
    assert_eq!(
        describe(&harness).await["RotationRules"]["AutomaticallyAfterDays"],
        30
    );
}

#[tokio::test]
async fn a_test_sees_the_current_value_and_leaves_nothing() {
    let harness = rotating_house().await;
    make(&harness, "s", "old").await;
    let more = json!({ "RotateImmediately": false });
    let begun = done(&harness, "root", "RotateSecret", rotation(1, more.clone())).await;
    assert_eq!(begun["VersionId"], token(1));
    let pending = json!({ "SecretId": "s", "VersionStage": "AWSPENDING" });
    let seen = done(&harness, "root", "GetSecretValue", pending.clone()).await;
    assert_eq!(
        (&seen["SecretString"], &seen["VersionId"]),
        (&json!("old"), &json!(token(1)))
    );
    harness.run_deliveries().await;
    assert_eq!(steps(&harness), ["testSecret"]);
    assert_eq!(
        told(&harness).await,
        ["TestRotationStarted", "TestRotationSucceeded"]
    );
    let shown = describe(&harness).await;
    assert_eq!(
        shown["VersionIdsToStages"],
        json!({ token(0): ["AWSCURRENT"] })
    );
    assert_eq!(shown["RotationEnabled"], true);
    assert_eq!(shown.get("LastRotatedDate"), None);
    let input = json!({ "SecretId": "s", "IncludeDeprecated": true });
    let listed = done(&harness, "root", "ListSecretVersionIds", input).await;
    assert_eq!(listed["Versions"].as_array().map(Vec::len), Some(1));

    script(&harness, |_| Act::Fail);
    done(&harness, "root", "RotateSecret", rotation(2, more)).await;
    assert_eq!(harness.run_deliveries().await, 1);
    assert_eq!(
        told(&harness).await[2..],
        ["TestRotationStarted", "TestRotationFailed"]
    );
    assert_eq!(
        describe(&harness).await["VersionIdsToStages"],
        json!({ token(0): ["AWSCURRENT"] })
    );
}

#[tokio::test]
async fn cancelling_turns_rotation_off_and_leaves_the_labels() {
    let harness = rotating_house().await;
    let arn = make(&harness, "s", "old").await;
    let id = json!({ "SecretId": "s" });
    let (refusal, _) = refused(&harness, "root", "CancelRotateSecret", id.clone()).await;
    assert_eq!(refusal, "InvalidRequestException");
    done(&harness, "root", "RotateSecret", rotation(1, json!({}))).await;
    let cancelled = done(&harness, "root", "CancelRotateSecret", id.clone()).await;
    assert_eq!(
        cancelled,
        json!({ "ARN": arn, "Name": "s", "VersionId": token(1) })
    );
    harness.run_deliveries().await;
    assert!(steps(&harness).is_empty());
    let shown = describe(&harness).await;
    assert_eq!(shown["RotationEnabled"], false);
    assert_eq!(shown["RotationLambdaARN"], FUNCTION);
    assert_eq!(shown.get("NextRotationDate"), None);
    let stages = json!({ token(0): ["AWSCURRENT"], token(1): ["AWSPENDING"] });
    assert_eq!(shown["VersionIdsToStages"], stages);
    let again = done(&harness, "root", "CancelRotateSecret", id).await;
    assert_eq!(again, json!({ "ARN": arn, "Name": "s" }));
    // The label is in the way of the next rotation until somebody takes it away.
    let input = json!({ "SecretId": "s", "ClientRequestToken": token(2) });
    let (_, text) = refused(&harness, "root", "RotateSecret", input.clone()).await;
    assert_eq!(text, INCOMPLETE);
    assert_eq!(harness.run_deliveries().await, 0);
    let detach =
        json!({ "SecretId": "s", "VersionStage": "AWSPENDING", "RemoveFromVersionId": token(1) });
    done(&harness, "root", "UpdateSecretVersionStage", detach).await;
    done(&harness, "root", "RotateSecret", input).await;
    harness.run_deliveries().await;
    assert_eq!(steps(&harness), ALL);
}

#[tokio::test]
async fn a_value_that_somebody_puts_ends_the_rotation_and_counts_as_one() {
    let harness = rotating_house().await;
    make(&harness, "s", "old").await;
    done(&harness, "root", "RotateSecret", rotation(1, json!({}))).await;
    harness.clock.advance(DAY);
    put(&harness, "s", 7, "by hand").await;
    harness.run_deliveries().await;
    assert!(steps(&harness).is_empty());
    let shown = describe(&harness).await;
    let now = harness.clock.now().millis / 1000;
    assert_eq!(shown["LastRotatedDate"].as_i64(), Some(now));
    assert_eq!(shown["NextRotationDate"].as_i64(), Some(now + 31 * DAY - 1));
    let stages = json!({ token(0): ["AWSPREVIOUS"], token(7): ["AWSCURRENT"] });
    assert_eq!(shown["VersionIdsToStages"], stages);
    assert_eq!(told(&harness).await, ["RotationAbandoned"]);
    assert_eq!(get(&harness, "root", "s").await, "by hand");
}

#[tokio::test]
async fn rotation_tokens_are_those_that_were_given() {
    let harness = rotating_house().await;
    make(&harness, "s", "old").await;
    done(&harness, "root", "RotateSecret", rotation(1, json!({}))).await;
    let put = json!({
        "SecretId": "s",
        "ClientRequestToken": token(1),
        "SecretString": "new",
        "VersionStages": ["AWSPENDING"],
        "RotationToken": token(9),
    });
    let refusal = refused(&harness, "root", "PutSecretValue", put).await;
    let text = "The RotationToken is invalid.".to_owned();
    assert_eq!(refusal, ("InvalidParameterException".to_owned(), text));
    // An empty version becomes nobody's current one.
    let finish = json!({
        "SecretId": "s",
        "VersionStage": "AWSCURRENT",
        "MoveToVersionId": token(1),
        "RemoveFromVersionId": token(0),
    });
    let refusal = code(&harness, "root", "UpdateSecretVersionStage", finish).await;
    assert_eq!(refusal, "ResourceNotFoundException");
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let harness = rotating_house().await;
    make(&harness, "s", "old").await;
    let none = "No Lambda rotation function ARN is associated with this secret.";
    let format = "Invalid rotation Lambda ARN. Ensure the ARN matches format \
                  arn:aws:lambda:eu-west-2:<account>:function:<functionName>.";
    let cannot = "Secrets Manager cannot invoke the specified Lambda function. Ensure that the \
                  function policy grants access to the principal secretsmanager.amazonaws.com.";
    let other = "arn:aws:lambda:eu-west-2:111122223333:function:other";
    let abroad = "arn:aws:lambda:us-east-1:111122223333:function:rotate";
    for (more, code, text) in [
        (
            json!({ "RotationLambdaARN": "" }),
            "InvalidRequestException",
            none,
        ),
        (
            json!({ "RotationLambdaARN": "rotate" }),
            "InvalidParameterException",
            format,
        ),
        (
            json!({ "RotationLambdaARN": abroad }),
            "InvalidParameterException",
            format,
        ),
        (
            json!({ "RotationLambdaARN": other }),
            "AccessDeniedException",
            cannot,
        ),
        (
            json!({ "RotationRules": { "ScheduleExpression": "rate(1 minute)" } }),
            "InvalidParameterException",
            "Invalid schedule expression.",
        ),
    ] {
        let refusal = refused(&harness, "root", "RotateSecret", rotation(1, more)).await;
        assert_eq!(refusal, (code.to_owned(), text.to_owned()));
    }
    let days = json!({ "RotationRules": { "AutomaticallyAfterDays": 1001 } });
    let (refusal, _) = refused(&harness, "root", "RotateSecret", rotation(1, days)).await;
    assert_eq!(refusal, "ValidationException");
    let shown = describe(&harness).await;
    assert_eq!(shown.get("RotationEnabled"), None);
    let delete = json!({ "SecretId": "s" });
    done(&harness, "root", "DeleteSecret", delete).await;
    let (_, text) = refused(&harness, "root", "RotateSecret", rotation(1, json!({}))).await;
    assert!(
        text.ends_with("because it was marked for deletion."),
        "{text}"
    );
}

#[tokio::test]
async fn whoever_rotates_needs_the_secret_and_the_function() {
    let harness = rotating_house().await;
    make(&harness, "s", "old").await;
    let secrets = allowing(&["secretsmanager:*"], "*");
    let lambda = allowing(&["lambda:InvokeFunction"], FUNCTION);
    harness.user("none", &[&lambda]);
    harness.user("half", &[&secrets]);
    harness.user("both", &[&secrets, &lambda]);
    let conditional = json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Effect": "Allow", "Action": "*", "Resource": "*" },
            {
                "Effect": "Deny",
                "Action": "secretsmanager:RotateSecret",
                "Resource": "*",
                "Condition": { "Bool": { "secretsmanager:RotateImmediately": "true" } },
            },
            {
                "Effect": "Deny",
                "Action": "secretsmanager:RotateSecret",
                "Resource": "*",
                "Condition": {
                    "StringNotLike": { "secretsmanager:RotationLambdaARN": "*:function:rotate" },
                    "Bool": { "secretsmanager:ModifyRotationRules": "true" },
                },
            },
        ],
    });
    harness.user("later", &[&conditional.to_string()]);
    let rotate = async |who: &str, more: Value| -> Answer {
        call(&harness, who, "RotateSecret", rotation(1, more)).await
    };
    for who in ["none", "half"] {
        assert_eq!(
            rotate(who, json!({})).await.code.as_deref(),
            Some("AccessDeniedException"),
            "{who}"
        );
    }
    let refusal = rotate("half", json!({})).await;
    assert!(
        refusal.message().contains("lambda:InvokeFunction"),
        "{}",
        refusal.text
    );
    assert_eq!(rotate("later", json!({})).await.status, 400);
    let more = json!({ "RotateImmediately": false, "RotationLambdaARN": "arn:aws:lambda:eu-west-2:111122223333:function:other" });
    assert_eq!(rotate("later", more).await.status, 400);
    assert_eq!(
        rotate("later", json!({ "RotateImmediately": false }))
            .await
            .status,
        200
    );
    harness.run_deliveries().await;
    let again = rotation(2, json!({}));
    assert_eq!(
        call(&harness, "both", "RotateSecret", again).await.status,
        200
    );
}

/// A failure of Lambda itself.
pub(crate) fn throttled() -> FunctionFailure {
    FunctionFailure::transient("TooManyRequestsException", "Rate Exceeded.")
}
