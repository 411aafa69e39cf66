//! CloudWatch Logs and KMS together: events under a group's key, and what the key's policy and
//! state mean to those who write and read them.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is all test code: a surprise fails the test"
)]

mod query_results;

use platform::testing::{ACCOUNT, Answer, Harness, REGION, START};
use serde_json::{Value, json};
use store::Store;

const NOW: i64 = START.millis;
const GROUP: &str = "/aws/lambda/hello-world";

/// The statement of the user guide's key policy that lets CloudWatch Logs in.
fn lets_logs_in() -> Value {
    json!({
        "Effect": "Allow",
        "Principal": { "Service": format!("logs.{REGION}.amazonaws.com") },
        "Action": [
            "kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*",
            "kms:Describe*",
        ],
        "Resource": "*",
    })
}

fn key_policy(more: &[Value]) -> String {
    let account = json!({
        "Sid": "Enable IAM User Permissions", "Effect": "Allow",
        "Principal": { "AWS": format!("arn:aws:iam::{ACCOUNT}:root") },
        "Action": "kms:*", "Resource": "*",
    });
    let statements: Vec<_> = std::iter::once(account)
        .chain(more.iter().cloned())
        .collect();
    json!({ "Version": "2012-10-17", "Id": "key-default-1", "Statement": statements }).to_string()
}

struct House {
    harness: Harness,
}

impl House {
    async fn new() -> Self {
        let harness = Harness::new(server::registry::services()).await;
        Self { harness }
    }

    async fn call(&self, target: &str, input: Value) -> Answer {
        let target = match target.split_once(':') {
            Some(("kms", operation)) => format!("TrentService.{operation}"),
            _ => format!("Logs_20140328.{target}"),
        };
        self.harness.json("root", &target, input).await
    }

    async fn ok(&self, target: &str, input: Value) -> Value {
        let answer = self.call(target, input).await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.text);
        answer.body
    }

    async fn fails(&self, target: &str, input: Value) -> (String, String) {
        let answer = self.call(target, input).await;
        assert_eq!(answer.status, 400, "{target}: {}", answer.text);
        let code = answer.code.clone().unwrap_or_default();
        (code, answer.message().to_owned())
    }

    /// A key with this policy, by its ARN.
    async fn key(&self, more: &[Value]) -> String {
        let made = self
            .ok("kms:CreateKey", json!({ "Policy": key_policy(more) }))
            .await;
        made["KeyMetadata"]["Arn"]
            .as_str()
            .expect("an ARN")
            .to_owned()
    }

    async fn group(&self, key: Option<&str>) {
        self.ok(
            "CreateLogGroup",
            json!({ "logGroupName": GROUP, "kmsKeyId": key }),
        )
        .await;
        self.ok("CreateLogStream", stream()).await;
    }

    async fn put(&self, message: &str) {
        self.ok("PutLogEvents", batch(message)).await;
    }

    async fn messages(&self) -> Vec<String> {
        let shown = self.ok("GetLogEvents", stream()).await;
        let events = shown["events"].as_array().expect("events").iter();
        let text = |event: &Value| event["message"].as_str().expect("text").to_owned();
        events.map(text).collect()
    }
}

fn stream() -> Value {
    json!({ "logGroupName": GROUP, "logStreamName": "s" })
}

fn batch(message: &str) -> Value {
    let mut input = stream();
    input["logEvents"] = json!([{ "timestamp": NOW, "message": message }]);
    input
}

fn group_arn() -> String {
    format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}")
}

fn not_allowed() -> (String, String) {
    let text = format!(
        "The specified KMS key does not exist or is not allowed to be used with Arn '{}'",
        group_arn()
    );
    ("AccessDeniedException".to_owned(), text)
}

/// All events on record, as JSON.
fn record(store: &Store) -> Vec<Value> {
    let mut reader = store.journal_reader(1);
    let mut events = Vec::new();
    while let Some(entry) = reader.next().expect("a journal") {
        events.push(serde_json::from_slice(&entry.payload).expect("JSON"));
    }
    events
}

#[tokio::test]
async fn cwl_1_a_group_s_key_encrypts_and_a_disabled_key_denies() {
    let house = House::new().await;
    let key = house.key(&[lets_logs_in()]).await;
    house.group(Some(&key)).await;
    house.put("hello").await;
    assert_eq!(house.messages().await, ["hello"]);
    let shown = house.ok("DescribeLogGroups", json!({})).await;
    assert_eq!(shown["logGroups"][0]["kmsKeyId"], key);

    house.ok("kms:DisableKey", json!({ "KeyId": key })).await;
    assert_eq!(house.fails("GetLogEvents", stream()).await, not_allowed());
    assert_eq!(house.fails("PutLogEvents", batch("x")).await, not_allowed());
    let all = json!({ "logGroupName": GROUP });
    assert_eq!(house.fails("FilterLogEvents", all).await, not_allowed());

    house.ok("kms:EnableKey", json!({ "KeyId": key })).await;
    assert_eq!(house.messages().await, ["hello"]);
}

#[tokio::test]
async fn cwl_1_kms_is_called_by_the_service_with_the_group_as_context() {
    let house = House::new().await;
    let key = house.key(&[lets_logs_in()]).await;
    house.group(Some(&key)).await;
    house.put("hello").await;
    house.messages().await;
    let store = house.harness.pipeline.store().clone();
    let record = record(&store);
    let calls = |name: &str| {
        let calls = record.iter().filter(|event| event["eventName"] == name);
        calls.cloned().collect::<Vec<_>>()
    };
    let (generated, opened) = (calls("GenerateDataKey"), calls("Decrypt"));
    assert_eq!((generated.len(), opened.len()), (1, 2), "one a call");
    for call in generated.iter().chain(&opened) {
        let principal = format!("logs.{REGION}.amazonaws.com");
        assert_eq!(call["userIdentity"]["type"], "AWSService");
        assert_eq!(call["userIdentity"]["invokedBy"], principal);
        let context = &call["requestParameters"]["encryptionContext"];
        assert_eq!(*context, json!({ "aws:logs:arn": group_arn() }));
    }
}

#[tokio::test]
async fn pol_11_a_key_policy_that_does_not_let_logs_in_refuses_it() {
    let house = House::new().await;
    let key = house.key(&[]).await;
    let create = json!({ "logGroupName": GROUP, "kmsKeyId": key });
    assert_eq!(
        house.fails("CreateLogGroup", create.clone()).await,
        not_allowed()
    );
    house.group(None).await;
    let associate = json!({ "logGroupName": GROUP, "kmsKeyId": key });
    assert_eq!(
        house.fails("AssociateKmsKey", associate.clone()).await,
        not_allowed()
    );

    let elsewhere = json!({
        "Effect": "Allow", "Principal": { "Service": "logs.eu-west-1.amazonaws.com" },
        "Action": "kms:*", "Resource": "*",
    });
    let mut other_group = lets_logs_in();
    let arn = format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:other");
    other_group["Condition"] =
        json!({ "ArnEquals": { "kms:EncryptionContext:aws:logs:arn": arn } });
    for policy in [elsewhere, other_group] {
        let input = json!({
            "KeyId": key, "PolicyName": "default", "Policy": key_policy(&[policy]),
        });
        house.ok("kms:PutKeyPolicy", input).await;
        assert_eq!(
            house.fails("AssociateKmsKey", associate.clone()).await,
            not_allowed()
        );
    }

    let mut own_group = lets_logs_in();
    own_group["Condition"] =
        json!({ "ArnEquals": { "kms:EncryptionContext:aws:logs:arn": group_arn() } });
    let input = json!({
        "KeyId": key, "PolicyName": "default", "Policy": key_policy(&[own_group]),
    });
    house.ok("kms:PutKeyPolicy", input).await;
    house.ok("AssociateKmsKey", associate).await;
    house.put("x").await;

    // What the policy no longer allows ends at once.
    let input = json!({ "KeyId": key, "PolicyName": "default", "Policy": key_policy(&[]) });
    house.ok("kms:PutKeyPolicy", input).await;
    assert_eq!(house.fails("GetLogEvents", stream()).await, not_allowed());
}

#[tokio::test]
async fn keys_that_cannot_be_used_are_told_from_those_that_may_not() {
    let house = House::new().await;
    house.group(None).await;
    let associate = |key: &str| json!({ "logGroupName": GROUP, "kmsKeyId": key });
    let key = house.key(&[lets_logs_in()]).await;
    house.ok("kms:DisableKey", json!({ "KeyId": key })).await;
    let (code, _) = house.fails("AssociateKmsKey", associate(&key)).await;
    assert_eq!(code, "InvalidParameterException");
    let asymmetric = json!({
        "Policy": key_policy(&[lets_logs_in()]), "KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT",
    });
    let made = house.ok("kms:CreateKey", asymmetric).await;
    let asymmetric = made["KeyMetadata"]["Arn"].as_str().expect("an ARN");
    let (code, _) = house.fails("AssociateKmsKey", associate(asymmetric)).await;
    assert_eq!(code, "InvalidParameterException");
    let id = key.rsplit('/').next().expect("an id");
    for not_an_arn in [
        id,
        "alias/x",
        &format!("arn:aws:kms:{REGION}:{ACCOUNT}:alias/x"),
    ] {
        let (code, _) = house.fails("AssociateKmsKey", associate(not_an_arn)).await;
        assert_eq!(code, "InvalidParameterException", "{not_an_arn}");
    }
    let absent = key.replace(id, "00000000-0000-4000-8000-000000000000");
    assert_eq!(
        house.fails("AssociateKmsKey", associate(&absent)).await,
        not_allowed()
    );
}

#[tokio::test]
async fn each_event_stays_under_the_key_that_it_came_in_under() {
    let house = House::new().await;
    house.group(None).await;
    house.put("under none").await;
    let (one, two) = (
        house.key(&[lets_logs_in()]).await,
        house.key(&[lets_logs_in()]).await,
    );
    for key in [&one, &two] {
        let input = json!({ "resourceIdentifier": group_arn(), "kmsKeyId": key });
        house.ok("AssociateKmsKey", input).await;
        house.put("under one").await;
    }
    house
        .ok("DisassociateKmsKey", json!({ "logGroupName": GROUP }))
        .await;
    house.put("under none again").await;
    assert_eq!(house.messages().await.len(), 4);
    let shown = house.ok("DescribeLogGroups", json!({})).await;
    assert!(shown["logGroups"][0]["kmsKeyId"].is_null());

    house.ok("kms:DisableKey", json!({ "KeyId": one })).await;
    assert_eq!(house.fails("GetLogEvents", stream()).await, not_allowed());
    house.put("still coming in").await;
    house.ok("kms:EnableKey", json!({ "KeyId": one })).await;
    assert_eq!(house.messages().await.len(), 5);
}

#[tokio::test]
async fn an_event_is_no_plaintext_on_disk() {
    let directory = tempfile::tempdir().expect("a directory");
    let harness = Harness::on_disk(server::registry::services(), directory.path(), 1).await;
    let house = House { harness };
    let key = house.key(&[lets_logs_in()]).await;
    house.group(Some(&key)).await;
    let canary = "canary-in-a-log-event";
    house.put(canary).await;
    assert_eq!(house.messages().await, [canary]);
    house
        .harness
        .pipeline
        .store()
        .close()
        .await
        .expect("closed");
    let mut read = 0;
    for entry in std::fs::read_dir(directory.path()).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("a file");
            let found = bytes
                .windows(canary.len())
                .any(|part| part == canary.as_bytes());
            assert!(!found, "{}", path.display());
            read += bytes.len();
        }
    }
    assert!(read > 10_000, "{read} bytes");
}
