//! Signatures in headers and presigned queries: reading, the checks that need no key, and the
//! comparison under a key that signed nothing.
//!
//! The input is the head of a request as text: a request line, then headers.
#![no_main]

use http::header::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use wire::Timestamp;
use wire::sigv4::{RequestHead, SigningKey, VerifyingKey, presented};

/// 2015-08-30T12:36:00Z, the time in the seeds.
const NOW: Timestamp = Timestamp {
    millis: 1_440_938_160_000,
};

fuzz_target!(|input: &[u8]| {
    let (head, body) = split(input, b"\n\n");
    let mut lines = head.split(|byte| *byte == b'\n');
    let Ok(target) = str::from_utf8(lines.next().unwrap_or_default()) else {
        return;
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = headers(lines);
    let head = RequestHead {
        method: "POST",
        path,
        query,
        headers: &headers,
    };
    let Ok(Some(presented)) = presented(&head) else {
        return;
    };
    let _ = presented.covers_region("eu-west-2");
    if presented.check(&head, "kms", NOW).is_err() {
        return;
    }
    let key = SigningKey::derive(
        "no one signs with this",
        &presented.date,
        &presented.region,
        &presented.service,
    );
    assert!(
        presented
            .verify(&head, body, &VerifyingKey::V4(&key))
            .is_err(),
        "a forged signature"
    );
});

fn headers<'a>(lines: impl Iterator<Item = &'a [u8]>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = split(line, b":");
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
        {
            headers.append(name, value);
        }
    }
    headers
}

fn split<'a>(input: &'a [u8], border: &[u8]) -> (&'a [u8], &'a [u8]) {
    match input
        .windows(border.len())
        .position(|window| window == border)
    {
        Some(at) => (&input[..at], &input[at + border.len()..]),
        None => (input, &[]),
    }
}
