//! Deletion, and taking it back.

use platform::Clock as _;
use platform::testing::Harness;
use serde_json::{Value, json};

use crate::secrets::house::{call, code, done, get, house, make, put, refused, token};
use crate::secrets::rotating::events;

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

/// What CloudTrail is told of versions, as the name of the event and the version.
async fn told_of_versions(harness: &Harness) -> Vec<(String, String)> {
    let events = events(harness).await;
    let told = events.iter().map(|event| {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let version = &event["serviceEventDetails"]["SecretVersionId"];
        (text(&event["eventName"]), text(version))
    });
    told.collect()
}

#[tokio::test]
async fn deletions_are_on_record_for_each_version() {
    let harness = house().await;
    make(&harness, "s", "v0").await;
    put(&harness, "s", 1, "v1").await;
    let id = json!({ "SecretId": "s" });
    let both = |name: &str| {
        [0, 1]
            .map(|number| (name.to_owned(), token(number)))
            .to_vec()
    };
    done(&harness, "root", "DeleteSecret", id.clone()).await;
    let mut all = both("StartSecretVersionDelete");
    assert_eq!(told_of_versions(&harness).await, all);
    done(&harness, "root", "RestoreSecret", id.clone()).await;
    // To restore what is not deleted changes nothing.
    done(&harness, "root", "RestoreSecret", id.clone()).await;
    all.extend(both("CancelSecretVersionDelete"));
    assert_eq!(told_of_versions(&harness).await, all);
    done(&harness, "root", "DeleteSecret", id.clone()).await;
    let force = json!({ "SecretId": "s", "ForceDeleteWithoutRecovery": true });
    done(&harness, "root", "DeleteSecret", force.clone()).await;
    all.extend(both("StartSecretVersionDelete"));
    all.extend(both("EndSecretVersionDelete"));
    assert_eq!(told_of_versions(&harness).await, all);
    make(&harness, "s", "v0").await;
    done(&harness, "root", "DeleteSecret", force).await;
    let names = ["StartSecretVersionDelete", "EndSecretVersionDelete"];
    all.extend(names.map(|name| (name.to_owned(), token(0))));
    assert_eq!(told_of_versions(&harness).await, all);
}

#[tokio::test]
async fn versions_that_are_not_kept_are_deleted_on_record() {
    let harness = house().await;
    make(&harness, "s", "v0").await;
    for number in 1..=100 {
        put(&harness, "s", number, "v").await;
    }
    assert!(told_of_versions(&harness).await.is_empty());
    harness.clock.advance(DAY + 1);
    put(&harness, "s", 101, "v").await;
    let gone = [0, 1].map(|number| ("SecretVersionDeletion".to_owned(), token(number)));
    assert_eq!(told_of_versions(&harness).await, gone);
}
