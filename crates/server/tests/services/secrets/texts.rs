//! What Secrets Manager says, word by word, where recordings and reports of its users show AWS's
//! own words.

use platform::testing::Harness;
use serde_json::{Value, json};

use crate::secrets::house::{done, house, make, put, refused, token};

const NO_TOKEN: &str =
    "You must provide a ClientRequestToken value. We recommend a UUID-type value.";
const NOT_FOUND: &str = "ResourceNotFoundException";
const STATE: &str = "InvalidRequestException";
const PARAMETER: &str = "InvalidParameterException";

async fn check(harness: &Harness, expected: &[(&str, Value, &str, &str)]) {
    for (operation, input, code, text) in expected {
        let said = refused(harness, "root", operation, input.clone()).await;
        assert_eq!(said, ((*code).to_owned(), (*text).to_owned()), "{input}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_told_as_by_aws() {
    let harness = house().await;
    make(&harness, "s", "one").await;
    let absent = "Secrets Manager can't find the specified secret.";
    let id = token(7);
    let no_version =
        format!("Secrets Manager can't find the specified secret value for VersionId: {id}");
    check(
        &harness,
        &[
            (
                "GetSecretValue",
                json!({ "SecretId": "none" }),
                NOT_FOUND,
                absent,
            ),
            (
                "ListSecretVersionIds",
                json!({ "SecretId": "none" }),
                NOT_FOUND,
                absent,
            ),
            (
                "GetSecretValue",
                json!({ "SecretId": "s", "VersionStage": "AWSPREVIOUS" }),
                NOT_FOUND,
                "Secrets Manager can't find the specified secret value for staging label: \
                 AWSPREVIOUS",
            ),
            (
                "GetSecretValue",
                json!({ "SecretId": "s", "VersionId": id }),
                NOT_FOUND,
                &no_version,
            ),
            (
                "GetSecretValue",
                json!({ "SecretId": "s", "VersionId": token(0), "VersionStage": "AWSPREVIOUS" }),
                STATE,
                "You provided a VersionStage that is not associated to the provided VersionId.",
            ),
            (
                "GetSecretValue",
                json!({ "SecretId": "a#b" }),
                "ValidationException",
                "Invalid name. Must be a valid name containing alphanumeric characters, or any of \
                 the following: -/_+=.@!",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_a_request_lacks_is_told_as_by_aws() {
    let harness = house().await;
    make(&harness, "s", "one").await;
    put(&harness, "s", 1, "two").await;
    let value = json!({ "SecretId": "s", "SecretString": "x" });
    let attached = format!(
        "The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently \
         attached to version {}, so you must explicitly reference that version in \
         RemoveFromVersionId.",
        token(1)
    );
    check(
        &harness,
        &[
            ("CreateSecret", json!({ "Name": "t", "SecretString": "x" }), STATE, NO_TOKEN),
            ("PutSecretValue", value.clone(), STATE, NO_TOKEN),
            ("UpdateSecret", value, STATE, NO_TOKEN),
            // This one has another code.
            ("RotateSecret", json!({ "SecretId": "s" }), PARAMETER, NO_TOKEN),
            (
                "PutSecretValue",
                json!({ "SecretId": "s", "ClientRequestToken": token(2) }),
                STATE,
                "You must provide either SecretString or SecretBinary.",
            ),
            (
                "RotateSecret",
                json!({ "SecretId": "s", "ClientRequestToken": token(2) }),
                STATE,
                "No Lambda rotation function ARN is associated with this secret.",
            ),
            (
                "UpdateSecretVersionStage",
                json!({ "SecretId": "s", "VersionStage": "AWSCURRENT", "MoveToVersionId": token(0) }),
                PARAMETER,
                &attached,
            ),
            (
                "UpdateSecretVersionStage",
                json!({ "SecretId": "s", "VersionStage": "AWSCURRENT", "RemoveFromVersionId": token(1) }),
                PARAMETER,
                "You can only move staging label AWSCURRENT to a different secret version. It \
                 can\u{2019}t be completely removed.",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_stands_in_the_way_is_told_as_by_aws() {
    let harness = house().await;
    make(&harness, "s", "one").await;
    let arn = make(&harness, "many", "one").await;
    let regions = json!([{ "Region": "us-east-1" }, { "Region": "us-west-2" }]);
    let input = json!({ "SecretId": "many", "AddReplicaRegions": regions });
    done(&harness, "root", "ReplicateSecretToRegions", input).await;
    let again = json!({ "Name": "s", "SecretString": "x", "ClientRequestToken": token(1) });
    let replicated = format!(
        "You can't delete secret {arn} that still has replica regions [us-east-1, us-west-2]."
    );
    let both = json!({ "AutomaticallyAfterDays": 3, "ScheduleExpression": "rate(3 days)" });
    let function = "arn:aws:lambda:eu-west-2:111122223333:function:none";
    let rotation = json!({
        "SecretId": "s", "ClientRequestToken": token(1), "RotationLambdaARN": function,
    });
    let mut twice = rotation.clone();
    twice["RotationRules"] = both;
    check(
        &harness,
        &[
            (
                "CreateSecret",
                again.clone(),
                "ResourceExistsException",
                "The operation failed because the secret s already exists.",
            ),
            ("DeleteSecret", json!({ "SecretId": "many" }), PARAMETER, &replicated),
            (
                "ReplicateSecretToRegions",
                json!({ "SecretId": "s", "AddReplicaRegions": [{ "Region": "eu-west-2" }] }),
                PARAMETER,
                "Invalid replica region.",
            ),
            (
                "RotateSecret",
                twice,
                PARAMETER,
                "You cannot specify both rotation frequency and schedule expression together.",
            ),
            (
                "PutResourcePolicy",
                json!({ "SecretId": "s", "ResourcePolicy": "{\"Version\":\"2012-10-17\",\"Statement\":[{}]}" }),
                "MalformedPolicyDocumentException",
                "This resource policy contains a syntax error.",
            ),
        ],
    )
    .await;
    done(&harness, "root", "DeleteSecret", json!({ "SecretId": "s" })).await;
    check(
        &harness,
        &[
            (
                "CreateSecret",
                again,
                STATE,
                "You can't create this secret because a secret with this name is already scheduled \
                 for deletion.",
            ),
            (
                "GetSecretValue",
                json!({ "SecretId": "s" }),
                STATE,
                "You can't perform this operation on the secret because it was marked for deletion.",
            ),
        ],
    )
    .await;
}
