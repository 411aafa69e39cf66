//! API destinations: connections, requests, what is tried again, what is shown to nobody.

use platform::OutboundFailure;
use platform::testing::{ACCOUNT, Answer, Harness, REGION, START};
use serde_json::{Value, json};
use wire::Timestamp;

use crate::events::house::{self, done};

const ROLE: &str = "arn:aws:iam::111122223333:role/calls";
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":{"Service":"events.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const INVOKES: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Action":"events:InvokeApiDestination","Resource":"*"}]}"#;

/// The house, and the role by which the rule calls API destinations.
pub(crate) async fn house() -> Harness {
    let harness = house::house().await;
    harness.identities.role(ROLE, TRUST, &[INVOKES]);
    harness
}

/// Calls an operation of EventBridge.
pub(crate) async fn call(harness: &Harness, who: &str, operation: &str, input: Value) -> Answer {
    let target = format!("AWSEvents.{operation}");
    harness.json(who, &target, input).await
}

/// Calls an operation that fails, and gives code and text.
pub(crate) async fn refused(
    harness: &Harness,
    who: &str,
    operation: &str,
    input: Value,
) -> (String, String) {
    let answer = call(harness, who, operation, input).await;
    assert_ne!(answer.status, 200, "{operation}: {}", answer.text);
    let message = answer.message().to_owned();
    (answer.code.unwrap_or_default(), message)
}

/// A name and a password.
pub(crate) fn basic() -> Value {
    json!({ "BasicAuthParameters": { "Username": "user", "Password": "canary-password" } })
}

/// Makes a connection, an API destination and a rule that calls it. Gives the ARN of the destination.
pub(crate) async fn wired(harness: &Harness, kind: &str, auth: Value, target: Value) -> String {
    let input = json!({ "Name": "c", "AuthorizationType": kind, "AuthParameters": auth });
    let connection = done(harness, "root", "CreateConnection", input).await;
    let input = json!({
        "Name": "d", "ConnectionArn": connection["ConnectionArn"], "HttpMethod": "POST",
        "InvocationEndpoint": "https://hooks.example/in/*/x?fixed=1",
    });
    let made = done(harness, "root", "CreateApiDestination", input).await;
    let arn = made["ApiDestinationArn"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let input = json!({ "Name": "r", "EventPattern": "{\"source\":[\"app\"]}" });
    done(harness, "root", "PutRule", input).await;
    let mut all = json!({ "Id": "t", "Arn": arn, "RoleArn": ROLE });
    for (name, value) in target.as_object().into_iter().flatten() {
        all[name] = value.clone();
    }
    done(
        harness,
        "root",
        "PutTargets",
        json!({ "Rule": "r", "Targets": [all] }),
    )
    .await;
    arn
}

/// Puts an event with this number.
pub(crate) async fn put(harness: &Harness, number: i64) {
    let detail = json!({ "n": number, "s": "a b" }).to_string();
    let entry = json!({ "Source": "app", "DetailType": "Order", "Detail": detail });
    done(harness, "root", "PutEvents", json!({ "Entries": [entry] })).await;
}

#[tokio::test]
async fn an_event_becomes_a_request_with_the_connections_credentials() {
    let harness = house().await;
    let mut auth = basic();
    auth["InvocationHttpParameters"] = json!({
        "HeaderParameters": [{ "Key": "X-Both", "Value": "connection", "IsValueSecret": true }],
        "QueryStringParameters": [{ "Key": "q", "Value": "a&b", "IsValueSecret": false }],
        "BodyParameters": [{ "Key": "added", "Value": "canary-body", "IsValueSecret": true }],
    });
    let target = json!({
        "InputTransformer": { "InputPathsMap": { "n": "$.detail.n" }, "InputTemplate": "{\"n\": <n>}" },
        "HttpParameters": {
            "PathParameterValues": ["$.detail.s"],
            "HeaderParameters": { "x-both": "target", "x-own": "$.detail.n" },
            "QueryStringParameters": { "r": "1" },
        },
    });
    wired(&harness, "BASIC", auth, target).await;
    put(&harness, 7).await;
    assert_eq!(harness.run_deliveries().await, 1);
    let sent = harness.outbound.sent();
    let [request] = sent.as_slice() else {
        panic!("one request")
    };
    assert_eq!(
        request.url,
        "https://hooks.example/in/a%20b/x?fixed=1&r=1&q=a%26b"
    );
    assert_eq!(request.method, "POST");
    let header = |name: &str| request.header_value(name).unwrap_or_default();
    assert_eq!(
        header("authorization"),
        "Basic dXNlcjpjYW5hcnktcGFzc3dvcmQ="
    );
    assert_eq!(header("x-both"), "connection");
    assert_eq!(header("x-own"), "7");
    assert_eq!(header("content-type"), "application/json; charset=utf-8");
    assert_eq!(header("user-agent"), "Amazon/EventBridge/ApiDestinations");
    let body: Value = serde_json::from_slice(&request.body).expect("JSON");
    assert_eq!(body, json!({ "n": 7, "added": "canary-body" }));
}

#[tokio::test]
async fn secrets_are_shown_to_nobody() {
    let harness = house().await;
    let mut auth = basic();
    auth["InvocationHttpParameters"] = json!({ "HeaderParameters": [
        { "Key": "a", "Value": "canary-header", "IsValueSecret": true },
        { "Key": "b", "Value": "shown", "IsValueSecret": false },
    ]});
    wired(&harness, "BASIC", auth, json!({})).await;
    let shown = done(
        &harness,
        "root",
        "DescribeConnection",
        json!({ "Name": "c" }),
    )
    .await;
    assert_eq!(shown["ConnectionState"], "AUTHORIZED");
    let parameters = &shown["AuthParameters"];
    assert_eq!(
        parameters["BasicAuthParameters"],
        json!({ "Username": "user" })
    );
    let headers = &parameters["InvocationHttpParameters"]["HeaderParameters"];
    assert_eq!(headers[0], json!({ "Key": "a", "IsValueSecret": true }));
    assert_eq!(
        headers[1],
        json!({ "Key": "b", "Value": "shown", "IsValueSecret": false })
    );
    let listed = done(
        &harness,
        "root",
        "ListConnections",
        json!({ "NamePrefix": "c" }),
    )
    .await;
    assert_eq!(listed["Connections"][0]["Name"], "c");
    put(&harness, 1).await;
    harness.outbound.answer(403, "canary-answer");
    harness.run_deliveries().await;
    let mut reader = harness.pipeline.store().journal_reader(1);
    while let Some(event) = reader.next().expect("a journal") {
        let text = String::from_utf8_lossy(&event.payload).into_owned();
        assert!(!text.contains("canary"), "{text}");
    }
}

#[tokio::test]
async fn statuses_decide_what_is_tried_again() {
    let harness = house().await;
    wired(&harness, "BASIC", basic(), json!({})).await;
    for (status, again) in [
        (200, false),
        (204, false),
        (301, false),
        (400, false),
        (401, true),
        (403, false),
        (404, false),
        (407, true),
        (409, true),
        (429, true),
        (500, true),
        (503, true),
    ] {
        harness.outbound.answer(status, "");
        put(&harness, i64::from(status)).await;
        assert_eq!(harness.run_deliveries().await, 1, "{status}");
        harness.clock.advance(3);
        assert_eq!(
            harness.run_deliveries().await,
            usize::from(again),
            "{status}"
        );
        assert_eq!(harness.pipeline.deliveries().counts().waiting, 0);
    }
    for failure in [
        OutboundFailure::Refused,
        OutboundFailure::TimedOut,
        OutboundFailure::Garbled,
    ] {
        harness.outbound.fail(failure);
        put(&harness, 1).await;
        harness.run_deliveries().await;
        harness.clock.advance(3);
        assert_eq!(harness.run_deliveries().await, 1);
    }
    harness
        .outbound
        .answer_with(429, &[("Retry-After", "30")], "");
    put(&harness, 1).await;
    harness.run_deliveries().await;
    harness.clock.advance(29);
    assert_eq!(harness.run_deliveries().await, 0);
    harness.clock.advance(1);
    assert_eq!(harness.run_deliveries().await, 1);
}

#[tokio::test]
async fn a_receiver_may_say_until_when_to_wait() {
    let harness = house().await;
    wired(&harness, "BASIC", basic(), json!({})).await;
    let then = Timestamp {
        millis: START.millis + 45_000,
    };
    let then = then.rfc822();
    harness
        .outbound
        .answer_with(503, &[("Retry-After", &then)], "");
    put(&harness, 1).await;
    harness.run_deliveries().await;
    harness.clock.advance(44);
    assert_eq!(harness.run_deliveries().await, 0, "{then}");
    harness.clock.advance(1);
    assert_eq!(harness.run_deliveries().await, 1);
}

#[tokio::test]
async fn retries_follow_the_target_and_hold_up_no_other_event() {
    let harness = house().await;
    let policy =
        json!({ "RetryPolicy": { "MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 60 } });
    wired(&harness, "BASIC", basic(), policy).await;
    harness.outbound.answer(500, "");
    put(&harness, 1).await;
    harness.run_deliveries().await;
    for number in 2..=3 {
        put(&harness, number).await;
    }
    harness.run_deliveries().await;
    for _ in 0..2 {
        harness.outbound.answer(500, "");
    }
    for _ in 0..20 {
        harness.run_deliveries().await;
        harness.clock.advance(1);
    }
    let numbers: Vec<_> = harness
        .outbound
        .sent()
        .iter()
        .map(|sent| {
            let body: Value = serde_json::from_slice(&sent.body).expect("JSON");
            body["detail"]["n"].as_i64().unwrap_or_default()
        })
        .collect();
    assert_eq!(numbers, [1, 2, 3, 1, 1]);
    assert_eq!(harness.pipeline.deliveries().counts().given_up, 1);
}

#[tokio::test]
async fn a_role_that_may_not_invoke_calls_nobody() {
    let harness = house().await;
    wired(&harness, "BASIC", basic(), json!({})).await;
    harness.identities.role(ROLE, TRUST, &[]);
    put(&harness, 1).await;
    harness.run_deliveries().await;
    assert!(harness.outbound.sent().is_empty());
    assert_eq!(harness.pipeline.deliveries().counts().given_up, 1);
}

#[tokio::test]
async fn tokens_are_fetched_kept_and_replaced() {
    let harness = house().await;
    let auth = json!({ "OAuthParameters": {
        "ClientParameters": { "ClientID": "id", "ClientSecret": "canary secret" },
        "AuthorizationEndpoint": "https://login.example/token", "HttpMethod": "POST",
        "OAuthHttpParameters": { "BodyParameters": [
            { "Key": "scope", "Value": "all", "IsValueSecret": false },
        ]},
    }});
    let token = r#"{"access_token":"t1","token_type":"Bearer","expires_in":100}"#;
    wired(&harness, "OAUTH_CLIENT_CREDENTIALS", auth, json!({})).await;
    let state = |shown: Value| shown["ConnectionState"].clone();
    let describe = || {
        done(
            &harness,
            "root",
            "DescribeConnection",
            json!({ "Name": "c" }),
        )
    };
    assert_eq!(state(describe().await), "AUTHORIZING");
    harness.outbound.answer(200, token);
    harness.run_deliveries().await;
    assert_eq!(state(describe().await), "AUTHORIZED");
    let sent = harness.outbound.sent();
    let form = String::from_utf8_lossy(&sent[0].body).into_owned();
    let expected =
        "grant_type=client_credentials&client_id=id&client_secret=canary%20secret&scope=all";
    assert_eq!(form, expected);
    let urls = |harness: &Harness| -> Vec<String> {
        let sent = harness.outbound.sent().into_iter();
        sent.map(|sent| match sent.header_value("authorization") {
            Some(token) => token.to_owned(),
            None => sent.url,
        })
        .collect()
    };
    harness.outbound.answer(200, token);
    put(&harness, 1).await;
    put(&harness, 2).await;
    harness.run_deliveries().await;
    assert_eq!(
        urls(&harness),
        ["https://login.example/token", "Bearer t1", "Bearer t1"]
    );
    // Who refuses a token gets another one.
    harness.outbound.answer(401, "");
    harness.outbound.answer(200, &token.replace("t1", "t2"));
    put(&harness, 3).await;
    harness.run_deliveries().await;
    harness.clock.advance(3);
    harness.run_deliveries().await;
    assert_eq!(
        urls(&harness),
        ["Bearer t1", "https://login.example/token", "Bearer t2"]
    );
    harness.clock.advance(80);
    harness.outbound.answer(200, &token.replace("t1", "t3"));
    put(&harness, 4).await;
    harness.run_deliveries().await;
    assert_eq!(urls(&harness), ["https://login.example/token", "Bearer t3"]);
    // What no token is given for is not authorized.
    harness.outbound.answer(400, "");
    let input = json!({ "Name": "c", "Description": "again" });
    done(&harness, "root", "UpdateConnection", input).await;
    harness.run_deliveries().await;
    assert_eq!(state(describe().await), "DEAUTHORIZED");
}

#[tokio::test]
async fn a_destination_gets_no_more_calls_a_second_than_it_takes() {
    let harness = house().await;
    wired(&harness, "BASIC", basic(), json!({})).await;
    let input = json!({ "Name": "d", "InvocationRateLimitPerSecond": 2 });
    done(&harness, "root", "UpdateApiDestination", input).await;
    for number in 0..5 {
        put(&harness, number).await;
    }
    for expected in [2, 2, 1, 0] {
        harness.run_deliveries().await;
        assert_eq!(harness.outbound.sent().len(), expected);
        harness.clock.advance(1);
    }
}

#[tokio::test]
async fn connections_and_destinations_are_kept_and_forgotten() {
    let harness = house().await;
    let arn = wired(
        &harness,
        "API_KEY",
        json!({
            "ApiKeyAuthParameters": { "ApiKeyName": "x-key", "ApiKeyValue": "canary" },
        }),
        json!({}),
    )
    .await;
    assert!(arn.starts_with(&format!(
        "arn:aws:events:{REGION}:{ACCOUNT}:api-destination/d/"
    )));
    put(&harness, 1).await;
    harness.run_deliveries().await;
    assert_eq!(
        harness.outbound.sent()[0].header_value("x-key"),
        Some("canary")
    );
    let again = json!({ "Name": "c", "AuthorizationType": "BASIC", "AuthParameters": basic() });
    let (code, _) = refused(&harness, "root", "CreateConnection", again).await;
    assert_eq!(code, "ResourceAlreadyExistsException");
    let input = json!({ "Name": "c", "AuthorizationType": "BASIC" });
    let (code, _) = refused(&harness, "root", "UpdateConnection", input).await;
    assert_eq!(code, "ValidationException");
    let input = json!({ "Name": "c", "AuthorizationType": "BASIC", "AuthParameters": basic() });
    done(&harness, "root", "UpdateConnection", input).await;
    let out = done(
        &harness,
        "root",
        "DeauthorizeConnection",
        json!({ "Name": "c" }),
    )
    .await;
    assert_eq!(out["ConnectionState"], "DEAUTHORIZED");
    let shown = done(
        &harness,
        "root",
        "DescribeApiDestination",
        json!({ "Name": "d" }),
    )
    .await;
    assert_eq!(
        (
            &shown["ApiDestinationState"],
            &shown["InvocationRateLimitPerSecond"]
        ),
        (&json!("INACTIVE"), &json!(300))
    );
    put(&harness, 2).await;
    harness.run_deliveries().await;
    assert!(harness.outbound.sent().is_empty());
    let gone = done(&harness, "root", "DeleteConnection", json!({ "Name": "c" })).await;
    assert_eq!(gone["ConnectionState"], "DELETING");
    done(
        &harness,
        "root",
        "DeleteApiDestination",
        json!({ "Name": "d" }),
    )
    .await;
    for (operation, name) in [("DescribeConnection", "c"), ("DescribeApiDestination", "d")] {
        let (code, _) = refused(&harness, "root", operation, json!({ "Name": name })).await;
        assert_eq!(code, "ResourceNotFoundException");
    }
    let listed = done(&harness, "root", "ListApiDestinations", json!({})).await;
    assert_eq!(listed["ApiDestinations"], json!([]));
}

#[tokio::test]
async fn without_permission_nobody_learns_what_there_is() {
    let harness = house().await;
    harness.user("nobody", &[]);
    let describe = || {
        call(
            &harness,
            "nobody",
            "DescribeConnection",
            json!({ "Name": "c" }),
        )
    };
    let before = describe().await;
    let input = json!({ "Name": "c", "AuthorizationType": "BASIC", "AuthParameters": basic() });
    done(&harness, "root", "CreateConnection", input).await;
    let after = describe().await;
    assert_eq!(before.code.as_deref(), Some("AccessDeniedException"));
    assert_eq!(before.message(), after.message());
}
