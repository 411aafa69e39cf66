//! The secrets of connections: who owns them, what they say, under which key, and what happens to
//! deliveries without them.

use platform::testing::{ACCOUNT, Harness, REGION};
use serde_json::{Value, json};

use crate::events::api_destinations::{basic, call, house, put, refused, wired};
use crate::events::house::{READER, done};

const WRITES: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Action":["events:*","secretsmanager:CreateSecret","secretsmanager:UpdateSecret",
        "secretsmanager:DeleteSecret","secretsmanager:GetSecretValue","kms:*"],
    "Resource":"*"}]}"#;

/// Calls an operation of Secrets Manager.
async fn secret(harness: &Harness, operation: &str, input: Value) -> Value {
    let target = format!("secretsmanager.{operation}");
    let answer = harness.json("root", &target, input).await;
    assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
    answer.body
}

/// Calls an operation of Secrets Manager that fails, and gives code and text.
async fn no_secret(harness: &Harness, operation: &str, input: Value) -> (String, String) {
    let target = format!("secretsmanager.{operation}");
    let answer = harness.json("root", &target, input).await;
    assert_ne!(answer.status, 200, "{operation}: {}", answer.text);
    let message = answer.message().to_owned();
    (answer.code.unwrap_or_default(), message)
}

async fn kms(harness: &Harness, operation: &str, input: Value) -> Value {
    let target = format!("TrentService.{operation}");
    let answer = harness.json("root", &target, input).await;
    assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
    answer.body
}

/// A key that EventBridge may use for connections, if it is `tagged`. Gives its ARN.
async fn key(harness: &Harness, tagged: bool) -> String {
    let tag = json!({ "TagKey": "EventBridgeApiDestinations", "TagValue": "true" });
    let tags = if tagged { json!([tag]) } else { json!([]) };
    let made = kms(harness, "CreateKey", json!({ "Tags": tags })).await;
    let arn = made["KeyMetadata"]["Arn"].as_str();
    arn.expect("an ARN").to_owned()
}

async fn described(harness: &Harness) -> Value {
    done(
        harness,
        "root",
        "DescribeConnection",
        json!({ "Name": "c" }),
    )
    .await
}

/// What the secret of the connection says.
async fn says(harness: &Harness) -> Value {
    let id = described(harness).await["SecretArn"].clone();
    let got = secret(harness, "GetSecretValue", json!({ "SecretId": id })).await;
    serde_json::from_str(got["SecretString"].as_str().expect("a text")).expect("JSON")
}

async fn create(harness: &Harness, kind: &str, auth: Value) -> Value {
    let input = json!({ "Name": "c", "AuthorizationType": kind, "AuthParameters": auth });
    done(harness, "root", "CreateConnection", input).await
}

async fn update(harness: &Harness, input: Value) {
    let mut input = input;
    input["Name"] = json!("c");
    done(harness, "root", "UpdateConnection", input).await;
}

fn password(password: &str) -> Value {
    json!({ "BasicAuthParameters": { "Password": password } })
}

#[tokio::test]
async fn a_connection_has_a_secret_that_eventbridge_owns() {
    let harness = house().await;
    create(&harness, "BASIC", basic()).await;
    let arn = described(&harness).await["SecretArn"].clone();
    let head = format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:events!connection/c/");
    assert!(
        arn.as_str().is_some_and(|arn| arn.starts_with(&head)),
        "{arn}"
    );
    let shown = secret(&harness, "DescribeSecret", json!({ "SecretId": arn })).await;
    assert_eq!(shown["OwningService"], "events");
    assert_eq!(
        shown["Description"],
        "Auth parameters for Eventbridge connection c"
    );
    let tag = json!({ "Key": "aws:secretsmanager:owningService", "Value": "events" });
    assert_eq!(shown["Tags"], json!([tag]));
    assert_eq!(shown.get("KmsKeyId"), None);
    for filter in [
        json!({ "Key": "owning-service", "Values": ["events"] }),
        json!({ "Key": "tag-key", "Values": ["aws:secretsmanager:owningService"] }),
    ] {
        let listed = secret(&harness, "ListSecrets", json!({ "Filters": [filter] })).await;
        assert_eq!(listed["SecretList"][0]["ARN"], arn, "{listed}");
    }
    let expected = json!({ "username": "user", "password": "canary-password" });
    assert_eq!(says(&harness).await, expected);
    done(&harness, "root", "DeleteConnection", json!({ "Name": "c" })).await;
    let (code, _) = no_secret(&harness, "DescribeSecret", json!({ "SecretId": arn })).await;
    assert_eq!(code, "ResourceNotFoundException");
}

#[tokio::test]
async fn nobody_else_makes_or_changes_such_a_secret() {
    let harness = house().await;
    let input = json!({ "Name": "events!connection/c/1", "SecretString": "s" });
    let (code, text) = no_secret(&harness, "CreateSecret", input).await;
    assert_eq!(code, "InvalidParameterException");
    assert!(text.contains("events!"), "{text}");
    create(&harness, "BASIC", basic()).await;
    let id = described(&harness).await["SecretArn"].clone();
    for (operation, rest) in [
        ("PutSecretValue", json!({ "SecretString": "mine" })),
        ("UpdateSecret", json!({ "Description": "mine" })),
        (
            "TagResource",
            json!({ "Tags": [{ "Key": "k", "Value": "v" }] }),
        ),
        (
            "UntagResource",
            json!({ "TagKeys": ["aws:secretsmanager:owningService"] }),
        ),
        (
            "RotateSecret",
            json!({ "RotationRules": { "AutomaticallyAfterDays": 1 } }),
        ),
        ("CancelRotateSecret", json!({})),
        (
            "ReplicateSecretToRegions",
            json!({ "AddReplicaRegions": [{ "Region": "eu-west-1" }] }),
        ),
        ("UpdateSecretVersionStage", json!({ "VersionStage": "X" })),
        (
            "DeleteSecret",
            json!({ "ForceDeleteWithoutRecovery": true }),
        ),
    ] {
        let mut input = rest;
        input["SecretId"] = id.clone();
        let (code, text) = no_secret(&harness, operation, input).await;
        assert_eq!(code, "InvalidRequestException", "{operation}");
        let expected = "The secret is managed by another service, and you must use that service \
                        to update it.";
        assert_eq!(text, expected, "{operation}");
    }
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": { "AWS": READER }, "Action": "secretsmanager:PutSecretValue",
        "Resource": "*",
    }]});
    let input = json!({ "SecretId": id, "ResourcePolicy": policy.to_string() });
    secret(&harness, "PutResourcePolicy", input).await;
    // With a recovery window it may be deleted, and restored.
    secret(&harness, "DeleteSecret", json!({ "SecretId": id })).await;
    secret(&harness, "RestoreSecret", json!({ "SecretId": id })).await;
    assert_eq!(says(&harness).await["username"], "user");
}

#[tokio::test]
async fn an_update_changes_what_it_names() {
    let harness = house().await;
    let mut auth = basic();
    let header = json!({ "Key": "h", "Value": "canary", "IsValueSecret": true });
    auth["InvocationHttpParameters"] = json!({ "HeaderParameters": [header] });
    create(&harness, "BASIC", auth).await;
    let arn = described(&harness).await["SecretArn"].clone();
    update(&harness, json!({ "AuthParameters": password("second") })).await;
    let header = json!({ "key": "h", "value": "canary", "is_value_secret": true });
    let http = json!({
        "header_parameters": [header], "query_string_parameters": [], "body_parameters": [],
    });
    let expected = json!({
        "username": "user", "password": "second", "invocation_http_parameters": http,
    });
    assert_eq!(says(&harness).await, expected);
    assert_eq!(described(&harness).await["SecretArn"], arn);
    let auth = json!({ "OAuthParameters": {
        "ClientParameters": { "ClientID": "id", "ClientSecret": "s" },
        "AuthorizationEndpoint": "https://login.example/token", "HttpMethod": "POST",
    }});
    let input = json!({ "AuthorizationType": "OAUTH_CLIENT_CREDENTIALS", "AuthParameters": auth });
    update(&harness, input).await;
    let expected = json!({
        "client_id": "id", "client_secret": "s", "http_method": "POST",
        "authorization_endpoint": "https://login.example/token", "invocation_http_parameters": http,
    });
    assert_eq!(says(&harness).await, expected);
    done(
        &harness,
        "root",
        "DeauthorizeConnection",
        json!({ "Name": "c" }),
    )
    .await;
    assert_eq!(described(&harness).await.get("SecretArn"), None);
    let (code, _) = no_secret(&harness, "DescribeSecret", json!({ "SecretId": arn })).await;
    assert_eq!(code, "ResourceNotFoundException");
    update(&harness, json!({ "Description": "d" })).await;
    assert_eq!(described(&harness).await["ConnectionState"], "DEAUTHORIZED");
    // Nothing of what it said is known any more.
    let half =
        json!({ "Name": "c", "AuthorizationType": "BASIC", "AuthParameters": password("p") });
    let (code, _) = refused(&harness, "root", "UpdateConnection", half).await;
    assert_eq!(code, "ValidationException");
    let input = json!({ "AuthorizationType": "BASIC", "AuthParameters": basic() });
    update(&harness, input).await;
    assert_eq!(described(&harness).await["ConnectionState"], "AUTHORIZED");
    assert_eq!(says(&harness).await["password"], "canary-password");
}

#[tokio::test]
async fn the_caller_needs_the_permissions_for_the_secret() {
    let harness = house().await;
    let events = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Action":"events:*","Resource":"*"}]}"#;
    harness.user("half", &[events]);
    harness.user("whole", &[WRITES]);
    let input = json!({ "Name": "c", "AuthorizationType": "BASIC", "AuthParameters": basic() });
    let (code, text) = refused(&harness, "half", "CreateConnection", input.clone()).await;
    assert_eq!(code, "AccessDeniedException");
    assert!(text.contains("secretsmanager:CreateSecret"), "{text}");
    let (code, _) = refused(
        &harness,
        "root",
        "DescribeConnection",
        json!({ "Name": "c" }),
    )
    .await;
    assert_eq!(code, "ResourceNotFoundException");
    done(&harness, "whole", "CreateConnection", input).await;
    let changed = json!({ "Name": "c", "AuthParameters": password("p") });
    for (operation, input) in [
        ("UpdateConnection", changed.clone()),
        ("DeauthorizeConnection", json!({ "Name": "c" })),
        ("DeleteConnection", json!({ "Name": "c" })),
    ] {
        let (code, _) = refused(&harness, "half", operation, input).await;
        assert_eq!(code, "AccessDeniedException", "{operation}");
    }
    // A new description touches no secret.
    let input = json!({ "Name": "c", "Description": "d" });
    assert_eq!(
        call(&harness, "half", "UpdateConnection", input)
            .await
            .status,
        200
    );
    done(&harness, "whole", "UpdateConnection", changed).await;
    done(
        &harness,
        "whole",
        "DeleteConnection",
        json!({ "Name": "c" }),
    )
    .await;
}

#[tokio::test]
async fn without_the_role_somebody_must_be_allowed_to_make_it() {
    let harness = house().await;
    harness.identities.remove_role(READER);
    harness.user("whole", &[WRITES]);
    let input = json!({ "Name": "c", "AuthorizationType": "BASIC", "AuthParameters": basic() });
    let (code, text) = refused(&harness, "whole", "CreateConnection", input).await;
    assert_eq!(code, "AccessDeniedException");
    assert!(text.contains("iam:CreateServiceLinkedRole"), "{text}");
}

#[tokio::test]
async fn a_key_of_the_customers_protects_the_secret() {
    let harness = house().await;
    let (first, second) = (key(&harness, true).await, key(&harness, true).await);
    kms(
        &harness,
        "CreateAlias",
        json!({ "AliasName": "alias/c", "TargetKeyId": first }),
    )
    .await;
    let mut input = json!({ "Name": "c", "AuthorizationType": "BASIC", "AuthParameters": basic() });
    for bad in ["alias/none", "11111111-2222-4333-8444-555555555555"] {
        input["KmsKeyIdentifier"] = json!(bad);
        let (code, text) = refused(&harness, "root", "CreateConnection", input.clone()).await;
        assert_eq!(code, "ValidationException");
        assert!(
            text.starts_with("Parameter KmsKeyIdentifier is not valid."),
            "{text}"
        );
    }
    input["KmsKeyIdentifier"] = json!("alias/c");
    done(&harness, "root", "CreateConnection", input).await;
    let shown = described(&harness).await;
    assert_eq!(shown["KmsKeyIdentifier"], "alias/c");
    let id = json!({ "SecretId": shown["SecretArn"] });
    let key_of = || secret(&harness, "DescribeSecret", id.clone());
    assert_eq!(key_of().await["KmsKeyId"], json!(first));
    update(&harness, json!({ "KmsKeyIdentifier": second })).await;
    assert_eq!(key_of().await["KmsKeyId"], json!(second));
    assert_eq!(described(&harness).await["KmsKeyIdentifier"], json!(second));
    // The first key opens it no more, the second does.
    kms(&harness, "DisableKey", json!({ "KeyId": first })).await;
    assert_eq!(says(&harness).await["username"], "user");
    update(&harness, json!({ "KmsKeyIdentifier": "" })).await;
    assert_eq!(key_of().await.get("KmsKeyId"), None);
    assert_eq!(described(&harness).await.get("KmsKeyIdentifier"), None);
    kms(&harness, "DisableKey", json!({ "KeyId": second })).await;
    assert_eq!(says(&harness).await["password"], "canary-password");
}

/// Wires a connection under a key.
async fn under(harness: &Harness, key: &str) {
    wired(harness, "BASIC", basic(), json!({})).await;
    update(harness, json!({ "KmsKeyIdentifier": key })).await;
}

#[tokio::test]
async fn a_disabled_key_holds_deliveries_up() {
    let harness = house().await;
    let key = key(&harness, true).await;
    under(&harness, &key).await;
    put(&harness, 1).await;
    harness.run_deliveries().await;
    assert_eq!(harness.outbound.sent().len(), 1);
    kms(&harness, "DisableKey", json!({ "KeyId": key })).await;
    put(&harness, 2).await;
    harness.run_deliveries().await;
    assert!(harness.outbound.sent().is_empty());
    assert_eq!(harness.pipeline.deliveries().counts().given_up, 0);
    kms(&harness, "EnableKey", json!({ "KeyId": key })).await;
    harness.clock.advance(3);
    harness.run_deliveries().await;
    let sent = harness.outbound.sent();
    let expected = Some("Basic dXNlcjpjYW5hcnktcGFzc3dvcmQ=");
    assert_eq!(sent[0].header_value("authorization"), expected);
}

#[tokio::test]
async fn a_key_without_the_tag_is_not_for_connections() {
    let harness = house().await;
    let key = key(&harness, false).await;
    under(&harness, &key).await;
    put(&harness, 1).await;
    harness.run_deliveries().await;
    assert!(harness.outbound.sent().is_empty());
    assert_eq!(harness.pipeline.deliveries().counts().given_up, 1);
}

#[tokio::test]
async fn without_role_or_secret_nobody_is_called() {
    let harness = house().await;
    wired(&harness, "BASIC", basic(), json!({})).await;
    harness.identities.remove_role(READER);
    put(&harness, 1).await;
    harness.run_deliveries().await;
    assert!(harness.outbound.sent().is_empty());
    assert_eq!(harness.pipeline.deliveries().counts().given_up, 1);
    let harness = house().await;
    wired(&harness, "BASIC", basic(), json!({})).await;
    let id = described(&harness).await["SecretArn"].clone();
    secret(&harness, "DeleteSecret", json!({ "SecretId": id })).await;
    put(&harness, 2).await;
    harness.run_deliveries().await;
    assert!(harness.outbound.sent().is_empty());
    assert_eq!(harness.pipeline.deliveries().counts().given_up, 1);
    // Once it is gone for good, all that it said makes another one.
    harness.clock.advance(31 * 24 * 60 * 60);
    let half = json!({ "Name": "c", "AuthParameters": password("p") });
    let (code, _) = refused(&harness, "root", "UpdateConnection", half).await;
    assert_eq!(code, "ValidationException");
    update(&harness, json!({ "AuthParameters": basic() })).await;
    assert_ne!(described(&harness).await["SecretArn"], id);
    put(&harness, 3).await;
    harness.run_deliveries().await;
    assert_eq!(harness.outbound.sent().len(), 1);
}
