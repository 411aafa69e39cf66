//! What holds for every request: signed as it should be it is accepted, changed anywhere it is
//! refused, and garbage never panics.

use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;

use super::signer::{ACCESS_KEY, Request, SIGNED_AT};
use super::{RequestHead, SigV4aKey, SigningKey, VerifyingKey, presented};

fn is_authentic(request: &Request) -> bool {
    let head = request.head();
    let Ok(Some(claim)) = presented(&head) else {
        return false;
    };
    // The signature does not cover the access key: whose it is follows from whose key verifies.
    let key = request.key();
    claim.access_key_id == ACCESS_KEY
        && claim.check(&head, "kms", SIGNED_AT).is_ok()
        && claim
            .verify(&head, &request.body, &VerifyingKey::V4(&key))
            .is_ok()
}

prop_compose! {
    fn requests()(
        method in "GET|POST|PUT",
        path in "(/[a-z0-9]{1,8}){1,3}",
        query in prop_oneof![Just(String::new()), "[a-z]{1,6}=[a-z0-9]{1,6}"],
        value in "[!-~]{1,20}",
        body in prop::collection::vec(any::<u8>(), 1..80),
    ) -> Request {
        let mut request = Request::kms();
        request.set("x-amz-meta", &value);
        Request { method, path, query, body, ..request }
    }
}

prop_compose! {
    fn signed_requests()(request in requests(), in_query in any::<bool>()) -> Request {
        let mut request = request;
        if in_query {
            request.presign("60");
        } else {
            request.sign();
        }
        request
    }
}

/// Replaces the character at `place` by another of its kind, so that the result is as well
/// formed as before and differs in meaning.
fn change(text: &str, place: usize) -> String {
    let place = place % text.len();
    let changed = |byte: u8| match byte {
        b'a'..=b'y' | b'A'..=b'Y' | b'0'..=b'8' => byte + 1,
        b'z' | b'Z' => byte - 1,
        b'9' => b'0',
        _ => b'q',
    };
    let bytes = text.bytes().enumerate();
    let bytes = bytes.map(|(at, byte)| if at == place { changed(byte) } else { byte });
    String::from_utf8(bytes.collect()).unwrap()
}

proptest! {
    #[test]
    fn a_signed_request_is_accepted(request in signed_requests()) {
        prop_assert!(is_authentic(&request));
    }

    #[test]
    fn any_changed_byte_of_the_body_is_refused(
        mut request in signed_requests(), place in any::<prop::sample::Index>(), flip in 1u8..,
    ) {
        let place = place.index(request.body.len());
        request.body[place] ^= flip;
        prop_assert!(!is_authentic(&request));
    }

    #[test]
    fn a_longer_or_shorter_body_is_refused(mut request in signed_requests(), longer in any::<bool>()) {
        if longer {
            request.body.push(0);
        } else {
            request.body.pop();
        }
        prop_assert!(!is_authentic(&request));
    }

    #[test]
    fn any_changed_byte_of_the_path_is_refused(mut request in signed_requests(), place in 0usize..100) {
        request.path = change(&request.path, place);
        prop_assert!(!is_authentic(&request));
    }

    #[test]
    fn any_changed_byte_of_the_query_is_refused(mut request in signed_requests(), place in 0usize..1000) {
        prop_assume!(!request.query.is_empty());
        request.query = change(&request.query, place);
        prop_assert!(!is_authentic(&request), "{}", request.query);
    }

    #[test]
    fn an_added_query_parameter_is_refused(mut request in signed_requests(), name in "[a-z]{1,5}") {
        let separator = if request.query.is_empty() { "" } else { "&" };
        request.query = format!("{}{separator}{name}=1", request.query);
        prop_assert!(!is_authentic(&request));
    }

    #[test]
    fn any_changed_byte_of_a_signed_header_is_refused(
        mut request in signed_requests(), which in any::<prop::sample::Index>(), place in 0usize..1000,
    ) {
        let names: Vec<HeaderName> = request.headers.keys().cloned().collect();
        let name = &names[which.index(names.len())];
        let value = request.headers[name].to_str().unwrap().to_owned();
        let changed = change(&value, place);
        request.set(name.as_str(), &changed);
        prop_assert!(!is_authentic(&request), "{}: {} -> {}", name, value, changed);
    }

    #[test]
    fn a_removed_signed_header_is_refused(
        mut request in signed_requests(), which in any::<prop::sample::Index>(),
    ) {
        let names: Vec<HeaderName> = request.headers.keys().cloned().collect();
        request.headers.remove(&names[which.index(names.len())]);
        prop_assert!(!is_authentic(&request));
    }

    #[test]
    fn another_method_is_refused(mut request in signed_requests()) {
        request.method = "DELETE".to_owned();
        prop_assert!(!is_authentic(&request));
    }

    #[test]
    fn garbage_neither_panics_nor_passes(
        authorization in "(AWS4-(HMAC|ECDSA-P256)-SHA256)? ?[ -~é\t]{0,80}",
        credential in "[a-z*/]{0,12}(/20150830)?(/us-east-1)?(/kms)?(/aws4_request)?",
        date in "(20150830T123600Z)?[0-9TZé]{0,4}",
        path in "[ -~é]{0,20}",
        query in "(X-Amz-(Algorithm|Date|Expires|Signature|Credential)=[ -~é]{0,12}&){0,6}[ -~]{0,20}",
        signature in "[0-9a-fA-F]{0,80}",
    ) {
        let composed = format!(
            "AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature={signature}"
        );
        for authorization in [Some(authorization), Some(composed), None] {
            let mut headers = HeaderMap::new();
            headers.insert("host", HeaderValue::from_static("localhost"));
            headers.insert("x-amz-date", HeaderValue::from_str(&date).unwrap());
            if let Some(value) = &authorization {
                headers.insert("authorization", HeaderValue::from_bytes(value.as_bytes()).unwrap());
            }
            let head = RequestHead { method: "GET", path: &path, query: &query, headers: &headers };
            let Ok(Some(claim)) = presented(&head) else {
                continue;
            };
            let _ = claim.check(&head, "kms", SIGNED_AT);
            let symmetric = SigningKey::derive("secret", "20150830", "us-east-1", "kms");
            let asymmetric = SigV4aKey::derive("AKIDEXAMPLE", "secret").unwrap();
            for key in [VerifyingKey::V4(&symmetric), VerifyingKey::V4a(&asymmetric)] {
                prop_assert!(claim.verify(&head, b"", &key).is_err());
            }
        }
    }
}
