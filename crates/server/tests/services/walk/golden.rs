//! Golden events: calls in the order of a file, each with the whole of what it leaves on record.
//!
//! A file of `golden/` is a list of calls. What an answer tells is kept under names (`keep`), which
//! stand in braces wherever later inputs and all events hold it: `{key}`. What every event of a call
//! has alike is checked here, the rest of the event is in the file, member by member. The events are
//! modelled on those that AWS's guides show for the operation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use platform::testing::{ACCOUNT, Answer, Harness, REGION, key_of};
use platform::{BucketObject, Buckets, PutFuture};
use serde_json::{Map, Value, json};

use crate::walk::send::send;

/// The account of a caller from elsewhere.
const OTHER: &str = "444455556666";
/// When the clock stands.
const NOW: &str = "2026-01-01T00:00:00Z";

/// What stands for ids that differ from run to run.
type Names = BTreeMap<String, String>;

/// The bucket that trails deliver to.
struct Bucket;

impl Buckets for Bucket {
    fn exists(&self, bucket: &str) -> bool {
        bucket == "trails"
    }

    fn encrypts(&self) -> bool {
        false
    }

    fn put(&self, _: BucketObject) -> PutFuture<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// The services of a file, a harness with callers, and the calls.
async fn harness() -> Harness {
    let harness = Harness::new(server::registry::services()).await;
    harness.pipeline.deliver_to(Arc::new(Bucket));
    let everything =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    harness.user("admin", &[everything]);
    harness.user("nobody", &[]);
    harness.user_of(OTHER, "stranger", &[everything]);
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"],
        "Principal":{{"AWS":["arn:aws:iam::{ACCOUNT}:root","arn:aws:iam::{OTHER}:root"]}}}}}}"#
    );
    let role = format!("arn:aws:iam::{ACCOUNT}:role/ops/deployer");
    harness.identities.role(&role, &trust, &[everything]);
    let function = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:rotate");
    harness.functions.answer(&function, "null");
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole",
        "Principal":{"Service":"lambda.amazonaws.com"}}}"#;
    let worker = format!("arn:aws:iam::{ACCOUNT}:role/worker");
    harness.identities.role(&worker, trust, &[]);
    harness
}

async fn play(file: &str) {
    let calls = calls_in(file);
    let harness = harness().await;
    let mut names = Names::from([
        (ACCOUNT.to_owned(), "account".to_owned()),
        (OTHER.to_owned(), "elsewhere".to_owned()),
        (REGION.to_owned(), "region".to_owned()),
    ]);
    let mut faults = Vec::new();
    for (number, call) in calls.iter().enumerate() {
        if let Some(faulty) = play_one(&harness, call, &mut names).await {
            faults.push(format!("{number} {faulty}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

/// Makes one call. What is wrong with its event, if anything is.
async fn play_one(harness: &Harness, call: &Value, names: &mut Names) -> Option<String> {
    let said = call["call"].as_str().expect("a call");
    let who = call["as"].as_str().unwrap_or("root");
    let (service, operation) = said.split_once(' ').expect("service and operation");
    let services = server::registry::services();
    let service = services.iter().find(|known| known.table.name == service);
    let table = service.expect("a service").table;
    let operation = table.operation(operation).expect("an operation");
    let input = filled(&call["input"].to_string(), names);
    let input = match input.as_str() {
        "null" => "{}",
        text => text,
    };
    let input = wire::json::decode(operation.input, input.as_bytes());
    let input = input.unwrap_or_else(|fault| panic!("{said}: {:?}", fault.message()));
    let first = harness.pipeline.store().journal_head().seq + 1;
    let protocol = table.protocols[0];
    let answer = send(harness, who, table, operation, protocol, &input).await;
    keep(harness, call, &answer, names);
    let events = crate::walk::events_from(harness, first);
    let texts: Vec<_> = events.iter().map(|text| named(text, names)).collect();
    let events: Vec<Value> = texts
        .iter()
        .map(|text| serde_json::from_str(text).expect("JSON"))
        .collect();
    let whole = call["whole"].as_bool().unwrap_or_default();
    let found: Vec<Value> = events
        .into_iter()
        .map(|event| rest_of(said, who, event, whole))
        .collect();
    let expected = match &call["events"] {
        Value::Null => vec![call["event"].clone()],
        events => events.as_array().expect("events").clone(),
    };
    (found != expected).then(|| {
        let answered = answer.code.as_deref().unwrap_or("success");
        format!("{said} ({answered}): {}", json!(found))
    })
}

/// What CloudTrail calls an operation.
fn event_name(service: &str, operation: &str) -> &'static str {
    let services = server::registry::services();
    let mut tables = services.iter().map(|known| known.table);
    let table = tables.find(|table| table.name == service);
    let operation = table.and_then(|table| table.operation(operation));
    operation.expect("an operation").event_name
}

/// Checks what all events have alike, and leaves what is particular to the call.
fn rest_of(said: &str, who: &str, event: Value, whole: bool) -> Value {
    let Value::Object(mut event) = event else {
        panic!("{said}: no object");
    };
    let is_call = event.get("eventType") == Some(&json!("AwsApiCall"));
    let ids = match is_call {
        true => &["eventID", "requestID"][..],
        false => &["eventID"],
    };
    for id in ids {
        let id = event.remove(*id).unwrap_or_default();
        let id = id.as_str().unwrap_or_default();
        assert_eq!((id.len(), id.matches('-').count()), (36, 4), "{said}: {id}");
    }
    if let Some(shared) = event.get_mut("sharedEventID") {
        assert_eq!(shared.as_str().map(str::len), Some(36), "{said}");
        *shared = json!("{shared}");
    }
    event.values_mut().for_each(settle);
    let is_nested = event["userIdentity"].get("invokedBy").is_some();
    if whole || is_nested || !is_call {
        return Value::Object(event);
    }
    let (service, operation) = said.split_once(' ').expect("service and operation");
    let services = server::registry::services();
    let table = services.iter().find(|known| known.table.name == service);
    let is_data = table.is_some_and(|known| known.table.recording.is_data(operation));
    let alike = json!({
        "eventVersion": "1.11",
        "eventTime": NOW,
        "eventSource": format!("{service}.amazonaws.com"),
        "eventName": event_name(service, operation),
        "awsRegion": region_of(service),
        "sourceIPAddress": "",
        "userAgent": "",
        "eventType": "AwsApiCall",
        "managementEvent": !is_data,
        "recipientAccountId": "{account}",
        "eventCategory": if is_data { "Data" } else { "Management" },
        "userIdentity": identity(who),
    });
    for (member, value) in alike.as_object().expect("members") {
        assert_eq!(
            event.remove(member).as_ref(),
            Some(value),
            "{said}: {member}"
        );
    }
    Value::Object(event)
}

/// Ids that services drew for what they keep for each other -> `{uuid}`, `{role id}`.
fn settle(value: &mut Value) {
    match value {
        Value::String(text) => *text = settled(text),
        Value::Array(all) => all.iter_mut().for_each(settle),
        Value::Object(all) => all.values_mut().for_each(settle),
        _ => {}
    }
}

fn settled(text: &str) -> String {
    let is_uuid = |part: &str| part.len() == 36 && part.matches('-').count() == 4;
    let is_drawn = |part: &str| is_uuid(part) && !part.starts_with("00000000");
    match text.rsplit_once('/') {
        _ if is_drawn(text) => "{uuid}".to_owned(),
        _ if text.len() == 21 && text.starts_with("AROA") => "{role id}".to_owned(),
        // The name of a connection's secret, and its ARN.
        Some((before, last)) if text.contains("events!connection/") => {
            let (id, rest) = last.split_at_checked(36).unwrap_or((last, ""));
            match (is_drawn(id), rest.is_empty()) {
                (true, true) => format!("{before}/{{uuid}}"),
                (true, false) => format!("{before}/{{uuid}}-{{six}}"),
                (false, _) => text.to_owned(),
            }
        }
        _ => text.to_owned(),
    }
}

/// Services that are in no Region are in the one that their events are in.
fn region_of(service: &str) -> &'static str {
    match service {
        "iam" | "organizations" => "us-east-1",
        _ => "{region}",
    }
}

fn identity(who: &str) -> Value {
    match who {
        "root" => json!({
            "type": "Root",
            "principalId": "{account}",
            "arn": "arn:aws:iam::{account}:root",
            "accountId": "{account}",
            "accessKeyId": key_of(who),
        }),
        _ => json!({
            "type": "IAMUser",
            "principalId": format!("AIDA{}", &key_of(who)[4..]),
            "arn": format!("arn:aws:iam::{{account}}:user/{who}"),
            "accountId": "{account}",
            "accessKeyId": key_of(who),
            "userName": who,
        }),
    }
}

/// Remembers what the answer tells, and the session that it begins.
fn keep(harness: &Harness, call: &Value, answer: &Answer, names: &mut Names) {
    if let Some(session) = call["session"].as_str() {
        harness.session(session, answer);
        names.insert(answer.element("AccessKeyId"), format!("{session} key"));
    }
    let none = Map::new();
    for (name, path) in call["keep"].as_object().unwrap_or(&none) {
        let path = path.as_str().expect("a path");
        let value = match answer.body.is_null() {
            true => answer.element(path),
            false => answer
                .body
                .pointer(path)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
        };
        assert!(
            !value.is_empty(),
            "{}: {path} in {}",
            call["call"],
            answer.text
        );
        names.insert(value, name.clone());
    }
}

/// `{key}` -> the key.
fn filled(text: &str, names: &Names) -> String {
    let mut text = text.to_owned();
    for (value, name) in names {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

/// The key -> `{key}`, what is longer first, since an ARN may hold an id.
fn named(text: &str, names: &Names) -> String {
    let mut text = text.to_owned();
    let mut longest: Vec<_> = names.iter().collect();
    longest.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
    for (value, name) in longest {
        text = text.replace(value.as_str(), &format!("{{{name}}}"));
    }
    without_hidden_ids(&text)
}

/// Ids that no answer told -> `{hex}` for those of key material, `{session}` for temporary access
/// keys, `{managed}` for keys that AWS makes.
fn without_hidden_ids(text: &str) -> String {
    let parts = text.split('"').map(|part| {
        let is_material = part.len() == 64 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_session = part.len() == 20 && part.starts_with("ASIA");
        match (is_material, is_session, part.split_once(":key/")) {
            (true, ..) => "{hex}".to_owned(),
            (_, true, _) => "{session}".to_owned(),
            (_, _, Some((of, id))) if id.len() == 36 && !id.starts_with("00000000") => {
                format!("{of}:key/{{managed}}")
            }
            _ => part.to_owned(),
        }
    });
    parts.collect::<Vec<_>>().join("\"")
}

/// The calls of a file.
fn calls_in(file: &str) -> Vec<Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/services/walk/golden");
    let calls = std::fs::read_to_string(format!("{folder}/{file}.json")).expect("a file");
    serde_json::from_str(&calls).expect("a list of calls")
}

macro_rules! play {
    ($($test:ident: $file:literal,)*) => {
        const FILES: &[&str] = &[$($file),*];
        $(
            #[tokio::test]
            async fn $test() {
                play($file).await;
            }
        )*
    };
}

play! {
    calls_of_cloudtrail: "cloudtrail",
    calls_of_eventbridge: "events",
    calls_of_iam: "iam",
    calls_about_credentials_of_iam: "iam_credentials",
    calls_about_policies_of_iam: "iam_policies",
    calls_about_roles_of_iam: "iam_roles",
    calls_of_kms: "kms",
    calls_of_lambda: "lambda",
    calls_of_cloudwatch_logs: "logs",
    calls_of_organizations: "organizations",
    calls_about_members_of_organizations: "organizations_members",
    calls_of_secrets_manager: "secretsmanager",
    calls_of_service_quotas: "servicequotas",
    calls_of_sns: "sns",
    calls_of_sqs: "sqs",
    calls_of_ssm: "ssm",
    calls_of_sts: "sts",
    calls_of_other_services: "others",
    calls_about_messages_and_parameters: "messages",
    calls_that_are_refused_or_fail: "failures",
    callers_of_every_kind: "identities",
}

#[test]
fn every_operation_has_a_golden_event() {
    let calls = FILES.iter().flat_map(|file| calls_in(file));
    let called: BTreeSet<_> = calls
        .map(|call| call["call"].as_str().expect("a call").to_owned())
        .collect();
    let operations = crate::walk::operations().into_iter();
    let names = operations.map(|(service, operation, _)| (service.name, operation.name));
    let missing: BTreeSet<_> = names
        .filter(|(service, _)| !service.starts_with("strongroom"))
        .map(|(service, operation)| format!("{service} {operation}"))
        .filter(|name| !called.contains(name))
        .collect();
    assert!(missing.is_empty(), "no golden event of {missing:?}");
}
