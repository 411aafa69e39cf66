//! Versions of secrets and their labels.

use platform::testing::Harness;
use serde_json::{Value, json};

use crate::secrets::house::{code, done, get, house, make, put, refused, token};

async fn stages(harness: &Harness, id: &str) -> Value {
    let input = json!({ "SecretId": id });
    done(harness, "root", "DescribeSecret", input).await["VersionIdsToStages"].take()
}

async fn staged(harness: &Harness, number: u32, stages: &[&str]) -> Value {
    let input = json!({
        "SecretId": "s", "SecretString": format!("v{number}"),
        "ClientRequestToken": token(number), "VersionStages": stages,
    });
    done(harness, "root", "PutSecretValue", input).await
}

async fn of_stage(harness: &Harness, stage: &str) -> Value {
    let input = json!({ "SecretId": "s", "VersionStage": stage });
    done(harness, "root", "GetSecretValue", input).await["SecretString"].take()
}

#[tokio::test]
async fn the_current_version_becomes_the_previous_one() {
    let harness = house().await;
    let arn = make(&harness, "s", "v0").await;
    assert_eq!(
        stages(&harness, "s").await,
        json!({ token(0): ["AWSCURRENT"] })
    );
    let put_one = put(&harness, "s", 1, "v1").await;
    assert_eq!(put_one["VersionStages"], json!(["AWSCURRENT"]));
    assert_eq!(put_one["VersionId"], token(1));
    put(&harness, "s", 2, "v2").await;
    let expected = json!({ token(1): ["AWSPREVIOUS"], token(2): ["AWSCURRENT"] });
    assert_eq!(stages(&harness, "s").await, expected);
    assert_eq!(get(&harness, "root", &arn).await, "v2");
    assert_eq!(of_stage(&harness, "AWSPREVIOUS").await, "v1");
    let input = json!({ "SecretId": "s" });
    let listed = done(&harness, "root", "ListSecretVersionIds", input).await;
    assert_eq!(listed["Versions"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        listed["Versions"][0]["KmsKeyIds"],
        json!(["DefaultEncryptionKey"])
    );
    let input = json!({ "SecretId": "s", "IncludeDeprecated": true, "MaxResults": 2 });
    let first = done(&harness, "root", "ListSecretVersionIds", input.clone()).await;
    assert_eq!(first["Versions"][0]["VersionId"], token(0));
    let mut input = input;
    input["NextToken"] = first["NextToken"].clone();
    let second = done(&harness, "root", "ListSecretVersionIds", input).await;
    assert_eq!(second["Versions"][0]["VersionId"], token(2));
    assert!(second.get("NextToken").is_none());
}

#[tokio::test]
async fn a_rotation_moves_labels_as_on_aws() {
    let harness = house().await;
    make(&harness, "s", "v0").await;
    staged(&harness, 1, &["AWSPENDING"]).await;
    assert_eq!(get(&harness, "root", "s").await, "v0");
    assert_eq!(of_stage(&harness, "AWSPENDING").await, "v1");
    let step = |more: Value| {
        let mut input = json!({ "SecretId": "s", "VersionStage": "AWSCURRENT" });
        for (name, value) in more.as_object().expect("members") {
            input[name] = value.clone();
        }
        input
    };
    let operation = "UpdateSecretVersionStage";
    let alone = step(json!({ "MoveToVersionId": token(1) }));
    let (code, text) = refused(&harness, "root", operation, alone).await;
    assert_eq!(code, "InvalidParameterException");
    assert_eq!(
        text,
        format!(
            "The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is \
             currently attached to version {}, so you must explicitly reference that version in \
             RemoveFromVersionId.",
            token(0)
        )
    );
    let wrong = step(json!({ "MoveToVersionId": token(0), "RemoveFromVersionId": token(1) }));
    let (code, _) = refused(&harness, "root", operation, wrong).await;
    assert_eq!(code, "InvalidParameterException");
    let away = step(json!({ "RemoveFromVersionId": token(0) }));
    let (_, text) = refused(&harness, "root", operation, away).await;
    assert!(
        text.starts_with("You can only move staging label AWSCURRENT"),
        "{text}"
    );
    let right = step(json!({ "MoveToVersionId": token(1), "RemoveFromVersionId": token(0) }));
    done(&harness, "root", operation, right).await;
    let after = stages(&harness, "s").await;
    assert_eq!(after[token(0)], json!(["AWSPREVIOUS"]));
    assert_eq!(after[token(1)], json!(["AWSPENDING", "AWSCURRENT"]));
    let away = json!({
        "SecretId": "s", "VersionStage": "AWSPENDING", "RemoveFromVersionId": token(1),
    });
    done(&harness, "root", operation, away).await;
    assert_eq!(stages(&harness, "s").await[token(1)], json!(["AWSCURRENT"]));
}

#[tokio::test]
async fn the_same_token_makes_one_version() {
    let harness = house().await;
    let arn = make(&harness, "s", "v0").await;
    let again = make(&harness, "s", "v0").await;
    assert_eq!(arn, again);
    put(&harness, "s", 1, "v1").await;
    put(&harness, "s", 2, "v2").await;
    // What is there already stays as it is, labels too.
    let repeated = put(&harness, "s", 1, "v1").await;
    assert_eq!(repeated["VersionStages"], json!(["AWSPREVIOUS"]));
    assert_eq!(get(&harness, "root", "s").await, "v2");
    let input = json!({ "SecretId": "s", "SecretString": "x", "ClientRequestToken": token(1) });
    for operation in ["PutSecretValue", "UpdateSecret"] {
        let (code, text) = refused(&harness, "root", operation, input.clone()).await;
        assert_eq!(code, "ResourceExistsException");
        let expected = format!(
            "You can't use ClientRequestToken {} because that value is already in use for a version \
             of secret {arn}.",
            token(1)
        );
        assert_eq!(text, expected);
    }
    let input = json!({ "Name": "s", "SecretString": "v0", "ClientRequestToken": token(9) });
    let (code, text) = refused(&harness, "root", "CreateSecret", input).await;
    assert_eq!(code, "ResourceExistsException");
    assert_eq!(
        text,
        "The operation failed because the secret s already exists."
    );
}

#[tokio::test]
async fn about_a_hundred_versions_are_kept() {
    let harness = house().await;
    make(&harness, "s", "v0").await;
    staged(&harness, 1, &["KEPT"]).await;
    for number in 2..=110 {
        put(&harness, "s", number, "v").await;
    }
    let count = async || {
        let mut input = json!({ "SecretId": "s", "IncludeDeprecated": true });
        let mut all = Vec::new();
        loop {
            let page = done(&harness, "root", "ListSecretVersionIds", input.clone()).await;
            let versions = page["Versions"].as_array().expect("versions").clone();
            all.extend(versions.iter().map(|it| it["VersionId"].clone()));
            match page.get("NextToken") {
                Some(token) => input["NextToken"] = token.clone(),
                None => return all,
            }
        }
    };
    assert_eq!(count().await.len(), 111);
    harness.clock.advance(24 * 60 * 60);
    put(&harness, "s", 111, "v").await;
    let left = count().await;
    assert_eq!(left.len(), 100);
    assert!(left.contains(&json!(token(1))) && !left.contains(&json!(token(2))));
    assert_eq!(of_stage(&harness, "KEPT").await, "v1");
    let gone = json!({ "SecretId": "s", "VersionId": token(2) });
    let (code, text) = refused(&harness, "root", "GetSecretValue", gone).await;
    assert_eq!(code, "ResourceNotFoundException");
    assert!(
        text.ends_with(&format!("VersionId: {}", token(2))),
        "{text}"
    );
}

#[tokio::test]
async fn values_are_found_by_id_and_label() {
    let harness = house().await;
    done(&harness, "root", "CreateSecret", json!({ "Name": "e" })).await;
    let (code_of, text) = refused(
        &harness,
        "root",
        "GetSecretValue",
        json!({ "SecretId": "e" }),
    )
    .await;
    assert_eq!(code_of, "ResourceNotFoundException");
    assert_eq!(
        text,
        "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT"
    );
    // The first version is the current one, whatever labels it gets.
    make(&harness, "s", "v0").await;
    let both = json!({ "SecretId": "s", "VersionId": token(0), "VersionStage": "AWSCURRENT" });
    assert_eq!(
        done(&harness, "root", "GetSecretValue", both).await["SecretString"],
        "v0"
    );
    let both = json!({ "SecretId": "s", "VersionId": token(0), "VersionStage": "AWSPREVIOUS" });
    let (_, text) = refused(&harness, "root", "GetSecretValue", both).await;
    let expected = "You provided a VersionStage that is not associated to the provided VersionId.";
    assert_eq!(text, expected);
    let none = json!({ "SecretId": "s", "ClientRequestToken": token(3) });
    let (code_of, text) = refused(&harness, "root", "PutSecretValue", none).await;
    assert_eq!(code_of, "InvalidRequestException");
    assert_eq!(
        text,
        "You must provide either SecretString or SecretBinary."
    );
    let input = json!({ "SecretId": "s", "SecretString": "v" });
    assert_eq!(
        code(&harness, "root", "PutSecretValue", input).await,
        "InvalidRequestException"
    );
    let binary = json!({
        "SecretId": "s", "SecretBinary": "AP8=", "ClientRequestToken": token(1),
    });
    done(&harness, "root", "PutSecretValue", binary).await;
    let got = done(
        &harness,
        "root",
        "GetSecretValue",
        json!({ "SecretId": "s" }),
    )
    .await;
    assert_eq!(got["SecretBinary"], "AP8=");
    assert!(got.get("SecretString").is_none());
    for size in [65_536, 65_537] {
        let input = json!({
            "SecretId": "s", "SecretString": "v".repeat(size), "ClientRequestToken": token(2),
        });
        let answer = crate::secrets::house::call(&harness, "root", "PutSecretValue", input).await;
        assert_eq!(answer.status == 200, size == 65_536, "{size}");
    }
}
