//! Policies as people write them: the study notes' documents, literally.

use crate::support::{
    ACCOUNT, Context, KEY, OBJECT, Scene, alice, anonymous, document, service, user,
};
use policy::{Fault, Outcome, Policy, PolicyKind, ResourceRule};
use serde_json::{Value, json};

const NOTES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/notes/");

/// A document with its placeholders filled; `None` where the data is absent.
fn note(name: &str, replacements: &[(&str, &str)]) -> Option<Value> {
    let Ok(mut text) = std::fs::read_to_string(format!("{NOTES}{name}.json")) else {
        println!("skipped: {NOTES}{name}.json is absent");
        return None;
    };
    for (placeholder, value) in replacements {
        assert!(text.contains(placeholder), "{name} has no {placeholder}");
        text = text.replace(placeholder, value);
    }
    Some(serde_json::from_str(&text).unwrap())
}

fn key_scene(document: &str) -> Scene {
    let policy = Policy::parse(document, PolicyKind::KeyPolicy).unwrap();
    Scene {
        resource: Some((policy, Some(ResourceRule::KeyPolicy))),
        ..Scene::default()
    }
}

fn bucket_scene(document: &Value) -> Scene {
    let policy = Policy::parse(&document.to_string(), PolicyKind::Resource).unwrap();
    let scene = Scene::identity(&json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]));
    Scene {
        resource: Some((policy, None)),
        ..scene
    }
}

#[test]
fn key_users_use_and_key_managers_manage() {
    let notes = ["default-key-policy", "key-user", "key-administrators"];
    let statements: Vec<_> = notes
        .iter()
        .filter_map(|name| note(&format!("n0-{name}-statement"), &[]))
        .collect();
    if statements.len() < notes.len() {
        return;
    }
    let text = document(&json!(statements)).replace("111122223333", ACCOUNT);
    let scene = key_scene(&text);
    let may = |name: &str, action: &str| {
        let arn = format!("arn:aws:iam::{ACCOUNT}:user/{name}");
        scene
            .ask(user(&arn), &format!("kms:{action}"), KEY)
            .allowed()
    };
    for action in [
        "Decrypt",
        "Encrypt",
        "DescribeKey",
        "GenerateDataKeyPair",
        "ReEncryptFrom",
        "ReEncryptTo",
    ] {
        assert!(may("KeyUser", action), "{action}");
        assert!(
            action == "DescribeKey" || !may("KeyManager", action),
            "{action}"
        );
    }
    for action in [
        "CreateGrant",
        "DescribeKey",
        "EnableKey",
        "ListGrants",
        "PutKeyPolicy",
        "UpdateAlias",
        "RevokeGrant",
        "DisableKey",
        "GetKeyPolicy",
        "DeleteAlias",
        "TagResource",
        "UntagResource",
        "ScheduleKeyDeletion",
        "CancelKeyDeletion",
    ] {
        assert!(may("KeyManager", action), "{action}");
        assert!(
            action == "DescribeKey" || !may("KeyUser", action),
            "{action}"
        );
    }
    assert!(!may("nobody", "DescribeKey"));
}

#[test]
fn the_cross_account_key_policy_serves_ec2_grants_alone() {
    let accounts = [("ACCOUNT_A_ID", ACCOUNT), ("ACCOUNT_B_ID", "222222222222")];
    let Some(policy) = note("n0-cross-account-key-policy", &accounts) else {
        return;
    };
    let scene = key_scene(&policy.to_string());
    let scene =
        scene.with_identity(&json!([{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]));
    let bob = || user("arn:aws:iam::222222222222:user/bob");
    let mut context = json!({
        "kms:ViaService": "ec2.us-west-2.amazonaws.com", "kms:CallerAccount": "222222222222"});
    let ask = |action: &str, context: &Value| {
        scene
            .ask_in(&Context::from_json(context), bob(), action, KEY)
            .allowed()
    };
    assert!(
        !ask("kms:Decrypt", &context),
        "only grants carry kms:GrantIsForAWSResource"
    );
    context["kms:GrantIsForAWSResource"] = json!("true");
    assert!(ask("kms:CreateGrant", &context));
    assert!(!ask("kms:PutKeyPolicy", &context));
    context["kms:ViaService"] = json!("ec2.us-east-1.amazonaws.com");
    assert!(!ask("kms:CreateGrant", &context));
}

#[test]
fn the_copy_policy_allows_what_it_lists() {
    let target = [("TARGET_ACCOUNT_ID", ACCOUNT), ("TARGET_KEY_ID", "1")];
    let Some(policy) = note("n0-copy-snapshot-target-policy", &target) else {
        return;
    };
    let policy = Policy::parse(&policy.to_string(), PolicyKind::Identity).unwrap();
    let mut scene = Scene {
        identity: vec![policy],
        ..Scene::default()
    };
    let account = json!({"AWS": ACCOUNT});
    let delegates =
        json!([{"Effect": "Allow", "Principal": account, "Action": "kms:*", "Resource": "*"}]);
    scene.resource = Scene::key(&delegates).resource;
    let key = KEY.replace("us-east-1", "us-west-2");
    for action in [
        "kms:Encrypt",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:DescribeKey",
    ] {
        assert!(scene.ask(alice(), action, &key).allowed(), "{action}");
        assert!(
            !scene.ask(alice(), action, KEY).allowed(),
            "{action} in another region"
        );
    }
    assert!(!scene.ask(alice(), "kms:Decrypt", &key).allowed());
    scene.resource = None;
    assert!(
        scene
            .ask(
                alice(),
                "ec2:CopySnapshot",
                "arn:aws:ec2:us-west-2::snapshot/s"
            )
            .allowed()
    );
}

#[test]
fn buckets_force_their_encryption_key() {
    let key = "arn:aws:kms:us-east-1:111111111111:key/1";
    let names = [
        ("$BucketName", "bkt"),
        ("$Region", "us-east-1"),
        ("$AccountId", ACCOUNT),
        ("$KeyId", "1"),
    ];
    let Some(policy) = note("n0-s3-force-sse-kms-policy", &names) else {
        return;
    };
    let scene = bucket_scene(&policy);
    let put = |context: Value| {
        scene
            .ask_in(
                &Context::from_json(&context),
                alice(),
                "s3:PutObject",
                OBJECT,
            )
            .outcome
    };
    let (algorithm, key_id) = (
        "s3:x-amz-server-side-encryption",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    );
    assert_eq!(
        put(json!({algorithm: "AES256", key_id: key})),
        Outcome::ExplicitDeny
    );
    // `IfExists` on a negated operator holds for an absent key, so that a put
    // without headers is stopped by the second statement.
    assert_eq!(put(json!({})), Outcome::ExplicitDeny);
    assert_eq!(put(json!({algorithm: "aws:kms"})), Outcome::ExplicitDeny);
    assert_eq!(
        put(json!({algorithm: "aws:kms", key_id: key})),
        Outcome::Allow
    );
    let get = scene.ask(alice(), "s3:GetObject", OBJECT);
    assert!(get.allowed());
}

#[test]
fn buckets_force_their_transport() {
    let name = [("your-bucket-name", "bkt")];
    let Some(policy) = note("n0-s3-secure-transport-policy", &name) else {
        return;
    };
    let scene = bucket_scene(&policy);
    let get = |secure: &str, resource: &str| {
        let context = Context::from_json(&json!({"aws:SecureTransport": secure}));
        scene
            .ask_in(&context, alice(), "s3:GetObject", resource)
            .outcome
    };
    assert_eq!(get("false", OBJECT), Outcome::ExplicitDeny);
    assert_eq!(get("true", OBJECT), Outcome::Allow);
    assert_eq!(get("false", "arn:aws:s3:::bkt"), Outcome::ExplicitDeny);
    assert_eq!(get("false", "arn:aws:s3:::bkt2/x"), Outcome::Allow);
}

#[test]
fn a_shared_secret_needs_secret_policy_and_key_policy() {
    let account = [("<AccountB-ID>", "222222222222")];
    let role = [("<AccountB-ID>", "222222222222"), ("<RoleName>", "reader")];
    let Some(secret) = note("n0-secret-resource-policy", &account) else {
        return;
    };
    let Some(key) = note("n0-secret-key-statement", &role) else {
        return;
    };
    let identity = json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]);
    let secret = Policy::parse(&secret.to_string(), PolicyKind::Resource).unwrap();
    let secret = Scene {
        resource: Some((secret, None)),
        ..Scene::identity(&identity)
    };
    let reader = user("arn:aws:sts::222222222222:assumed-role/reader/s");
    let role_arn = "arn:aws:iam::222222222222:role/reader";
    let reader = policy::Principal {
        kind: policy::PrincipalKind::Role { role_arn },
        ..reader
    };
    let secret_arn = "arn:aws:secretsmanager:us-east-1:111111111111:secret:s-AbCdEf";
    assert!(
        secret
            .ask(reader, "secretsmanager:GetSecretValue", secret_arn)
            .allowed()
    );
    assert!(
        !secret
            .ask(reader, "secretsmanager:PutSecretValue", secret_arn)
            .allowed()
    );
    let key = key_scene(&document(&json!([key]))).with_identity(&identity);
    assert!(key.ask(reader, "kms:Decrypt", KEY).allowed());
    assert!(!key.ask(reader, "kms:Encrypt", KEY).allowed());
}

#[test]
fn the_logs_service_uses_its_key() {
    let names = [
        ("Your_account_ID", ACCOUNT),
        ("logs.region.", "logs.us-east-1."),
    ];
    let Some(policy) = note("n2-logs-key-policy", &names) else {
        return;
    };
    let scene = key_scene(&policy.to_string());
    let logs = "logs.us-east-1.amazonaws.com";
    for action in [
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:ReEncryptTo",
        "kms:GenerateDataKey",
    ] {
        assert!(scene.ask(service(logs), action, KEY).allowed(), "{action}");
        assert!(!scene.ask(anonymous(), action, KEY).allowed(), "{action}");
        assert!(
            !scene
                .ask(service("logs.eu-west-1.amazonaws.com"), action, KEY)
                .allowed()
        );
    }
    assert!(!scene.ask(service(logs), "kms:PutKeyPolicy", KEY).allowed());
}

#[test]
fn the_malformed_statement_is_refused_for_each_of_its_mistakes() {
    let Some(statement) = note("n4-malformed-statement", &[]) else {
        return;
    };
    let check = |statement: &Value| {
        let parsed = Policy::parse(&document(&json!([statement])), PolicyKind::KeyPolicy);
        parsed.map(|_| ()).map_err(|error| error.fault().clone())
    };
    let rename = |statement: &mut Value, from: &str, to: &str| {
        let members = statement.as_object_mut().unwrap();
        let value = members.remove(from).unwrap();
        members.insert(to.into(), value);
    };
    let unknown = |name: &str| Err(Fault::UnknownField(name.to_owned()));
    assert_eq!(check(&statement), unknown("Conditio"));
    let mut right = statement.clone();
    rename(&mut right, "Effectt", "Effect");
    rename(&mut right, "Conditio", "Condition");
    right["Principal"]["AWS"] = json!("arn:aws:iam::222222222222:role/ROLENAME");
    right["Action"][0] = json!("kms:Decrypt");
    assert_eq!(check(&right), Ok(()));

    let mut wrong = right.clone();
    rename(&mut wrong, "Effect", "Effectt");
    assert_eq!(check(&wrong), unknown("Effectt"));
    let mut wrong = right.clone();
    rename(&mut wrong, "Condition", "Conditio");
    assert_eq!(check(&wrong), unknown("Conditio"));
    let mut wrong = right.clone();
    wrong["Principal"] = statement["Principal"].clone();
    assert!(matches!(check(&wrong), Err(Fault::InvalidPrincipal(_))));
    let mut wrong = right;
    wrong["Action"] = statement["Action"].clone();
    assert_eq!(
        check(&wrong),
        Err(Fault::UnknownAction("kms:Decrypted".into()))
    );
}

/// What the access advisor asks of a policy.
#[test]
fn a_policy_reaches_the_services_that_it_allows_anything_in() {
    for (statement, reached) in [
        (json!({"Effect": "Allow", "Action": "KMS:Decrypt"}), true),
        (json!({"Effect": "Allow", "Action": ["s3:*", "*"]}), true),
        (json!({"Effect": "Allow", "Action": "s3:*"}), false),
        (json!({"Effect": "Deny", "Action": "kms:*"}), false),
        (json!({"Effect": "Allow", "NotAction": "s3:*"}), true),
        (json!({"Effect": "Allow", "NotAction": "kms:Decrypt"}), true),
        (
            json!({"Effect": "Allow", "NotAction": ["s3:*", "kms:*"]}),
            false,
        ),
        (json!({"Effect": "Allow", "NotAction": "*"}), false),
    ] {
        let mut statement = statement;
        statement["Resource"] = json!("*");
        let text = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
        let policy = Policy::parse(&text, PolicyKind::Identity).unwrap();
        assert_eq!(policy.reaches_service("kms"), reached, "{text}");
    }
}

#[test]
fn a_policy_closes_the_services_that_it_denies_everything_in() {
    let (any, some) = (json!("*"), json!("arn:aws:kms:*:*:key/a"));
    let condition = json!({"Bool": {"aws:SecureTransport": "false"}});
    for (actions, resource, condition, closed) in [
        (json!({"Action": "kms:*"}), &any, None, true),
        (json!({"Action": ["s3:*", "*"]}), &any, None, true),
        (json!({"Action": "kms:Decrypt"}), &any, None, false),
        (json!({"Action": "s3:*"}), &any, None, false),
        (json!({"NotAction": "s3:*"}), &any, None, true),
        (json!({"NotAction": "kms:Decrypt"}), &any, None, false),
        (json!({"NotAction": "*"}), &any, None, false),
        (json!({"Action": "kms:*"}), &some, None, false),
        (json!({"Action": "kms:*"}), &any, Some(condition), false),
    ] {
        let mut statement = actions;
        statement["Effect"] = json!("Deny");
        statement["Resource"] = resource.clone();
        if let Some(condition) = condition {
            statement["Condition"] = condition;
        }
        let closes = |statement: &Value| {
            let text = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
            let policy = Policy::parse(&text, PolicyKind::ServiceControl).unwrap();
            policy.closes_service("kms")
        };
        assert_eq!(closes(&statement), closed, "{statement}");
        statement["Effect"] = json!("Allow");
        assert!(!closes(&statement), "{statement}");
    }
}
