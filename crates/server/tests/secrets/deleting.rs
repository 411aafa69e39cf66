//! Deletion, and taking it back.

use platform::Clock as _;
use serde_json::json;

use crate::house::{call, code, done, get, house, make, put, refused, token};

const DAY: i64 = 24 * 60 * 60;

#[tokio::test]
async fn a_marked_secret_can_be_restored_until_its_window_is_over() {
    let harness = house().await;
    let arn = make(&harness, "s", "v0").await;
    let id = json!({ "SecretId": "s" });
    let delete = json!({ "SecretId": "s", "RecoveryWindowInDays": 7 });
    let deleted = done(&harness, "root", "DeleteSecret", delete.clone()).await;
    assert_eq!(deleted["ARN"], arn);
    let now = harness.clock.now().millis / 1000;
    assert_eq!(deleted["DeletionDate"].as_i64(), Some(now + 7 * DAY));
    let marked =
        "You can't perform this operation on the secret because it was marked for deletion.";
    for (operation, more) in [
        ("GetSecretValue", json!({})),
        (
            "PutSecretValue",
            json!({ "SecretString": "x", "ClientRequestToken": token(1) }),
        ),
        ("UpdateSecret", json!({ "Description": "d" })),
        (
            "TagResource",
            json!({ "Tags": [{ "Key": "k", "Value": "v" }] }),
        ),
        ("GetResourcePolicy", json!({})),
    ] {
        let mut input = more;
        input["SecretId"] = json!("s");
        let expected = ("InvalidRequestException".to_owned(), marked.to_owned());
        assert_eq!(
            refused(&harness, "root", operation, input).await,
            expected,
            "{operation}"
        );
    }
    let (_, text) = refused(&harness, "root", "DeleteSecret", delete.clone()).await;
    assert!(
        text.ends_with("it was already scheduled for deletion."),
        "{text}"
    );
    let create = json!({ "Name": "s", "SecretString": "x", "ClientRequestToken": token(2) });
    let (_, text) = refused(&harness, "root", "CreateSecret", create.clone()).await;
    assert!(
        text.ends_with("is already scheduled for deletion."),
        "{text}"
    );
    let described = done(&harness, "root", "DescribeSecret", id.clone()).await;
    assert!(described.get("DeletedDate").is_some());
    done(&harness, "root", "RestoreSecret", id.clone()).await;
    assert_eq!(get(&harness, "root", "s").await, "v0");

    done(&harness, "root", "DeleteSecret", delete).await;
    harness.clock.advance(7 * DAY);
    // Whether or not the job has run.
    for operation in ["DescribeSecret", "RestoreSecret"] {
        let code = code(&harness, "root", operation, id.clone()).await;
        assert_eq!(code, "ResourceNotFoundException", "{operation}");
    }
    let made = done(&harness, "root", "CreateSecret", create).await;
    assert_ne!(made["ARN"], arn);
    assert_eq!(get(&harness, "root", "s").await, "x");
    let gone = json!({ "SecretId": arn });
    let code = code(&harness, "root", "GetSecretValue", gone).await;
    assert_eq!(code, "ResourceNotFoundException");
}

#[tokio::test]
async fn the_job_deletes_what_is_due_and_nothing_else() {
    let harness = house().await;
    for (name, days) in [("a", 7), ("b", 8)] {
        make(&harness, name, "v0").await;
        put(&harness, name, 1, "v1").await;
        let input = json!({ "SecretId": name, "RecoveryWindowInDays": days });
        done(&harness, "root", "DeleteSecret", input).await;
    }
    let run = async || {
        let ran = secretsmanager::carry_out(&harness.pipeline.upkeep(), harness.clock.now()).await;
        ran.ok().expect("a run")
    };
    harness.clock.advance(7 * DAY - 1);
    assert_eq!(run().await, 0);
    harness.clock.advance(1);
    assert_eq!(run().await, 1);
    assert_eq!(run().await, 0);
    let input = json!({ "IncludePlannedDeletion": true });
    let listed = done(&harness, "root", "ListSecrets", input).await;
    assert_eq!(listed["SecretList"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed["SecretList"][0]["Name"], "b");
}

#[tokio::test]
async fn force_leaves_nothing() {
    let harness = house().await;
    make(&harness, "s", "v0").await;
    let force = json!({ "SecretId": "s", "ForceDeleteWithoutRecovery": true });
    done(&harness, "root", "DeleteSecret", force.clone()).await;
    let id = json!({ "SecretId": "s" });
    let code_of = code(&harness, "root", "DescribeSecret", id.clone()).await;
    assert_eq!(code_of, "ResourceNotFoundException");
    // It does not mind that there is none.
    assert_eq!(
        call(&harness, "root", "DeleteSecret", force).await.status,
        200
    );
    let code_of = code(&harness, "root", "DeleteSecret", id).await;
    assert_eq!(code_of, "ResourceNotFoundException");
    make(&harness, "s", "again").await;
    for more in [
        json!({ "RecoveryWindowInDays": 6 }),
        json!({ "RecoveryWindowInDays": 31 }),
        json!({ "RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": true }),
    ] {
        let mut input = more;
        input["SecretId"] = json!("s");
        let code_of = code(&harness, "root", "DeleteSecret", input).await;
        assert_eq!(code_of, "InvalidParameterException");
    }
}
