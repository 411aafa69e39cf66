//! Replicas of secrets in other Regions: what they say, under which keys, and what becomes of them.

use platform::testing::{Answer, Harness};
use serde_json::{Value, json};

use crate::secrets::house::{allowing, code, done, get, house, key, make, put, refused, token};

const EAST: &str = "us-east-1";
const SOUTH: &str = "ap-southeast-2";
const ON_REPLICA: &str = "Operation not permitted on a replica secret. Call must be made in primary \
                          secret's region.";

async fn call_in(region: &str, harness: &Harness, operation: &str, input: Value) -> Answer {
    let target = match operation.strip_prefix("kms:") {
        Some(operation) => format!("TrentService.{operation}"),
        None => format!("secretsmanager.{operation}"),
    };
    harness.json_in(region, "root", &target, input).await
}

async fn done_in(region: &str, harness: &Harness, operation: &str, input: Value) -> Value {
    let answer = call_in(region, harness, operation, input).await;
    assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
    answer.body
}

async fn get_in(region: &str, harness: &Harness, id: &str) -> Value {
    let mut got = done_in(region, harness, "GetSecretValue", json!({ "SecretId": id })).await;
    got["SecretString"].take()
}

async fn describe_in(region: &str, harness: &Harness) -> Value {
    done_in(
        region,
        harness,
        "DescribeSecret",
        json!({ "SecretId": "s" }),
    )
    .await
}

async fn replicate(harness: &Harness, regions: Value, force: bool) -> Value {
    let input = json!({
        "SecretId": "s", "AddReplicaRegions": regions, "ForceOverwriteReplicaSecret": force,
    });
    let answer = done(harness, "root", "ReplicateSecretToRegions", input).await;
    answer["ReplicationStatus"].clone()
}

async fn key_in(region: &str, harness: &Harness) -> String {
    let made = done_in(region, harness, "kms:CreateKey", json!({})).await;
    let arn = made["KeyMetadata"]["Arn"].as_str();
    arn.expect("an ARN").to_owned()
}

async fn enable(region: &str, harness: &Harness, key: &str, enabled: bool) {
    let operation = if enabled {
        "kms:EnableKey"
    } else {
        "kms:DisableKey"
    };
    let answer = call_in(region, harness, operation, json!({ "KeyId": key })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn a_replica_says_what_its_primary_says_under_a_key_of_its_own() {
    let harness = house().await;
    let (own, there) = (key(&harness, json!({})).await, key_in(EAST, &harness).await);
    let input = json!({
        "Name": "s", "SecretString": "v0", "ClientRequestToken": token(0), "KmsKeyId": own,
        "Description": "d", "Tags": [{ "Key": "k", "Value": "v" }],
        "AddReplicaRegions": [{ "Region": EAST, "KmsKeyId": there }, { "Region": SOUTH }],
    });
    let made = done(&harness, "root", "CreateSecret", input).await;
    let expected = json!([
        {
            "Region": EAST, "KmsKeyId": there, "Status": "InSync",
            "StatusMessage": "Replication succeeded",
        },
        {
            "Region": SOUTH, "KmsKeyId": "alias/aws/secretsmanager", "Status": "InSync",
            "StatusMessage": "Replication succeeded",
        },
    ]);
    assert_eq!(made["ReplicationStatus"], expected);
    let arn = made["ARN"].as_str().expect("an ARN");
    let replica = describe_in(EAST, &harness).await;
    assert_eq!(replica["ARN"], arn.replace("eu-west-2", EAST));
    assert_eq!(replica["PrimaryRegion"], "eu-west-2");
    assert_eq!(replica["KmsKeyId"], there);
    assert_eq!(replica["Description"], "d");
    assert_eq!(replica["Tags"], json!([{ "Key": "k", "Value": "v" }]));
    assert!(replica.get("ReplicationStatus").is_none(), "{replica}");
    // Nobody needs the primary's key to read a replica, and its own key keeps everybody out.
    enable("eu-west-2", &harness, &own, false).await;
    assert_eq!(get_in(EAST, &harness, "s").await, "v0");
    assert_eq!(get_in(SOUTH, &harness, "s").await, "v0");
    enable(EAST, &harness, &there, false).await;
    let shut = call_in(EAST, &harness, "GetSecretValue", json!({ "SecretId": "s" })).await;
    assert_eq!(shut.code.as_deref(), Some("DecryptionFailure"));
    let primary = describe_in("eu-west-2", &harness).await;
    assert_eq!(primary["PrimaryRegion"], "eu-west-2");
    let read: Vec<bool> = primary["ReplicationStatus"]
        .as_array()
        .expect("replicas")
        .iter()
        .map(|replica| replica.get("LastAccessedDate").is_some())
        .collect();
    assert_eq!(read, [true, true]);
    assert!(primary.get("LastAccessedDate").is_none(), "{primary}");
    let filter = json!({ "Filters": [{ "Key": "primary-region", "Values": ["eu-west-2"] }] });
    let listed = done_in(EAST, &harness, "ListSecrets", filter).await;
    assert_eq!(listed["SecretList"][0]["PrimaryRegion"], "eu-west-2");
}

#[tokio::test]
async fn replicas_follow_each_change() {
    let harness = house().await;
    make(&harness, "s", "v0").await;
    replicate(&harness, json!([{ "Region": EAST }]), false).await;
    put(&harness, "s", 1, "v1").await;
    assert_eq!(get_in(EAST, &harness, "s").await, "v1");
    let pending = json!({
        "SecretId": "s", "SecretString": "v2", "ClientRequestToken": token(2),
        "VersionStages": ["AWSPENDING"],
    });
    done(&harness, "root", "PutSecretValue", pending).await;
    assert_eq!(get_in(EAST, &harness, "s").await, "v1");
    let moved = json!({
        "SecretId": "s", "VersionStage": "AWSCURRENT",
        "MoveToVersionId": token(2), "RemoveFromVersionId": token(1),
    });
    done(&harness, "root", "UpdateSecretVersionStage", moved).await;
    assert_eq!(get_in(EAST, &harness, "s").await, "v2");
    let update = json!({
        "SecretId": "s", "SecretString": "v3", "ClientRequestToken": token(3), "Description": "d",
    });
    done(&harness, "root", "UpdateSecret", update).await;
    assert_eq!(get_in(EAST, &harness, "s").await, "v3");
    let tags = json!({ "SecretId": "s", "Tags": [
        { "Key": "a", "Value": "1" }, { "Key": "b", "Value": "2" },
    ] });
    done(&harness, "root", "TagResource", tags).await;
    done(
        &harness,
        "root",
        "UntagResource",
        json!({ "SecretId": "s", "TagKeys": ["a"] }),
    )
    .await;
    let (primary, replica) = (
        describe_in("eu-west-2", &harness).await,
        describe_in(EAST, &harness).await,
    );
    for member in [
        "Name",
        "Description",
        "Tags",
        "VersionIdsToStages",
        "PrimaryRegion",
    ] {
        assert_eq!(primary[member], replica[member], "{member}");
    }
    assert_eq!(replica["Tags"], json!([{ "Key": "b", "Value": "2" }]));
}

#[tokio::test]
async fn a_policy_that_shuts_somebody_out_does_so_everywhere() {
    let harness = house().await;
    make(&harness, "s", "v0").await;
    let there = key_in(EAST, &harness).await;
    replicate(
        &harness,
        json!([{ "Region": EAST, "KmsKeyId": there }]),
        false,
    )
    .await;
    harness.user("reader", &[&allowing(&["secretsmanager:*", "kms:*"], "*")]);
    let read = json!({ "SecretId": "s" });
    let target = "secretsmanager.GetSecretValue";
    let before = harness.json_in(EAST, "reader", target, read.clone()).await;
    assert_eq!(before.status, 200, "{}", before.text);
    // Even while nothing can be encrypted there.
    enable(EAST, &harness, &there, false).await;
    put(&harness, "s", 1, "v1").await;
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Deny", "Principal": "*", "Action": "secretsmanager:GetSecretValue",
            "Resource": "*", "Condition": { "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:user/reader" } },
        }],
    });
    let attach = json!({ "SecretId": "s", "ResourcePolicy": policy.to_string() });
    done(&harness, "root", "PutResourcePolicy", attach).await;
    let after = harness.json_in(EAST, "reader", target, read.clone()).await;
    assert_eq!(
        after.code.as_deref(),
        Some("AccessDeniedException"),
        "{}",
        after.text
    );
    let shown = done_in(EAST, &harness, "GetResourcePolicy", read.clone()).await;
    assert!(
        shown["ResourcePolicy"]
            .as_str()
            .is_some_and(|it| it.contains("Deny")),
        "{shown}"
    );
    let listed = done_in(EAST, &harness, "ListResourcePolicies", read.clone()).await;
    assert_eq!(
        listed,
        json!({ "ResourcePolicies": [{ "PolicyName": "default" }] })
    );
    done(&harness, "root", "DeleteResourcePolicy", read.clone()).await;
    enable(EAST, &harness, &there, true).await;
    let again = harness.json_in(EAST, "reader", target, read).await;
    assert_eq!(again.body["SecretString"], "v0", "{}", again.text);
}

#[tokio::test]
async fn what_fails_stands_in_the_status_and_is_tried_again() {
    let harness = house().await;
    make(&harness, "s", "v0").await;
    let there = key_in(EAST, &harness).await;
    enable(EAST, &harness, &there, false).await;
    let wanted = json!([{ "Region": EAST, "KmsKeyId": there }]);
    let status = replicate(&harness, wanted.clone(), false).await;
    let text = "Replication failed: Secrets Manager can't encrypt the protected secret text using \
                the provided KMS key. Check that the KMS key is available, enabled, and not in an \
                invalid state.";
    let failed = json!([
        { "Region": EAST, "KmsKeyId": there, "Status": "Failed", "StatusMessage": text },
    ]);
    assert_eq!(status, failed);
    // Without any version there is no replica.
    let absent = call_in(EAST, &harness, "DescribeSecret", json!({ "SecretId": "s" })).await;
    assert_eq!(absent.code.as_deref(), Some("ResourceNotFoundException"));
    enable(EAST, &harness, &there, true).await;
    let status = replicate(&harness, wanted, false).await;
    assert_eq!(status[0]["Status"], "InSync");
    assert_eq!(status[0]["StatusMessage"], "Replication succeeded");
    // A replica that there is keeps what it says until it can follow.
    enable(EAST, &harness, &there, false).await;
    put(&harness, "s", 1, "v1").await;
    assert_eq!(get(&harness, "root", "s").await, "v1");
    let primary = describe_in("eu-west-2", &harness).await;
    assert_eq!(primary["ReplicationStatus"], failed);
    enable(EAST, &harness, &there, true).await;
    assert_eq!(get_in(EAST, &harness, "s").await, "v0");
    put(&harness, "s", 2, "v2").await;
    assert_eq!(get_in(EAST, &harness, "s").await, "v2");
    let previous = json!({ "SecretId": "s", "VersionStage": "AWSPREVIOUS" });
    let previous = done_in(EAST, &harness, "GetSecretValue", previous).await;
    assert_eq!(previous["SecretString"], "v1");
    let primary = describe_in("eu-west-2", &harness).await;
    assert_eq!(primary["ReplicationStatus"][0]["Status"], "InSync");
}

#[tokio::test]
async fn replication_needs_the_permissions_of_whoever_makes_the_change() {
    let harness = house().await;
    let there = key_in(EAST, &harness).await;
    make(&harness, "s", "v0").await;
    let most = allowing(&["secretsmanager:*"], "*");
    harness.user("without", &[&most]);
    let via = json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*" },
            { "Effect": "Allow", "Action": "kms:GenerateDataKey", "Resource": there, "Condition": {
                "StringEquals": {
                    "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com",
                    "aws:RequestedRegion": EAST,
                },
            } },
        ],
    });
    harness.user("with", &[&most, &via.to_string()]);
    for (who, expected) in [("without", "Failed"), ("with", "InSync")] {
        let input = json!({
            "SecretId": "s", "AddReplicaRegions": [{ "Region": EAST, "KmsKeyId": there }],
        });
        let answer = done(&harness, who, "ReplicateSecretToRegions", input).await;
        let status = &answer["ReplicationStatus"][0];
        assert_eq!(status["Status"], expected, "{status}");
        if who == "without" {
            let text = "Replication failed: Access to KMS is not allowed";
            assert_eq!(status["StatusMessage"], text);
        }
    }
}

#[tokio::test]
async fn a_secret_of_the_same_name_is_in_the_way_until_it_is_to_be_overwritten() {
    let harness = house().await;
    let arn = make(&harness, "s", "v0").await;
    let other = json!({ "Name": "s", "SecretString": "other", "ClientRequestToken": token(9) });
    done_in(EAST, &harness, "CreateSecret", other).await;
    let wanted = json!([{ "Region": EAST }]);
    let status = replicate(&harness, wanted.clone(), false).await;
    assert_eq!(status[0]["Status"], "Failed");
    let text = format!("Replication failed: Secret name s already exists in region {EAST}.");
    assert_eq!(status[0]["StatusMessage"], text);
    put(&harness, "s", 1, "v1").await;
    assert_eq!(get_in(EAST, &harness, "s").await, "other");
    // What is not made does not overwrite either.
    let there = key_in(EAST, &harness).await;
    enable(EAST, &harness, &there, false).await;
    let shut = json!([{ "Region": EAST, "KmsKeyId": there }]);
    assert_eq!(replicate(&harness, shut, true).await[0]["Status"], "Failed");
    assert_eq!(get_in(EAST, &harness, "s").await, "other");
    assert_eq!(
        replicate(&harness, wanted.clone(), true).await[0]["Status"],
        "InSync"
    );
    assert_eq!(get_in(EAST, &harness, "s").await, "v1");
    let listed = done_in(EAST, &harness, "ListSecrets", json!({})).await;
    assert_eq!(listed["SecretList"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        listed["SecretList"][0]["ARN"],
        arn.replace("eu-west-2", EAST)
    );
    // The replica of another secret is nobody's to overwrite, and neither is a primary one.
    let third = json!({
        "Name": "s", "SecretString": "third", "ClientRequestToken": token(8),
        "AddReplicaRegions": [{ "Region": EAST }, { "Region": "eu-west-2" }],
        "ForceOverwriteReplicaSecret": true,
    });
    let third = done_in(SOUTH, &harness, "CreateSecret", third).await;
    let texts = [
        "Replication failed: Secret name s is currently replicated to us-east-1 with a different \
         arn.",
        "Replication failed: Secret name s already exists in region eu-west-2.",
    ];
    for (status, text) in third["ReplicationStatus"]
        .as_array()
        .expect("two")
        .iter()
        .zip(texts)
    {
        assert_eq!(status["StatusMessage"], text);
    }
    assert_eq!(get_in(EAST, &harness, "s").await, "v1");
    // What never was its replica is not removed with it.
    let remove = json!({ "SecretId": "s", "RemoveReplicaRegions": [EAST, "eu-west-2"] });
    let left = done_in(SOUTH, &harness, "RemoveRegionsFromReplication", remove).await;
    assert_eq!(left["ReplicationStatus"], json!([]));
    assert_eq!(get_in(EAST, &harness, "s").await, "v1");
}

#[tokio::test]
async fn a_replica_is_written_in_its_primary_region_alone() {
    let harness = house().await;
    make(&harness, "s", "v0").await;
    replicate(&harness, json!([{ "Region": EAST }]), false).await;
    let policy = allowing(&["secretsmanager:GetSecretValue"], "*");
    for (operation, more) in [
        (
            "PutSecretValue",
            json!({ "SecretString": "w", "ClientRequestToken": token(1) }),
        ),
        ("UpdateSecret", json!({ "Description": "w" })),
        (
            "UpdateSecret",
            json!({ "SecretString": "w", "KmsKeyId": "alias/aws/secretsmanager" }),
        ),
        (
            "UpdateSecretVersionStage",
            json!({ "VersionStage": "x", "MoveToVersionId": token(0) }),
        ),
        (
            "TagResource",
            json!({ "Tags": [{ "Key": "k", "Value": "v" }] }),
        ),
        ("UntagResource", json!({ "TagKeys": ["k"] })),
        ("PutResourcePolicy", json!({ "ResourcePolicy": policy })),
        ("DeleteResourcePolicy", json!({})),
        (
            "DeleteSecret",
            json!({ "ForceDeleteWithoutRecovery": true }),
        ),
        ("RestoreSecret", json!({})),
        (
            "ReplicateSecretToRegions",
            json!({ "AddReplicaRegions": [{ "Region": SOUTH }] }),
        ),
        (
            "RemoveRegionsFromReplication",
            json!({ "RemoveReplicaRegions": [EAST] }),
        ),
    ] {
        let mut input = more;
        input["SecretId"] = json!("s");
        let answer = call_in(EAST, &harness, operation, input).await;
        assert_eq!(
            answer.code.as_deref(),
            Some("InvalidParameterException"),
            "{operation}"
        );
        assert_eq!(answer.message(), ON_REPLICA, "{operation}");
    }
    assert_eq!(get_in(EAST, &harness, "s").await, "v0");
    // Its key is its own.
    let there = key_in(EAST, &harness).await;
    let input = json!({ "SecretId": "s", "KmsKeyId": there });
    done_in(EAST, &harness, "UpdateSecret", input).await;
    let primary = describe_in("eu-west-2", &harness).await;
    assert_eq!(primary["ReplicationStatus"][0]["KmsKeyId"], there);
    enable(EAST, &harness, &there, false).await;
    let shut = call_in(EAST, &harness, "GetSecretValue", json!({ "SecretId": "s" })).await;
    assert_eq!(shut.code.as_deref(), Some("DecryptionFailure"));
}

#[tokio::test]
async fn replicas_are_removed_before_their_primary() {
    let harness = house().await;
    let arn = make(&harness, "s", "v0").await;
    replicate(
        &harness,
        json!([{ "Region": EAST }, { "Region": SOUTH }]),
        false,
    )
    .await;
    for force in [false, true] {
        let input = json!({ "SecretId": "s", "ForceDeleteWithoutRecovery": force });
        let text = format!(
            "You can't delete secret {arn} that still has replica regions [{EAST}, {SOUTH}]."
        );
        let expected = ("InvalidParameterException".to_owned(), text);
        assert_eq!(
            refused(&harness, "root", "DeleteSecret", input).await,
            expected
        );
    }
    let remove = json!({ "SecretId": "s", "RemoveReplicaRegions": [EAST] });
    for _ in 0..2 {
        let left = done(
            &harness,
            "root",
            "RemoveRegionsFromReplication",
            remove.clone(),
        )
        .await;
        assert_eq!(
            left["ReplicationStatus"].as_array().map(Vec::len),
            Some(1),
            "{left}"
        );
        assert_eq!(left["ReplicationStatus"][0]["Region"], SOUTH);
    }
    let absent = call_in(EAST, &harness, "GetSecretValue", json!({ "SecretId": "s" })).await;
    assert_eq!(absent.code.as_deref(), Some("ResourceNotFoundException"));
    assert_eq!(get_in(SOUTH, &harness, "s").await, "v0");
    let remove = json!({ "SecretId": "s", "RemoveReplicaRegions": [SOUTH] });
    done(&harness, "root", "RemoveRegionsFromReplication", remove).await;
    let primary = describe_in("eu-west-2", &harness).await;
    assert!(primary.get("PrimaryRegion").is_none(), "{primary}");
    assert!(primary.get("ReplicationStatus").is_none(), "{primary}");
    done(&harness, "root", "DeleteSecret", json!({ "SecretId": "s" })).await;
}

#[tokio::test]
async fn a_replica_becomes_a_secret_of_its_own() {
    let harness = house().await;
    let arn = make(&harness, "s", "v0").await;
    replicate(&harness, json!([{ "Region": EAST }]), false).await;
    let stop = json!({ "SecretId": "s" });
    let here = code(&harness, "root", "StopReplicationToReplica", stop.clone()).await;
    assert_eq!(here, "InvalidParameterException");
    let stopped = done_in(EAST, &harness, "StopReplicationToReplica", stop).await;
    assert_eq!(stopped["ARN"], arn.replace("eu-west-2", EAST));
    for region in ["eu-west-2", EAST] {
        let shown = describe_in(region, &harness).await;
        assert!(shown.get("PrimaryRegion").is_none(), "{shown}");
        assert!(shown.get("ReplicationStatus").is_none(), "{shown}");
    }
    put(&harness, "s", 1, "v1").await;
    assert_eq!(get_in(EAST, &harness, "s").await, "v0");
    let write = json!({ "SecretId": "s", "SecretString": "own", "ClientRequestToken": token(2) });
    done_in(EAST, &harness, "PutSecretValue", write).await;
    assert_eq!(get(&harness, "root", "s").await, "v1");
    // It is in the way of a new replica, though its ARN is the same.
    let status = replicate(&harness, json!([{ "Region": EAST }]), false).await;
    assert_eq!(status[0]["Status"], "Failed");
    assert_eq!(get_in(EAST, &harness, "s").await, "own");
}

#[tokio::test]
async fn only_other_regions_of_the_partition_have_replicas() {
    let harness = house().await;
    make(&harness, "s", "v0").await;
    for regions in [
        json!([{ "Region": "eu-west-2" }]),
        json!([{ "Region": "cn-north-1" }]),
        json!([{ "Region": "us-nowhere-9" }]),
        json!([{ "KmsKeyId": "alias/a" }]),
        json!([{ "Region": EAST }, { "Region": EAST }]),
        json!([{ "Region": SOUTH }, { "Region": "eu-west-2" }]),
    ] {
        let expected = (
            "InvalidParameterException".to_owned(),
            "Invalid replica region.".to_owned(),
        );
        let input = json!({ "SecretId": "s", "AddReplicaRegions": regions });
        let outcome = refused(&harness, "root", "ReplicateSecretToRegions", input).await;
        assert_eq!(outcome, expected, "{regions}");
        let input = json!({ "Name": "t", "AddReplicaRegions": regions });
        assert_eq!(
            refused(&harness, "root", "CreateSecret", input).await,
            expected,
            "{regions}"
        );
    }
    let listed = done_in(SOUTH, &harness, "ListSecrets", json!({})).await;
    assert_eq!(listed["SecretList"], json!([]));
}

#[tokio::test]
async fn conditions_say_where_to_and_from() {
    let harness = house().await;
    make(&harness, "s", "v0").await;
    let kms = allowing(&["kms:*", "secretsmanager:CreateSecret"], "*");
    let under = |condition: Value| {
        json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow", "Action": "secretsmanager:ReplicateSecretToRegions",
                "Resource": "*", "Condition": condition,
            }],
        })
        .to_string()
    };
    let regions =
        json!({ "ForAllValues:StringLike": { "secretsmanager:AddReplicaRegions": ["us-*"] } });
    let none = json!({ "Null": { "secretsmanager:AddReplicaRegions": "true" } });
    let gently = json!({ "Bool": { "secretsmanager:ForceOverwriteReplicaSecret": "false" } });
    let from = json!({ "StringEquals": { "secretsmanager:SecretPrimaryRegion": EAST } });
    harness.user("us", &[&kms, &under(regions)]);
    harness.user("none", &[&kms, &under(none)]);
    harness.user("gently", &[&kms, &under(gently)]);
    harness.user("from", &[&kms, &under(from)]);
    let input = |region: &str, force: bool| {
        json!({
            "SecretId": "s", "AddReplicaRegions": [{ "Region": region }],
            "ForceOverwriteReplicaSecret": force,
        })
    };
    for (who, region, force, is_allowed) in [
        ("us", EAST, true, true),
        ("us", SOUTH, false, false),
        ("none", EAST, false, false),
        ("gently", SOUTH, false, true),
        ("gently", SOUTH, true, false),
        ("from", EAST, false, false),
    ] {
        let target = "secretsmanager.ReplicateSecretToRegions";
        let answer = harness.json(who, target, input(region, force)).await;
        assert_eq!(
            answer.status == 200,
            is_allowed,
            "{who} {region}: {}",
            answer.text
        );
    }
    // A secret that is made with replicas needs the same permission.
    for (who, region, is_allowed) in [
        ("us", EAST, true),
        ("us", SOUTH, false),
        ("none", EAST, false),
    ] {
        let input = json!({ "Name": format!("{who}-{region}"), "AddReplicaRegions": [{ "Region": region }] });
        let answer = harness
            .json(who, "secretsmanager.CreateSecret", input)
            .await;
        assert_eq!(
            answer.status == 200,
            is_allowed,
            "{who} {region}: {}",
            answer.text
        );
    }
}
