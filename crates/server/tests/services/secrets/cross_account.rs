//! Replicas of secrets in other accounts: who has to agree, what follows, and how it ends.

use platform::Membership;
use platform::testing::{Answer, Harness};
use serde_json::{Value, json};

use crate::secrets::house::{
    OTHER, OWN, allowing, call, done, get, house, make, put, refused, token,
};

/// A primary secret `s` of the first account and a replica `r` of it in the second, with their ARNs
/// and the replica's key.
pub(crate) struct Pair {
    pub(crate) harness: Harness,
    primary: String,
    replica: String,
    key: String,
}

async fn kms_as(harness: &Harness, who: &str, operation: &str, input: Value) -> Value {
    let answer = harness
        .json(who, &format!("TrentService.{operation}"), input)
        .await;
    assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
    answer.body
}

/// A key of the second account that the first one may encrypt with for its secret alone.
async fn shared_key(harness: &Harness) -> String {
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{OTHER}:root") },
                "Action": "kms:*", "Resource": "*",
            },
            {
                "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{OWN}:root") },
                "Action": "kms:Encrypt", "Resource": "*",
                "Condition": { "StringLike": {
                    "kms:ViaService": "secretsmanager.eu-west-2.amazonaws.com",
                    "kms:EncryptionContext:SecretARN": format!("arn:aws:secretsmanager:*:{OTHER}:secret:r-*"),
                } },
            },
        ],
    });
    let made = kms_as(
        harness,
        "other",
        "CreateKey",
        json!({ "Policy": policy.to_string() }),
    )
    .await;
    made["KeyMetadata"]["Arn"]
        .as_str()
        .expect("an ARN")
        .to_owned()
}

impl Pair {
    async fn new() -> Self {
        Self::within(house().await).await
    }

    pub(crate) async fn within(harness: Harness) -> Self {
        for account in [OWN, OTHER] {
            let membership = Membership {
                organization_id: "o-one".to_owned(),
                ..Membership::default()
            };
            harness.identities.member(account, membership);
        }
        let primary = make(&harness, "s", "v0").await;
        let key = shared_key(&harness).await;
        let input = json!({ "Name": "r", "CrossAccountPrimaryARN": primary, "KmsKeyId": key });
        let made = done(&harness, "other", "CreateSecret", input).await;
        let replica = made["ARN"].as_str().expect("an ARN").to_owned();
        Self {
            harness,
            primary,
            replica,
            key,
        }
    }

    async fn associated() -> Self {
        let pair = Self::new().await;
        let answer = pair.associate("root", json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        pair
    }

    pub(crate) async fn associate(&self, who: &str, mut more: Value) -> Answer {
        more["SecretId"] = json!("s");
        more["CrossAccountReplicaARN"] = json!(self.replica);
        call(&self.harness, who, "AssociateCrossAccountReplica", more).await
    }

    async fn describe(&self, who: &str, id: &str) -> Value {
        done(
            &self.harness,
            who,
            "DescribeSecret",
            json!({ "SecretId": id }),
        )
        .await
    }

    pub(crate) async fn statuses(&self) -> [Value; 2] {
        let (primary, replica) = (
            self.describe("root", "s").await,
            self.describe("other", "r").await,
        );
        [
            primary["CrossAccountReplicas"][0]["ReplicationStatus"].clone(),
            replica["CrossAccountPrimary"]["ReplicationStatus"].clone(),
        ]
    }
}

#[tokio::test]
async fn a_replica_gets_the_current_value_and_nothing_else() {
    let pair = Pair::new().await;
    let (harness, primary) = (&pair.harness, &pair.primary);
    let replica = pair.describe("other", "r").await;
    let pending = json!({ "PrimarySecretARN": primary, "ReplicationStatus": "Pending" });
    assert_eq!(replica["CrossAccountPrimary"], pending);
    let read = json!({ "SecretId": "r" });
    let (code, _) = refused(harness, "other", "GetSecretValue", read.clone()).await;
    assert_eq!(code, "ResourceNotFoundException");
    put(harness, "s", 1, "v1").await;
    assert_eq!(pair.statuses().await, [Value::Null, json!("Pending")]);
    let answer = pair.associate("root", json!({})).await;
    let expected = json!({
        "ARN": primary, "CrossAccountReplicaARN": pair.replica, "ReplicationStatus": "InSync",
    });
    assert_eq!(answer.body, expected);
    assert_eq!(get(harness, "other", "r").await, "v1");
    let shown = pair.describe("root", "s").await;
    let entry = json!([{
        "ReplicaSecretARN": pair.replica, "ReplicationStatus": "InSync",
        "StatusMessage": "Replication succeeded",
    }]);
    assert_eq!(shown["CrossAccountReplicas"], entry);
    let tags = json!({ "SecretId": "s", "Tags": [{ "Key": "k", "Value": "v" }] });
    done(harness, "root", "TagResource", tags).await;
    put(harness, "s", 2, "v2").await;
    let replica = pair.describe("other", "r").await;
    assert!(replica.get("Tags").is_none(), "{replica}");
    let stages = json!({ (token(2)): ["AWSCURRENT"], (token(1)): ["AWSPREVIOUS"] });
    assert_eq!(replica["VersionIdsToStages"], stages);
    assert_eq!(get(harness, "other", "r").await, "v2");
    // Back to what was there before.
    let back = json!({
        "SecretId": "s", "VersionStage": "AWSCURRENT",
        "MoveToVersionId": token(1), "RemoveFromVersionId": token(2),
    });
    done(harness, "root", "UpdateSecretVersionStage", back).await;
    assert_eq!(get(harness, "other", "r").await, "v1");
    // The replica's own key counts, and the primary's does not.
    kms_as(harness, "other", "DisableKey", json!({ "KeyId": pair.key })).await;
    let (code, _) = refused(harness, "other", "GetSecretValue", read).await;
    assert_eq!(code, "DecryptionFailure");
}

#[tokio::test]
async fn both_accounts_have_to_agree() {
    let pair = Pair::new().await;
    let harness = &pair.harness;
    let reading = allowing(&["secretsmanager:GetSecretValue", "kms:*"], "*");
    let linking = allowing(&["secretsmanager:AssociateCrossAccountReplica"], "*");
    let accepting = allowing(
        &["secretsmanager:AcceptCrossAccountReplication"],
        &pair.replica,
    );
    let no_keys = allowing(&["secretsmanager:*"], "*");
    harness.user("a", &[&reading, &accepting]);
    harness.user("b", &[&linking, &accepting, &allowing(&["kms:*"], "*")]);
    harness.user("c", &[&linking, &reading]);
    harness.user("d", &[&no_keys]);
    harness.user("e", &[&linking, &reading, &accepting]);
    for who in ["a", "b", "c", "d"] {
        let answer = pair.associate(who, json!({})).await;
        assert_eq!(
            answer.code.as_deref(),
            Some("AccessDeniedException"),
            "{who} {}",
            answer.text
        );
    }
    assert_eq!(pair.statuses().await, [Value::Null, json!("Pending")]);
    // The owner of the replica denies what Secrets Manager's policy allows.
    let deny = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Deny", "Principal": { "AWS": OWN }, "Resource": "*",
            "Action": "secretsmanager:AcceptCrossAccountReplication",
        }],
    });
    let attach = json!({ "SecretId": "r", "ResourcePolicy": deny.to_string() });
    done(harness, "other", "PutResourcePolicy", attach).await;
    let answer = pair.associate("root", json!({})).await;
    assert_eq!(
        answer.code.as_deref(),
        Some("AccessDeniedException"),
        "{}",
        answer.text
    );
    let listed = json!({ "ResourcePolicies": [
        { "PolicyName": "default" }, { "PolicyName": "cross-account-replication" },
    ] });
    let id = json!({ "SecretId": "r" });
    assert_eq!(
        done(harness, "other", "ListResourcePolicies", id.clone()).await,
        listed
    );
    let first = json!({ "SecretId": "r", "MaxResults": 1 });
    let first = done(harness, "other", "ListResourcePolicies", first).await;
    assert_eq!(
        first["ResourcePolicies"],
        json!([{ "PolicyName": "default" }])
    );
    let next = json!({ "SecretId": "r", "NextToken": first["NextToken"] });
    let next = done(harness, "other", "ListResourcePolicies", next).await;
    let expected = json!({ "ResourcePolicies": [{ "PolicyName": "cross-account-replication" }] });
    assert_eq!(next, expected);
    done(harness, "other", "DeleteResourcePolicy", id).await;
    let answer = pair.associate("e", json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let named = json!({ "SecretId": "r", "PolicyName": "cross-account-replication" });
    let policy = done(harness, "other", "GetResourcePolicy", named).await;
    let policy = policy["ResourcePolicy"].as_str().expect("a policy");
    let policy: Value = serde_json::from_str(policy).expect("JSON");
    assert_eq!(
        policy["Statement"][0]["Principal"]["AWS"],
        format!("arn:aws:iam::{OWN}:root")
    );
    let named = json!({ "SecretId": "s", "PolicyName": "cross-account-replication" });
    let (code, _) = refused(harness, "root", "GetResourcePolicy", named).await;
    assert_eq!(code, "ResourceNotFoundException");
}

#[tokio::test]
async fn only_a_replica_that_was_made_for_the_secret_follows_it() {
    let pair = Pair::new().await;
    let harness = &pair.harness;
    make(harness, "t", "other").await;
    let input = json!({ "SecretId": "t", "CrossAccountReplicaARN": pair.replica });
    let (code, _) = refused(harness, "root", "AssociateCrossAccountReplica", input).await;
    assert_eq!(code, "InvalidRequestException");
    let absent = format!("arn:aws:secretsmanager:eu-west-2:{OTHER}:secret:absent-AbCdEf");
    let elsewhere = pair.replica.replace("eu-west-2", "us-east-1");
    for (replica, expected) in [
        (&*absent, "AccessDeniedException"),
        (&*elsewhere, "InvalidParameterException"),
        (&*pair.primary, "InvalidParameterException"),
        (
            "arn:aws:secretsmanager:eu-west-2",
            "InvalidParameterException",
        ),
    ] {
        let input = json!({ "SecretId": "s", "CrossAccountReplicaARN": replica });
        let (code, text) = refused(harness, "root", "AssociateCrossAccountReplica", input).await;
        assert_eq!(code, expected, "{replica}: {text}");
    }
    // One organization, or none required.
    let apart = Membership {
        organization_id: "o-two".to_owned(),
        ..Membership::default()
    };
    harness.identities.member(OTHER, apart);
    let answer = pair
        .associate("root", json!({ "ReplicaRestriction": "SameOrg" }))
        .await;
    assert_eq!(
        answer.code.as_deref(),
        Some("InvalidRequestException"),
        "{}",
        answer.text
    );
    let free = json!({ "ReplicaRestriction": "NoRestriction" });
    assert_eq!(pair.associate("root", free.clone()).await.status, 200);
    // The same again repairs, and another one is one too many.
    assert_eq!(pair.associate("root", free).await.status, 200);
    let input =
        json!({ "Name": "r-2", "CrossAccountPrimaryARN": pair.primary, "KmsKeyId": pair.key });
    let made = done(harness, "other", "CreateSecret", input).await;
    let input = json!({
        "SecretId": "s", "CrossAccountReplicaARN": made["ARN"],
        "ReplicaRestriction": "NoRestriction",
    });
    let (code, _) = refused(harness, "root", "AssociateCrossAccountReplica", input).await;
    assert_eq!(code, "LimitExceededException");
}

#[tokio::test]
async fn a_replica_is_made_without_a_value_and_under_a_key_of_its_own() {
    let pair = Pair::new().await;
    let (primary, key) = (&pair.primary, &pair.key);
    let own = primary.replace(OWN, OTHER);
    for more in [
        json!({ "KmsKeyId": key, "SecretString": "v", "ClientRequestToken": token(0) }),
        json!({ "KmsKeyId": key, "Description": "d" }),
        json!({ "KmsKeyId": key, "AddReplicaRegions": [{ "Region": "us-east-1" }] }),
        json!({}),
        json!({ "KmsKeyId": "alias/aws/secretsmanager" }),
        json!({ "KmsKeyId": key, "CrossAccountPrimaryARN": own }),
        json!({ "KmsKeyId": key, "CrossAccountPrimaryARN": primary.replace("eu-west-2", "us-east-1") }),
    ] {
        let mut input = json!({ "Name": "x", "CrossAccountPrimaryARN": primary });
        let members = more.as_object().expect("members").clone();
        input.as_object_mut().expect("members").extend(members);
        let (code, text) = refused(&pair.harness, "other", "CreateSecret", input).await;
        assert_eq!(code, "InvalidParameterException", "{more}: {text}");
    }
    // Secrets Manager attaches a policy, and that is a permission of its own.
    let most = allowing(&["secretsmanager:CreateSecret", "kms:*"], "*");
    pair.harness.user_of(OTHER, "maker", &[&most]);
    let input = json!({ "Name": "x", "CrossAccountPrimaryARN": primary, "KmsKeyId": key });
    let (code, text) = refused(&pair.harness, "maker", "CreateSecret", input).await;
    assert_eq!(code, "AccessDeniedException");
    assert!(text.contains("secretsmanager:PutResourcePolicy"), "{text}");
}

#[tokio::test]
async fn what_a_replica_says_is_for_its_primary_to_change() {
    let pair = Pair::associated().await;
    let harness = &pair.harness;
    for (operation, more) in [
        (
            "PutSecretValue",
            json!({ "SecretString": "w", "ClientRequestToken": token(5) }),
        ),
        (
            "UpdateSecret",
            json!({ "SecretString": "w", "ClientRequestToken": token(5) }),
        ),
        (
            "UpdateSecret",
            json!({ "KmsKeyId": "alias/aws/secretsmanager" }),
        ),
        (
            "UpdateSecretVersionStage",
            json!({ "VersionStage": "x", "MoveToVersionId": token(0) }),
        ),
        (
            "ReplicateSecretToRegions",
            json!({ "AddReplicaRegions": [{ "Region": "us-east-1" }] }),
        ),
        ("DeleteSecret", json!({})),
        (
            "DeleteSecret",
            json!({ "ForceDeleteWithoutRecovery": true }),
        ),
    ] {
        let mut input = more;
        input["SecretId"] = json!("r");
        let (code, text) = refused(harness, "other", operation, input).await;
        assert_eq!(code, "InvalidParameterException", "{operation}: {text}");
    }
    let update = json!({ "SecretId": "r", "Description": "mine" });
    done(harness, "other", "UpdateSecret", update).await;
    let tags = json!({ "SecretId": "r", "Tags": [{ "Key": "k", "Value": "v" }] });
    done(harness, "other", "TagResource", tags).await;
    assert_eq!(get(harness, "other", "r").await, "v0");
    let (code, _) = refused(harness, "root", "DeleteSecret", json!({ "SecretId": "s" })).await;
    assert_eq!(code, "InvalidParameterException");
}

#[tokio::test]
async fn what_fails_stands_on_both_sides_and_is_tried_again() {
    let pair = Pair::associated().await;
    let harness = &pair.harness;
    kms_as(harness, "other", "DisableKey", json!({ "KeyId": pair.key })).await;
    put(harness, "s", 1, "v1").await;
    assert_eq!(pair.statuses().await, ["Failed", "Failed"]);
    let replica = pair.describe("other", "r").await;
    let message = replica["CrossAccountPrimary"]["StatusMessage"]
        .as_str()
        .expect("a message");
    assert!(
        message.starts_with("Replication failed: Secrets Manager can't encrypt"),
        "{message}"
    );
    kms_as(harness, "other", "EnableKey", json!({ "KeyId": pair.key })).await;
    assert_eq!(get(harness, "other", "r").await, "v0");
    // Whoever may not use the keys changes the secret all the same.
    harness.user("writer", &[&allowing(&["secretsmanager:*"], "*")]);
    let write = json!({ "SecretId": "s", "SecretString": "v2", "ClientRequestToken": token(2) });
    done(harness, "writer", "PutSecretValue", write).await;
    assert_eq!(pair.statuses().await, ["Failed", "Failed"]);
    let tags = json!({ "SecretId": "s", "Tags": [{ "Key": "k", "Value": "v" }] });
    done(harness, "root", "TagResource", tags).await;
    assert_eq!(pair.statuses().await, ["InSync", "InSync"]);
    assert_eq!(get(harness, "other", "r").await, "v2");
}

#[tokio::test]
async fn either_account_ends_it_for_itself() {
    let pair = Pair::associated().await;
    let (harness, replica) = (&pair.harness, &pair.replica);
    let end = json!({ "SecretId": "s", "CrossAccountReplicaARN": replica });
    done(
        harness,
        "root",
        "DisassociateCrossAccountReplica",
        end.clone(),
    )
    .await;
    let (code, _) = refused(
        harness,
        "root",
        "DisassociateCrossAccountReplica",
        end.clone(),
    )
    .await;
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(pair.statuses().await, [Value::Null, json!("Detached")]);
    put(harness, "s", 1, "v1").await;
    assert_eq!(get(harness, "other", "r").await, "v0");
    let delete = json!({ "SecretId": "r" });
    let (code, _) = refused(harness, "other", "DeleteSecret", delete).await;
    assert_eq!(code, "InvalidParameterException");
    // It can begin again, and the replica's owner ends it.
    assert_eq!(pair.associate("root", json!({})).await.status, 200);
    assert_eq!(get(harness, "other", "r").await, "v1");
    let stop = json!({ "SecretId": "r" });
    let half = allowing(&["secretsmanager:StopReplicationToReplica"], "*");
    harness.user_of(OTHER, "half", &[&half]);
    let (code, text) = refused(harness, "half", "StopReplicationToReplica", stop.clone()).await;
    assert_eq!(code, "AccessDeniedException");
    assert!(
        text.contains("secretsmanager:DeleteResourcePolicy"),
        "{text}"
    );
    let stopped = done(harness, "other", "StopReplicationToReplica", stop.clone()).await;
    assert_eq!(stopped, json!({ "ARN": replica }));
    assert_eq!(pair.statuses().await, [json!("Detached"), Value::Null]);
    let listed = done(harness, "other", "ListResourcePolicies", stop.clone()).await;
    assert_eq!(listed, json!({ "ResourcePolicies": [] }));
    put(harness, "s", 2, "v2").await;
    let write = json!({ "SecretId": "r", "SecretString": "own", "ClientRequestToken": token(9) });
    done(harness, "other", "PutSecretValue", write).await;
    assert_eq!(get(harness, "other", "r").await, "own");
    let answer = pair.associate("root", json!({})).await;
    assert_eq!(
        answer.code.as_deref(),
        Some("AccessDeniedException"),
        "{}",
        answer.text
    );
    done(harness, "other", "DeleteSecret", stop).await;
    let delete = json!({ "SecretId": "s" });
    let (code, _) = refused(harness, "root", "DeleteSecret", delete.clone()).await;
    assert_eq!(code, "InvalidParameterException");
    done(harness, "root", "DisassociateCrossAccountReplica", end).await;
    done(harness, "root", "DeleteSecret", delete).await;
}
