//! Functions that run: the services around them, and what runs them.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use functions::{Machine, Settings, Users};
use lambda::{Running, RunningParts};
use platform::testing::{ACCOUNT, Answer, Harness, REGION};
use serde_json::{Value, json};

use crate::lambda::house::{call, role, with};

/// Where most systems have it; functions of other users can reach it.
const PYTHON: &str = "/usr/bin/python3";
/// How many workers a house has at once.
const WORKERS: usize = 8;

/// All services, of which Lambda runs functions in Python.
pub(crate) struct House {
    pub(crate) harness: Harness,
    running: Running,
    pub(crate) folder: tempfile::TempDir,
}

/// The machine's clock, and numbers that come once.
struct TestMachine(AtomicU64);

impl Machine for TestMachine {
    #[expect(
        clippy::disallowed_methods,
        reason = "functions see the machine's clock"
    )]
    fn now_millis(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        i64::try_from(since.expect("a time after 1970").as_millis()).expect("near")
    }

    fn random(&self, bytes: &mut [u8]) -> io::Result<()> {
        let number = self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        bytes.fill(0xab);
        bytes[..8].copy_from_slice(&number);
        Ok(())
    }
}

impl House {
    /// None where there is no Python, which is said.
    pub(crate) async fn new() -> Option<Self> {
        if !Path::new(PYTHON).exists() {
            println!("skipped: {PYTHON} is not there");
            return None;
        }
        let running = Running::default();
        let services = server::registry::services_running(&running);
        let harness = Harness::new(services).await;
        let folder = tempfile::tempdir().expect("a directory");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).expect("its mode");
        running.prepare(RunningParts {
            work: harness.pipeline.own_work(),
            settings: settings(folder.path().join("functions")),
            machine: Arc::new(TestMachine(AtomicU64::new(0))),
            endpoint_url: "http://127.0.0.1:1".to_owned(),
            endpoint_ca: None,
        });
        Some(Self {
            harness,
            running,
            folder,
        })
    }

    /// Makes a role that Lambda may assume and that may do these things.
    pub(crate) fn role(&self, name: &str, actions: &[&str]) {
        let trust = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": { "Service": "lambda.amazonaws.com" },
        }] });
        let allows = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": actions, "Resource": "*",
        }] });
        let policies = [allows.to_string()];
        let policies: Vec<_> = policies.iter().map(String::as_str).collect();
        let policies = if actions.is_empty() {
            &[]
        } else {
            policies.as_slice()
        };
        let identities = &self.harness.identities;
        identities.role(&role(name), &trust.to_string(), policies);
    }

    /// Makes a function of a text with the role `worker`.
    pub(crate) async fn function(&self, name: &str, text: &str, more: Value) {
        let mut request = with(name, json!({}));
        request["Code"] =
            json!({ "ZipFile": crate::lambda::house::package("index.py", text.as_bytes()) });
        for (member, value) in more.as_object().into_iter().flatten() {
            request[member] = value.clone();
        }
        self.done("CreateFunction", request).await;
    }

    /// Calls an operation of Lambda that succeeds.
    pub(crate) async fn done(&self, operation: &str, input: Value) -> Value {
        crate::lambda::house::done(&self.harness, operation, input).await
    }

    /// Runs a function once and waits.
    pub(crate) async fn invoke(&self, name: &str, event: &str) -> Answer {
        let input = json!({ "FunctionName": name, "Payload": base64(event) });
        let mut answer = call(&self.harness, "root", "Invoke", input).await;
        answer.body = serde_json::from_str(&answer.text).unwrap_or_default();
        answer
    }

    /// Has a function get an event some time soon, and gives the request's id.
    pub(crate) async fn queue(&self, name: &str, event: &str) -> String {
        let input = json!({
            "FunctionName": name, "Payload": base64(event), "InvocationType": "Event",
        });
        let answer = call(&self.harness, "root", "Invoke", input).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        let calls = self.on_record("Invoke");
        let id = calls.last().and_then(|call| call["requestID"].as_str());
        id.expect("a call on record").to_owned()
    }

    /// Calls an operation of another service that succeeds.
    pub(crate) async fn json(&self, target: &str, input: Value) -> Value {
        let answer = self.harness.json("root", target, input).await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.text);
        answer.body
    }

    /// Makes a queue that everybody may send to, and gives its ARN.
    pub(crate) async fn sqs(&self, name: &str) -> String {
        let lets = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": { "Service": ["sns.amazonaws.com", "events.amazonaws.com"] },
            "Action": "sqs:SendMessage", "Resource": "*",
        }] });
        let input = json!({ "QueueName": name, "Attributes": { "Policy": lets.to_string() } });
        self.json("AmazonSQS.CreateQueue", input).await;
        format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
    }

    /// The messages of a queue, which are deleted.
    pub(crate) async fn messages(&self, name: &str) -> Vec<Value> {
        let url = format!("http://localhost/{ACCOUNT}/{name}");
        let input = json!({
            "QueueUrl": url, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"],
        });
        let received = self.json("AmazonSQS.ReceiveMessage", input).await;
        let messages = received["Messages"].as_array().cloned().unwrap_or_default();
        for message in &messages {
            let seen = json!({ "QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"] });
            self.json("AmazonSQS.DeleteMessage", seen).await;
        }
        messages
    }

    /// The events on record of one name, oldest first.
    pub(crate) fn on_record(&self, name: &str) -> Vec<Value> {
        let mut reader = self.harness.pipeline.store().journal_reader(1);
        let mut found: Vec<Value> = Vec::new();
        while let Some(entry) = reader.next().expect("a journal in memory") {
            let event: Value = serde_json::from_slice(&entry.payload).expect("JSON");
            found.extend((event["eventName"] == name).then_some(event));
        }
        found
    }

    /// Ends all functions.
    pub(crate) async fn close(self) {
        self.running.close().await;
    }
}

/// A text in base64, as requests of tests hold payloads.
pub(crate) fn base64(text: &str) -> String {
    wire::pem::base64(text.as_bytes())
}

/// The JSON that a text is.
pub(crate) fn parsed(text: &Value) -> Value {
    serde_json::from_str(text.as_str().unwrap_or_default()).expect("JSON")
}

fn settings(directory: PathBuf) -> Settings {
    let is_root = rustix::process::geteuid().is_root();
    let search = ["/usr/local/bin", "/usr/bin", "/bin"];
    let interpreters = (9..15).map(|minor| (functions::Runtime::Python(minor), PYTHON.into()));
    Settings {
        program: vec![env!("CARGO_BIN_EXE_strongroom").into(), "confine".into()],
        directory,
        search: search.map(PathBuf::from).to_vec(),
        interpreters: interpreters.collect(),
        python_libraries: None,
        node_libraries: None,
        users: is_root.then(users),
        protected: Vec::new(),
        is_relaxed: false,
        workers: WORKERS,
        idle: Duration::from_secs(600),
        init: Duration::from_secs(10),
    }
}

/// Users of a house's own: the processes of a user are counted together.
fn users() -> Users {
    static HOUSES: AtomicU32 = AtomicU32::new(0);
    let house = HOUSES.fetch_add(1, Ordering::SeqCst) as usize % (Users::MAX / WORKERS);
    let before = u32::try_from(house * WORKERS).expect("few");
    Users {
        first: Users::DEFAULT.first + before,
    }
}
