//! What all of these tests need.

use platform::testing::{ACCOUNT, Answer, Harness, REGION};
use serde_json::{Value, json};

/// A second account.
pub(crate) const OTHER: &str = "444455556666";

/// Lambda with keys and sessions, and the root users of two accounts: `root` and `other`. The role
/// `worker` trusts Lambda, `stranger` another service.
pub(crate) async fn house() -> Harness {
    let services = vec![lambda::service(), kms::service(), sts::service()];
    let harness = Harness::new(services).await;
    harness.root_of(OTHER, "other");
    for (name, service) in [("worker", "lambda"), ("stranger", "events")] {
        let trust = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": format!("{service}.amazonaws.com") },
            "Action": "sts:AssumeRole",
        }] });
        harness
            .identities
            .role(&role(name), &trust.to_string(), &[]);
    }
    harness
}

/// The ARN of a role of the first account.
pub(crate) fn role(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

/// The ARN of a function of the first account.
pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}

/// Calls an operation.
pub(crate) async fn call(harness: &Harness, who: &str, operation: &str, input: Value) -> Answer {
    harness.rest(who, "lambda", operation, input).await
}

/// Calls an operation as root that succeeds.
pub(crate) async fn done(harness: &Harness, operation: &str, input: Value) -> Value {
    let answer = call(harness, "root", operation, input).await;
    assert!(answer.status < 300, "{operation}: {}", answer.text);
    answer.body
}

/// Calls an operation as root that fails, and gives code and text.
pub(crate) async fn refused(harness: &Harness, operation: &str, input: Value) -> (String, String) {
    let answer = call(harness, "root", operation, input).await;
    assert!(answer.status >= 400, "{operation}: {}", answer.text);
    let message = answer.message().to_owned();
    (answer.code.unwrap_or_default(), message)
}

/// A request for a function of one file.
pub(crate) fn new(name: &str) -> Value {
    json!({
        "FunctionName": name,
        "Runtime": "python3.12",
        "Role": role("worker"),
        "Handler": "index.handler",
        "Code": { "ZipFile": package("index.py", b"handler = print") },
    })
}

/// The same with more members.
pub(crate) fn with(name: &str, more: Value) -> Value {
    let mut request = new(name);
    let Value::Object(more) = more else {
        panic!("members are an object");
    };
    for (member, value) in more {
        request[member] = value;
    }
    request
}

/// A package of one file that is stored as it is, in base64.
pub(crate) fn package(name: &str, content: &[u8]) -> String {
    wire::pem::base64(&zip(&[(name, content)]))
}

/// An archive of stored files.
pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let offset = u32::try_from(out.len()).expect("small");
        let size = u32::try_from(content.len()).expect("small");
        let mut head = Vec::new();
        head.extend(20_u16.to_le_bytes());
        head.extend([0; 2]);
        head.extend([0; 2]);
        head.extend([0, 0, 0x21, 0x5A]);
        head.extend(crc_32(content).to_le_bytes());
        head.extend(size.to_le_bytes());
        head.extend(size.to_le_bytes());
        head.extend(u16::try_from(name.len()).expect("small").to_le_bytes());
        head.extend([0; 2]);
        out.extend(b"PK\x03\x04");
        out.extend(&head);
        out.extend(name.as_bytes());
        out.extend(*content);
        directory.extend(b"PK\x01\x02");
        directory.extend([20, 3]);
        directory.extend(&head);
        directory.extend([0; 6]);
        directory.extend((0o100_644_u32 << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(files.len()).expect("few").to_le_bytes();
    let start = u32::try_from(out.len()).expect("small").to_le_bytes();
    let size = u32::try_from(directory.len()).expect("small").to_le_bytes();
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count);
    out.extend(count);
    out.extend(size);
    out.extend(start);
    out.extend([0; 2]);
    out
}

fn crc_32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| {
        if crc & 1 == 0 {
            crc >> 1
        } else {
            crc >> 1 ^ 0xEDB8_8320
        }
    };
    let byte = |crc, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc));
    !bytes.iter().fold(!0, byte)
}
