//! Replication to another account in sessions of a role, instead of by whoever changes the secret.

use platform::testing::Harness;
use serde_json::json;

use crate::secrets::cross_account::Pair;
use crate::secrets::house::{OTHER, OWN, allowing, done, get, token};

#[tokio::test]
async fn a_role_replicates_what_others_change() {
    let services = vec![secretsmanager::service(), kms::service(), sts::service()];
    let harness = Harness::new(services).await;
    harness.root_of(OTHER, "other");
    let role = format!("arn:aws:iam::{OWN}:role/replication");
    let trust = |principal: &str| {
        json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow", "Principal": { "Service": principal },
                "Action": "sts:AssumeRole",
            }],
        })
        .to_string()
    };
    let kms = allowing(&["kms:Decrypt", "kms:Encrypt"], "*");
    let trusted = trust("secretsmanager.amazonaws.com");
    harness.identities.role(&role, &trusted, &[&kms]);
    let pair = Pair::within(harness).await;
    let harness = &pair.harness;
    let given = json!({ "ReplicationRoleARN": role });
    let all = allowing(&["secretsmanager:*", "kms:*"], "*");
    harness.user("without", &[&all]);
    harness.user("with", &[&all, &allowing(&["iam:PassRole"], &role)]);
    let answer = pair.associate("without", given.clone()).await;
    assert_eq!(answer.code.as_deref(), Some("AccessDeniedException"));
    let foreign = json!({ "ReplicationRoleARN": format!("arn:aws:iam::{OTHER}:role/replication") });
    for refused in [
        foreign,
        json!({ "ReplicationRoleARN": format!("{role}-absent") }),
    ] {
        let answer = pair.associate("root", refused).await;
        assert_eq!(
            answer.code.as_deref(),
            Some("InvalidParameterException"),
            "{}",
            answer.text
        );
    }
    let answer = pair.associate("with", given).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let shown = done(
        harness,
        "root",
        "DescribeSecret",
        json!({ "SecretId": "s" }),
    )
    .await;
    assert_eq!(shown["CrossAccountReplicas"][0]["ReplicationRoleARN"], role);
    // Who writes needs no permission for the replica's key.
    harness.user(
        "writer",
        &[&allowing(&["secretsmanager:PutSecretValue"], "*")],
    );
    let write = |number: u32, value: &str| json!({ "SecretId": "s", "SecretString": value, "ClientRequestToken": token(number) });
    done(harness, "writer", "PutSecretValue", write(1, "v1")).await;
    assert_eq!(pair.statuses().await, ["InSync", "InSync"], "as the role");
    assert_eq!(get(harness, "other", "r").await, "v1");
    // A role that no longer trusts Secrets Manager replicates nothing.
    let other = trust("logs.amazonaws.com");
    harness.identities.role(&role, &other, &[&kms]);
    done(harness, "writer", "PutSecretValue", write(2, "v2")).await;
    assert_eq!(pair.statuses().await, ["Failed", "Failed"]);
    assert_eq!(get(harness, "other", "r").await, "v1");
}
