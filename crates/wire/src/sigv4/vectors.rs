//! The AWS signing test suite (awslabs/aws-c-auth): 38 requests, each signed with both
//! algorithms in both forms.

use std::fs;
use std::path::{Path, PathBuf};

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::canonical::{Parts, PathStyle, canonical_request};
use super::encoding::hex;
use super::signer::SIGNED_AT;
use super::{
    Algorithm, Presented, RequestHead, SigV4aKey, SignatureError, SigningKey, VerifyingKey,
    presented,
};

/// The suite is not part of this repository; without it these tests say so and pass.
fn suite(algorithm: &str) -> Option<Vec<PathBuf>> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|directory| directory.join("shared/data/sigv4").join(algorithm))
        .find(|directory| directory.is_dir());
    let Some(directory) = found else {
        println!("skipped: the AWS signing test suite ({algorithm}) is not here");
        return None;
    };
    let entries = fs::read_dir(directory).unwrap();
    let mut cases: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|case| case.join("header-signed-request.txt").is_file())
        .collect();
    cases.sort();
    Some(cases)
}

struct Case {
    name: String,
    context: Value,
    key: Key,
}

enum Key {
    V4(Box<SigningKey>),
    V4a(SigV4aKey),
}

impl Case {
    fn read(directory: &Path, algorithm: Algorithm) -> Self {
        let context: Value = serde_json::from_str(&read(directory, "context.json")).unwrap();
        let credentials = &context["credentials"];
        let secret = credentials["secret_access_key"].as_str().unwrap();
        let access_key = credentials["access_key_id"].as_str().unwrap();
        let key = match algorithm {
            Algorithm::V4 => Key::V4(Box::new(SigningKey::derive(
                secret,
                "20150830",
                "us-east-1",
                "service",
            ))),
            Algorithm::V4a => Key::V4a(SigV4aKey::derive(access_key, secret).unwrap()),
        };
        Self {
            name: directory.file_name().unwrap().to_str().unwrap().to_owned(),
            context,
            key,
        }
    }

    fn path_style(&self) -> PathStyle {
        if self.context["normalize"].as_bool().unwrap() {
            PathStyle::Normalized
        } else {
            PathStyle::Raw
        }
    }

    fn omits_token(&self) -> bool {
        self.context["omit_session_token"].as_bool() == Some(true)
    }

    fn key(&self) -> VerifyingKey<'_> {
        match &self.key {
            Key::V4(key) => VerifyingKey::V4(key),
            Key::V4a(key) => VerifyingKey::V4a(key),
        }
    }
}

/// A request as it would arrive, header lines unfolded as RFC 9112 section 5.2 has it.
struct Message {
    method: String,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Message {
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end(), ""));
        let head = head.replace("\n ", " ");
        let mut lines = head.lines();
        let line = lines.next().unwrap().strip_suffix(" HTTP/1.1").unwrap();
        let (method, target) = line.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(':').unwrap();
            headers.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body: body.trim_end().as_bytes().to_vec(),
        }
    }

    fn head(&self) -> RequestHead<'_> {
        RequestHead {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
        }
    }

    fn without_query_token(mut self) -> Self {
        let kept: Vec<&str> = self
            .query
            .split('&')
            .filter(|pair| !pair.starts_with("X-Amz-Security-Token="))
            .collect();
        self.query = kept.join("&");
        self
    }
}

fn read(directory: &Path, file: &str) -> String {
    fs::read_to_string(directory.join(file)).unwrap()
}

/// Byte for byte the canonical request and string to sign, the signature in the request and the
/// one beside it, and what `check` says.
fn check_form(directory: &Path, case: &Case, form: &str) {
    let name = format!("{} {form}", case.name);
    let file = |suffix: &str| read(directory, &format!("{form}-{suffix}.txt"));
    let mut message = Message::parse(&file("signed-request"));
    if case.omits_token() && form == "query" {
        message = without_late_token(message, case);
    }
    let head = message.head();
    let mut claim = presented(&head).unwrap().unwrap();
    let canonical = canonical_text(&claim, &message, case.path_style());
    assert_eq!(canonical, file("canonical-request"), "{name}");
    let string_to_sign = claim.string_to_sign(canonical.as_bytes());
    assert_eq!(string_to_sign, file("string-to-sign").as_bytes(), "{name}");

    check_signature(&claim, &message, case);
    claim.signature = file("signature").trim_end().to_owned().into();
    check_signature(&claim, &message, case);

    let checked = claim.check(&head, "service", SIGNED_AT);
    if case.omits_token() && form == "header" {
        let headers = vec!["x-amz-security-token".to_owned()];
        assert_eq!(
            checked,
            Err(SignatureError::HeadersNotSigned { headers }),
            "{name}"
        );
    } else {
        assert_eq!(checked, Ok(()), "{name}");
    }
    assert!(claim.covers_region("us-east-1") && !claim.covers_region("us-east-2"));
}

/// The token was put into this URL after signing, which is for services that are not here: such a
/// URL is refused, and its signature is one over the URL without the token.
fn without_late_token(message: Message, case: &Case) -> Message {
    let head = message.head();
    let claim = presented(&head).unwrap().unwrap();
    let verified = claim.verify_with(&head, &message.body, &case.key(), case.path_style());
    assert!(matches!(verified, Err(SignatureError::Mismatch(_))));
    message.without_query_token()
}

fn check_signature(claim: &Presented, message: &Message, case: &Case) {
    let verify =
        |body: &[u8]| claim.verify_with(&message.head(), body, &case.key(), case.path_style());
    assert_eq!(verify(&message.body), Ok(()), "{}", case.name);
    assert!(verify(b"other").is_err(), "{}", case.name);
}

fn canonical_text(claim: &Presented, message: &Message, path_style: PathStyle) -> String {
    let payload = claim.payload(&message.body).unwrap();
    let parts = Parts {
        signed_headers: &claim.signed_headers,
        form: claim.form,
        payload: payload.as_bytes(),
        path_style,
    };
    String::from_utf8(canonical_request(&message.head(), &parts)).unwrap()
}

fn check_suite(directory: &str, algorithm: Algorithm) {
    let Some(cases) = suite(directory) else {
        return;
    };
    let mut signatures = 0;
    for directory in &cases {
        let case = Case::read(directory, algorithm);
        for form in ["header", "query"] {
            check_form(directory, &case, form);
            signatures += 1;
        }
        if let Key::V4a(key) = &case.key {
            let expected: Value =
                serde_json::from_str(&read(directory, "public-key.json")).unwrap();
            let coordinate = |name: &str| expected[name].as_str().unwrap().to_owned();
            assert_eq!(
                hex(key.point()),
                format!("04{}{}", coordinate("X"), coordinate("Y"))
            );
        }
    }
    assert_eq!(signatures, 76);
}

#[test]
fn aws_signing_suite_v4() {
    check_suite("v4", Algorithm::V4);
}

#[test]
fn aws_signing_suite_v4a() {
    check_suite("v4a", Algorithm::V4a);
}
