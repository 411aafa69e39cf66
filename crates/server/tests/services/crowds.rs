//! Sixty-four calls of one kind at once, over a store on disk, where commits wait for each other in
//! groups: whatever they have in common, none is told to slow down.

#![expect(
    clippy::expect_used,
    reason = "this is all test code: a surprise fails the test"
)]

use std::sync::Arc;

use platform::testing::{ACCOUNT, Answer, Harness, REGION};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;

/// How many call at once.
const CROWD: usize = 64;

/// All services, over a store in a directory that lasts as long as the value.
struct House {
    harness: Arc<Harness>,
    _directory: TempDir,
}

impl House {
    async fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let harness = Harness::on_disk(server::registry::services(), directory.path(), 1).await;
        Self {
            harness: Arc::new(harness),
            _directory: directory,
        }
    }

    /// Makes one call that succeeds.
    async fn done(&self, call: Call) -> Value {
        let answer = call.make(&self.harness).await;
        assert!(answer.status < 300, "{}", answer.text);
        answer.body
    }

    /// Makes all calls at once, each of which succeeds.
    async fn all(&self, call: impl Fn(usize) -> Call) {
        let mut calls = JoinSet::new();
        for number in 0..CROWD {
            let (harness, call) = (Arc::clone(&self.harness), call(number));
            calls.spawn(async move { call.make(&harness).await });
        }
        let answers = calls.join_all().await;
        let refused = answers.iter().filter(|answer| answer.status >= 300);
        let refused: Vec<_> = refused.map(|answer| &answer.text).collect();
        let first = refused.first();
        assert!(refused.is_empty(), "{} refused: {first:?}", refused.len());
    }
}

/// A call in one of the protocols.
enum Call {
    Json(&'static str, Value),
    Query(&'static str, String),
    Rest(&'static str, &'static str, Value),
}

impl Call {
    async fn make(self, harness: &Harness) -> Answer {
        match self {
            Self::Json(target, input) => harness.json("root", target, input).await,
            Self::Query(service, form) => harness.query("root", service, &form).await,
            Self::Rest(service, operation, input) => {
                harness.rest("root", service, operation, input).await
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets() {
    let house = House::new().await;
    let create = |number| {
        let input = json!({
            "Name": format!("app/{number}"), "SecretString": "s", "ClientRequestToken": token(number),
        });
        Call::Json("secretsmanager.CreateSecret", input)
    };
    house.all(create).await;
    let list = Call::Json("secretsmanager.ListSecrets", json!({ "MaxResults": 100 }));
    let listed = house.done(list).await;
    assert_eq!(listed["SecretList"].as_array().map(Vec::len), Some(CROWD));
    house
        .all(|number| {
            let input = json!({
                "SecretId": format!("app/{number}"), "SecretString": "t",
                "ClientRequestToken": token(CROWD + number),
            });
            Call::Json("secretsmanager.PutSecretValue", input)
        })
        .await;
    house
        .all(|number| {
            let input =
                json!({ "SecretId": format!("app/{number}"), "ForceDeleteWithoutRecovery": true });
            Call::Json("secretsmanager.DeleteSecret", input)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn versions_of_one_secret() {
    let house = House::new().await;
    let input = json!({ "Name": "app", "SecretString": "s", "ClientRequestToken": token(CROWD) });
    house
        .done(Call::Json("secretsmanager.CreateSecret", input))
        .await;
    house
        .all(|number| {
            let input = json!({
                "SecretId": "app", "SecretString": format!("s{number}"),
                "ClientRequestToken": token(number),
            });
            Call::Json("secretsmanager.PutSecretValue", input)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rotations_of_many_secrets() {
    let house = House::new().await;
    let create = |number| {
        let input = json!({
            "Name": format!("app/{number}"), "SecretString": "s", "ClientRequestToken": token(number),
        });
        Call::Json("secretsmanager.CreateSecret", input)
    };
    house.all(create).await;
    let lambda = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:rotate");
    house.harness.functions.answer(&lambda, "null");
    house
        .all(|number| {
            let input = json!({
                "SecretId": format!("app/{number}"),
                "RotationLambdaARN": lambda,
                "RotationRules": { "AutomaticallyAfterDays": 30 },
                "RotateImmediately": false,
                "ClientRequestToken": token(CROWD + number),
            });
            Call::Json("secretsmanager.RotateSecret", input)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parameters() {
    let house = House::new().await;
    let put = |number: usize| {
        let kind = ["String", "SecureString"][number % 2];
        let input = json!({ "Name": format!("/app/{number}"), "Type": kind, "Value": "v" });
        Call::Json("AmazonSSM.PutParameter", input)
    };
    house.all(put).await;
    house
        .all(|number| {
            let input = json!({ "Name": format!("/app/{number}") });
            Call::Json("AmazonSSM.DeleteParameter", input)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn versions_of_one_parameter() {
    let house = House::new().await;
    house
        .all(|number| {
            let input = json!({
                "Name": "/app", "Type": "String", "Value": number.to_string(), "Overwrite": true,
            });
            Call::Json("AmazonSSM.PutParameter", input)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_and_aliases() {
    let house = House::new().await;
    house
        .all(|_| Call::Json("TrentService.CreateKey", json!({})))
        .await;
    let mut keys = Vec::new();
    for _ in 0..2 {
        let made = house
            .done(Call::Json("TrentService.CreateKey", json!({})))
            .await;
        keys.push(made["KeyMetadata"]["KeyId"].clone());
    }
    house
        .all(|number| {
            let alias = format!("alias/{number}");
            let input = json!({ "AliasName": alias, "TargetKeyId": keys[number % 2] });
            Call::Json("TrentService.CreateAlias", input)
        })
        .await;
    house
        .all(|number| {
            let input = json!({
                "KeyId": keys[0],
                "GranteePrincipal": format!("arn:aws:iam::{ACCOUNT}:root"),
                "Operations": ["Decrypt"],
                "Name": format!("grant{number}"),
            });
            Call::Json("TrentService.CreateGrant", input)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn log_groups_and_events() {
    let house = House::new().await;
    house
        .all(|number| {
            let input = json!({ "logGroupName": format!("/app/{number}") });
            Call::Json("Logs_20140328.CreateLogGroup", input)
        })
        .await;
    house
        .all(|number| {
            let input = json!({ "logGroupName": "/app/0", "logStreamName": number.to_string() });
            Call::Json("Logs_20140328.CreateLogStream", input)
        })
        .await;
    let put = |stream: usize| {
        let event = json!({ "timestamp": 1_767_225_600_000_u64, "message": "m" });
        let input = json!({
            "logGroupName": "/app/0", "logStreamName": stream.to_string(), "logEvents": [event],
        });
        Call::Json("Logs_20140328.PutLogEvents", input)
    };
    house.all(put).await;
    house.all(|_| put(0)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn topics_and_messages() {
    let house = House::new().await;
    house
        .all(|number| Call::Query("sns", format!("Action=CreateTopic&Name=topic{number}")))
        .await;
    let arn = format!("arn:aws:sns:us-east-1:{ACCOUNT}:topic0");
    house
        .all(|number| {
            let endpoint = format!("https%3A%2F%2Fexample.com%2F{number}");
            let form =
                format!("Action=Subscribe&TopicArn={arn}&Protocol=https&Endpoint={endpoint}");
            Call::Query("sns", form)
        })
        .await;
    house
        .all(|_| Call::Query("sns", format!("Action=Publish&TopicArn={arn}&Message=m")))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queues_and_messages() {
    let house = House::new().await;
    house
        .all(|number| {
            let input = json!({ "QueueName": format!("queue{number}") });
            Call::Json("AmazonSQS.CreateQueue", input)
        })
        .await;
    let url = format!("http://localhost/{ACCOUNT}/queue0");
    house
        .all(|_| {
            let input = json!({ "QueueUrl": url, "MessageBody": "m" });
            Call::Json("AmazonSQS.SendMessage", input)
        })
        .await;
    house
        .all(|_| Call::Json("AmazonSQS.ReceiveMessage", json!({ "QueueUrl": url })))
        .await;
    let input = json!({ "QueueName": "queue.fifo", "Attributes": { "FifoQueue": "true" } });
    house.done(Call::Json("AmazonSQS.CreateQueue", input)).await;
    let url = format!("http://localhost/{ACCOUNT}/queue.fifo");
    house
        .all(|number| {
            let input = json!({
                "QueueUrl": url, "MessageBody": "m", "MessageGroupId": "g",
                "MessageDeduplicationId": number.to_string(),
            });
            Call::Json("AmazonSQS.SendMessage", input)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_and_events() {
    let house = House::new().await;
    let pattern = json!({ "source": ["app"] }).to_string();
    house
        .all(|number| {
            let input = json!({ "Name": format!("rule{number}"), "EventPattern": pattern });
            Call::Json("AWSEvents.PutRule", input)
        })
        .await;
    house
        .all(|number| {
            Call::Json(
                "AWSEvents.CreateEventBus",
                json!({ "Name": format!("bus{number}") }),
            )
        })
        .await;
    let entry = json!({ "Source": "app", "DetailType": "t", "Detail": "{}" });
    house
        .all(|_| Call::Json("AWSEvents.PutEvents", json!({ "Entries": [entry] })))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_roles_and_policies() {
    let house = House::new().await;
    house
        .all(|number| Call::Query("iam", format!("Action=CreateUser&UserName=user{number}")))
        .await;
    let trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A\
                 %22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22lambda.amazonaws.com%22%7D\
                 %2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%7D";
    house
        .all(|number| {
            let form =
                format!("Action=CreateRole&RoleName=role{number}&AssumeRolePolicyDocument={trust}");
            Call::Query("iam", form)
        })
        .await;
    let document = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A\
                    %22Allow%22%2C%22Action%22%3A%22%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D";
    house
        .all(|number| {
            let form =
                format!("Action=CreatePolicy&PolicyName=policy{number}&PolicyDocument={document}");
            Call::Query("iam", form)
        })
        .await;
    let policy = format!("arn:aws:iam::{ACCOUNT}:policy/policy0");
    house
        .all(|number| {
            let form = format!("Action=AttachUserPolicy&UserName=user{number}&PolicyArn={policy}");
            Call::Query("iam", form)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn functions() {
    let house = House::new().await;
    let role = format!("arn:aws:iam::{ACCOUNT}:role/worker");
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": { "Service": "lambda.amazonaws.com" },
        "Action": "sts:AssumeRole",
    }] });
    house
        .harness
        .identities
        .role(&role, &trust.to_string(), &[]);
    house
        .all(|number| Call::Rest("lambda", "CreateFunction", function(number, &role)))
        .await;
    let function0 = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:function0");
    house
        .all(|number| {
            let input = json!({ "Resource": function0, "Tags": { "number": number.to_string() } });
            Call::Rest("lambda", "TagResource", input)
        })
        .await;
}

/// A number of 32 digits, as tokens have at least.
fn token(number: usize) -> String {
    format!("{number:032}")
}

/// A function whose package is an archive of one file, `i.py`.
fn function(number: usize, role: &str) -> Value {
    json!({
        "FunctionName": format!("function{number}"),
        "Runtime": "python3.12",
        "Role": role,
        "Handler": "i.h",
        "Code": { "ZipFile": ARCHIVE },
    })
}

const ARCHIVE: &str = "UEsDBBQAAAAAAAAAIVybHyjlCQAAAAkAAAAEAAAAaS5weWggPSBwcmludFBLAQIUAxQAAAAAAAAAIVyb\
    HyjlCQAAAAkAAAAEAAAAAAAAAAAAAACkAQAAAABpLnB5UEsFBgAAAAABAAEAMgAAACsAAAAAAA==";
