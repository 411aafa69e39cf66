//! What callers of KMS hold without seeing inside, through the whole pipeline: the markers of lists
//! and grant tokens. An input is taken as it is, and as a list of changes to a genuine one: nothing
//! else is good for anything.
#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use platform::testing::{Answer, Harness};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

/// How many inputs a server meets before another takes its place: it remembers every call.
const INPUTS: u32 = 500;

struct Server {
    runtime: Runtime,
    harness: Harness,
    key: Value,
    marker: String,
    token: String,
    inputs: u32,
}

thread_local! {
    static SERVER: RefCell<Option<Server>> = const { RefCell::new(None) };
}

fuzz_target!(|input: &[u8]| {
    let Some((which, input)) = input.split_first() else {
        return;
    };
    SERVER.with_borrow_mut(|server| {
        if server.as_ref().is_none_or(|server| server.inputs >= INPUTS) {
            *server = None;
        }
        let server = server.get_or_insert_with(Server::new);
        server.inputs += 1;
        let (genuine, check): (_, fn(&Server, &str)) = match which % 2 {
            0 => (&server.marker, Server::page),
            _ => (&server.token, Server::describe),
        };
        check(server, genuine);
        for text in [input.to_vec(), changed(genuine, input)] {
            if let Ok(text) = str::from_utf8(&text) {
                check(server, text);
            }
        }
    });
});

impl Server {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.unwrap_or_else(|error| panic!("no runtime: {error}"));
        let harness = runtime.block_on(Harness::new(vec![service_kms::service()]));
        let mut server = Self {
            runtime,
            harness,
            key: Value::Null,
            marker: String::new(),
            token: String::new(),
            inputs: 0,
        };
        for _ in 0..2 {
            let made = server.call("CreateKey", json!({})).body;
            server.key = made["KeyMetadata"]["KeyId"].clone();
        }
        let page = server.call("ListKeys", json!({ "Limit": 1 })).body;
        server.marker = page["NextMarker"].as_str().unwrap_or_default().to_owned();
        let grant = server.call(
            "CreateGrant",
            json!({
                "KeyId": server.key,
                "GranteePrincipal": "arn:aws:iam::111122223333:root",
                "Operations": ["DescribeKey"],
            }),
        );
        let token = grant.body["GrantToken"].as_str();
        server.token = token.unwrap_or_default().to_owned();
        server
    }

    fn call(&self, operation: &str, input: Value) -> Answer {
        let target = format!("TrentService.{operation}");
        let call = self.harness.json("root", &target, input);
        self.runtime.block_on(call)
    }

    fn page(&self, marker: &str) {
        let answer = self.call("ListKeys", json!({ "Limit": 1, "Marker": marker }));
        let is_genuine = marker == self.marker;
        check(&answer, is_genuine, "InvalidMarkerException");
    }

    fn describe(&self, token: &str) {
        let input = json!({ "KeyId": self.key, "GrantTokens": [token] });
        let answer = self.call("DescribeKey", input);
        let is_genuine = token == self.token;
        check(&answer, is_genuine, "InvalidGrantTokenException");
    }
}

/// A text that is too long or empty is refused before it is read.
fn check(answer: &Answer, is_genuine: bool, code: &str) {
    match answer.code.as_deref() {
        None => assert!(is_genuine, "a forgery is good"),
        Some("ValidationException") => assert!(!is_genuine),
        Some(found) => assert!(!is_genuine && found == code, "{}", answer.text),
    }
}

/// `genuine` with the changes that `input` spells: two bytes each, a place and a difference. The
/// last odd byte, if there is one, is how much is cut off the end.
fn changed(genuine: &str, input: &[u8]) -> Vec<u8> {
    let mut bytes = genuine.as_bytes().to_vec();
    let (changes, cut) = input.as_chunks::<2>();
    for [place, difference] in changes {
        let place = usize::from(*place) % bytes.len();
        bytes[place] ^= difference;
    }
    let cut = cut.first().map_or(0, |cut| usize::from(*cut));
    bytes.truncate(bytes.len().saturating_sub(cut));
    bytes
}
