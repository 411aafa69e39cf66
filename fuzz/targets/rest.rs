//! REST requests: the first byte picks the operation of Lambda that the path is read for, then come a
//! request line, headers and the body.
#![no_main]

use http::header::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use wire::codec::{self, Request};
use wire::{Protocol, rest, validate};

fuzz_target!(|input: &[u8]| {
    let Some((&choice, input)) = input.split_first() else {
        return;
    };
    let (head, body) = split(input, b"\n\n");
    let mut lines = head.split(|byte| *byte == b'\n');
    let Ok(target) = str::from_utf8(lines.next().unwrap_or_default()) else {
        return;
    };
    let (method, target) = target.split_once(' ').unwrap_or(("GET", target));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let operations = api::lambda::SERVICE.operations;
    let named = rest::operation(operations, (method, path, query));
    let any = operations[usize::from(choice) % operations.len()];
    let request = Request {
        path,
        query,
        headers: &headers(lines),
        body,
    };
    for operation in named.into_iter().chain([any]) {
        if let Ok(value) = codec::decode(Protocol::RestJson, operation, &request) {
            let _ = validate::validate(operation.input, &value);
        }
    }
});

fn split<'a>(input: &'a [u8], at: &[u8]) -> (&'a [u8], &'a [u8]) {
    let found = input.windows(at.len()).position(|window| window == at);
    match found {
        Some(place) => (&input[..place], &input[place + at.len()..]),
        None => (input, b""),
    }
}

fn headers<'a>(lines: impl Iterator<Item = &'a [u8]>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = split(line, b":");
        let name = HeaderName::from_bytes(name);
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
    headers
}
