//! What the event of any call must have, of every operation in every protocol.

use platform::testing::REGION;
use policy::reference::{self, AccessLevel};
use serde_json::Value;

use crate::walk::input::{all_members, needed_members};
use crate::walk::send::{CANARY, send};
use crate::walk::{events_from, house, operations};

/// What CloudTrail does not call optional, and what every event here has besides ("CloudTrail record
/// contents for management, data, and network activity events").
const OBLIGATORY: &[&str] = &[
    "awsRegion",
    "eventCategory",
    "eventID",
    "eventName",
    "eventSource",
    "eventTime",
    "eventType",
    "eventVersion",
    "managementEvent",
    "readOnly",
    "recipientAccountId",
    "requestID",
    "requestParameters",
    "responseElements",
    "sourceIPAddress",
    "userAgent",
    "userIdentity",
];

/// Further members that an event may have.
const OPTIONAL: &[&str] = &[
    "additionalEventData",
    "apiVersion",
    "errorCode",
    "errorMessage",
    "resources",
    "sharedEventID",
    "tlsDetails",
];

#[tokio::test]
async fn gen_5_every_call_allowed_or_denied_leaves_one_whole_event() {
    let (harness, given) = house().await;
    let (mut succeeded, mut failed) = (0, 0);
    for (service, operation, protocol) in operations() {
        for (who, input) in [
            ("root", all_members(operation, &given)),
            ("admin", needed_members(operation, &given)),
            ("nobody", needed_members(operation, &given)),
        ] {
            let first = harness.pipeline.store().journal_head().seq + 1;
            let answer = send(&harness, who, service, operation, protocol, &input).await;
            let texts = events_from(&harness, first);
            let own: Vec<(Value, &String)> = texts
                .iter()
                .map(|text| (serde_json::from_str(text).expect("JSON"), text))
                .filter(|(event, _): &(Value, _)| {
                    is_own(event, service.signing_name, operation.event_name)
                })
                .collect();
            let place = format!("{} {} {protocol:?} by {who}", service.name, operation.name);
            let [(event, text)] = own.as_slice() else {
                panic!("{place}: {} events: {texts:?}", own.len());
            };
            check(&place, event, text);
            assert_eq!(event["readOnly"], operation.read_only, "{place}");
            let refused = event.get("errorCode");
            assert_eq!(refused.is_some(), answer.code.is_some(), "{place}: {text}");
            assert_eq!(refused.is_some(), answer.status >= 400, "{place}: {text}");
            if who == "nobody" && event["errorCode"] == "AccessDenied" && !operation.unsigned {
                assert_eq!(event["requestParameters"], Value::Null, "{place}: {text}");
            }
            if refused.is_some() || !operation.answer_on_record {
                assert_eq!(event["responseElements"], Value::Null, "{place}");
            }
            match refused {
                Some(_) => failed += 1,
                None => succeeded += 1,
            }
        }
    }
    assert!(succeeded > 100, "{succeeded} calls succeeded");
    assert!(failed > 300, "{failed} calls failed");
}

/// The event of the call itself, not of what a service calls in its turn or does by itself.
fn is_own(event: &Value, service: &str, operation: &str) -> bool {
    event["eventSource"] == format!("{service}.amazonaws.com")
        && event["eventName"] == operation
        && event["eventType"] == "AwsApiCall"
        && event["userIdentity"].get("invokedBy").is_none()
}

fn check(place: &str, event: &Value, text: &str) {
    let members = event.as_object().expect("an object");
    for member in OBLIGATORY {
        assert!(
            members.contains_key(*member),
            "{place} has no {member}: {text}"
        );
    }
    for member in members.keys() {
        let known = [OBLIGATORY, OPTIONAL].concat();
        assert!(
            known.contains(&member.as_str()),
            "{place} has {member}: {text}"
        );
    }
    assert_eq!(event["eventVersion"], "1.11", "{place}");
    let is_global = ["iam.amazonaws.com", "organizations.amazonaws.com"]
        .iter()
        .any(|source| event["eventSource"] == *source);
    let region = if is_global { "us-east-1" } else { REGION };
    assert_eq!(event["awsRegion"], region, "{place}");
    // Some errors have no text, KMS's InvalidCiphertextException among them.
    let is_told = members.contains_key("errorMessage");
    assert!(
        !is_told || members.contains_key("errorCode"),
        "{place}: {text}"
    );
    for canary in CANARY {
        assert!(!text.contains(canary), "{place}: {text}");
    }
    spelled_as_events_do(place, &event["requestParameters"], false);
    spelled_as_events_do(place, &event["responseElements"], false);
    for resource in event["resources"].as_array().into_iter().flatten() {
        let resource = resource.as_object().expect("a resource");
        let named: Vec<_> = resource.keys().map(String::as_str).collect();
        let expected = match event["eventSource"].as_str() {
            Some("ssm.amazonaws.com") => &["ARN", "accountId"][..],
            Some("events.amazonaws.com") => &["ARN", "type"],
            _ => &["ARN", "accountId", "type"],
        };
        assert_eq!(named, expected, "{place}: {text}");
    }
}

/// Members begin with a small letter; keys of maps are the caller's.
fn spelled_as_events_do(place: &str, value: &Value, is_map: bool) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let maps = ["attributes", "encryptionContext", "tags", "variables"];
                let is_small = !name.starts_with(|first: char| first.is_ascii_uppercase());
                assert!(is_map || is_small, "{place}: {name}");
                let below = maps.contains(&name.as_str()) || name.ends_with("Context");
                spelled_as_events_do(place, value, below);
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| spelled_as_events_do(place, item, false)),
        _ => {}
    }
}

/// Operations that CloudTrail calls otherwise than the access level of their action suggests.
const OTHERWISE: &[(&str, &[&str])] = &[
    // They begin reports, and their events show how far these are.
    (
        "iam",
        &[
            "GenerateCredentialReport",
            "GenerateOrganizationsAccessReport",
            "GenerateServiceLastAccessedDetails",
        ],
    ),
    // "Examples of AWS KMS log entries", AWS KMS developer guide.
    (
        "kms",
        &[
            "Decapsulate",
            "Decrypt",
            "DeriveSharedSecret",
            "Encapsulate",
            "Encrypt",
            "GenerateDataKey",
            "GenerateDataKeyPair",
            "GenerateDataKeyPairWithoutPlaintext",
            "GenerateDataKeyWithoutPlaintext",
            "GenerateMac",
            "GenerateRandom",
            "Sign",
            "Verify",
            "VerifyMac",
        ],
    ),
    // They begin and end queries, and their answers tell which.
    ("logs", &["StartQuery", "StopQuery"]),
    // "Example AWS STS API events in CloudTrail log", IAM user guide.
    (
        "sts",
        &[
            "AssumeRole",
            "AssumeRoleWithSAML",
            "AssumeRoleWithWebIdentity",
            "AssumeRoot",
            "DecodeAuthorizationMessage",
            "GetSessionToken",
        ],
    ),
];

/// `readOnly` says what the service authorization reference says of an action: `Read` and `List` do,
/// `Write`, `Tagging` and `Permissions management` do not.
#[test]
fn what_reads_only_is_what_the_reference_says() {
    let mut faults = Vec::new();
    for (service, operation, _) in operations() {
        let action = format!("{}:{}", service.signing_name, operation.name);
        let Some(known) = reference::action(&action) else {
            continue;
        };
        let reads = matches!(known.access_level, AccessLevel::Read | AccessLevel::List);
        let mut others = OTHERWISE.iter();
        let is_otherwise =
            others.any(|(name, others)| *name == service.name && others.contains(&operation.name));
        if (reads == operation.read_only) == is_otherwise {
            faults.push(format!("{action}: {}", operation.read_only));
        }
    }
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
