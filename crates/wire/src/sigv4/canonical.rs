//! The canonical request: one spelling for all requests that mean the same.

use memchr::memchr2;

use super::RequestHead;
use super::arrived::Arrived;
use super::encoding::{Plus, percent_decoded, push_encoded};
use super::presented::Form;
use super::signed_headers::SignedHeaders;

/// How the path of a request enters its canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PathStyle {
    /// Dot segments and repeated slashes go away, and the path as sent is escaped once more:
    /// every service but S3.
    Normalized,
    /// Each byte of the path counts, escaped exactly once: S3, where a path is a key.
    Raw,
}

impl PathStyle {
    /// The style of a service, by its name in the credential scope.
    pub(super) fn of_service(service: &str) -> Self {
        if service == "s3" {
            Self::Raw
        } else {
            Self::Normalized
        }
    }
}

/// What a canonical request is made from, besides the head.
pub(super) struct Parts<'a> {
    /// Which headers are covered.
    pub(super) signed_headers: &'a SignedHeaders<'a>,
    /// Where the signature was; one in the query does not cover itself.
    pub(super) form: Form,
    /// Hexadecimal digest of the body, or the word that stands in for it.
    pub(super) payload: &'a [u8],
    pub(super) path_style: PathStyle,
}

/// The canonical request (IAM User Guide, "Create a signed AWS API request", step 1).
pub(super) fn canonical_request(head: &RequestHead<'_>, parts: &Parts<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(512 + 2 * (head.path.len() + head.query.len()));
    out.extend_from_slice(head.method.as_bytes());
    out.push(b'\n');
    match parts.path_style {
        PathStyle::Normalized => push_normalized_path(&mut out, head.path),
        PathStyle::Raw => push_raw_path(&mut out, head.path),
    }
    out.push(b'\n');
    if !head.query.is_empty() {
        push_query(&mut out, head.query, parts.form);
    }
    out.push(b'\n');
    let arrived = Arrived::of(head.headers);
    for name in parts.signed_headers.names() {
        push_header(&mut out, &arrived, name);
    }
    out.push(b'\n');
    out.extend_from_slice(parts.signed_headers.as_str().as_bytes());
    out.push(b'\n');
    out.extend_from_slice(parts.payload);
    out
}

fn push_normalized_path(out: &mut Vec<u8>, path: &str) {
    // The path of every call that is not in REST.
    if path == "/" {
        return out.push(b'/');
    }
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    for segment in &segments {
        out.push(b'/');
        for byte in segment.bytes() {
            push_encoded(out, byte);
        }
    }
    if segments.is_empty() || path.ends_with('/') {
        out.push(b'/');
    }
}

fn push_raw_path(out: &mut Vec<u8>, path: &str) {
    if path.is_empty() {
        out.push(b'/');
    }
    for byte in percent_decoded(path, Plus::Literal) {
        if byte == b'/' {
            out.push(byte);
        } else {
            push_encoded(out, byte);
        }
    }
}

fn push_query(out: &mut Vec<u8>, query: &str, form: Form) {
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (reencoded(name), reencoded(value))
        })
        .collect();
    if matches!(form, Form::Query { .. }) {
        pairs.retain(|(name, _)| name != b"X-Amz-Signature");
    }
    pairs.sort_unstable();
    for (place, (name, value)) in pairs.iter().enumerate() {
        if place > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(name);
        out.push(b'=');
        out.extend_from_slice(value);
    }
}

fn reencoded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in percent_decoded(text, Plus::Space) {
        push_encoded(&mut out, byte);
    }
    out
}

fn push_header(out: &mut Vec<u8>, arrived: &Arrived<'_>, name: &str) {
    out.extend_from_slice(name.as_bytes());
    out.push(b':');
    for (place, value) in arrived.values(name).enumerate() {
        if place > 0 {
            out.push(b',');
        }
        push_header_value(out, value);
    }
    out.push(b'\n');
}

/// The value without white space around it, and one space for each run inside.
fn push_header_value(out: &mut Vec<u8>, value: &[u8]) {
    if memchr2(b' ', b'\t', value).is_none() {
        return out.extend_from_slice(value);
    }
    let words = value
        .split(|byte| matches!(byte, b' ' | b'\t'))
        .filter(|word| !word.is_empty());
    for (place, word) in words.enumerate() {
        if place > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path(style: PathStyle, path: &str) -> String {
        let mut out = Vec::new();
        match style {
            PathStyle::Normalized => push_normalized_path(&mut out, path),
            PathStyle::Raw => push_raw_path(&mut out, path),
        }
        String::from_utf8(out).unwrap()
    }

    fn query(text: &str, form: Form) -> String {
        let mut out = Vec::new();
        push_query(&mut out, text, form);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn s3_alone_keeps_its_path() {
        assert_eq!(PathStyle::of_service("s3"), PathStyle::Raw);
        for service in ["kms", "S3", "s3tables", "", "s3 "] {
            assert_eq!(PathStyle::of_service(service), PathStyle::Normalized);
        }
    }

    #[test]
    fn normalized_paths_lose_dots_and_are_escaped_twice() {
        let cases = [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("/a/../..", "/"),
            ("/../../a", "/a"),
            ("/./a//b/", "/a/b/"),
            ("/a%20b", "/a%2520b"),
            ("/%2e%2e/a", "/%252e%252e/a"),
            (
                "/service/TrentService/operation/Decrypt",
                "/service/TrentService/operation/Decrypt",
            ),
        ];
        for (sent, expected) in cases {
            assert_eq!(path(PathStyle::Normalized, sent), expected, "{sent}");
        }
    }

    #[test]
    fn raw_paths_keep_dots_and_are_escaped_once() {
        let cases = [
            ("", "/"),
            ("/bucket//a/../b/.", "/bucket//a/../b/."),
            ("/bucket/a%20b!+", "/bucket/a%20b%21%2B"),
            ("/bucket/%e1%88%b4", "/bucket/%E1%88%B4"),
            ("/bucket/%00", "/bucket/%00"),
            ("/bucket/%252e", "/bucket/%252e"),
        ];
        for (sent, expected) in cases {
            assert_eq!(path(PathStyle::Raw, sent), expected, "{sent}");
        }
    }

    #[test]
    fn queries_sort_by_name_then_value() {
        assert_eq!(
            query("b=2&a=2&a=1&a-=0&&c", Form::Header),
            "a=1&a=2&a-=0&b=2&c="
        );
        assert_eq!(
            query("a=x=y&b=%2f+%2B", Form::Header),
            "a=x%3Dy&b=%2F%20%2B"
        );
    }

    #[test]
    fn only_a_signature_in_the_query_is_left_out() {
        let text = "X-Amz-Signature=1&X-Amz-Signaturf=2&%58-Amz-Signature=3&x-amz-signature=4";
        let presigned = Form::Query { expires_secs: 1 };
        assert_eq!(
            query(text, presigned),
            "X-Amz-Signaturf=2&x-amz-signature=4"
        );
        assert_eq!(
            query("X-Amz-Signature=1", Form::Header),
            "X-Amz-Signature=1"
        );
    }

    #[test]
    fn header_values_are_trimmed_and_folded() {
        let mut out = Vec::new();
        push_header_value(&mut out, b" \t a \t  b\xff\t");
        assert_eq!(out, b"a b\xff");
    }

    proptest! {
        #[test]
        fn header_values_are_their_words(value in "[ab \t]{0,8}") {
            let mut out = Vec::new();
            push_header_value(&mut out, value.as_bytes());
            let words: Vec<&str> = value.split_ascii_whitespace().collect();
            prop_assert_eq!(out, words.join(" ").into_bytes());
        }

        #[test]
        fn paths_that_escape_alike_are_alike(text in "[ -~]{0,30}") {
            let once = path(PathStyle::Raw, &text);
            prop_assert_eq!(path(PathStyle::Raw, &once), once);
        }

        #[test]
        fn order_of_a_query_does_not_matter(mut pairs in prop::collection::vec("[a-c%=+]{0,4}", 0..6)) {
            let before = query(&pairs.join("&"), Form::Header);
            pairs.reverse();
            prop_assert_eq!(query(&pairs.join("&"), Form::Header), before);
        }
    }
}
