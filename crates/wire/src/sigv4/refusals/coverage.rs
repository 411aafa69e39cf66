//! What the signature covers: headers and body.

use super::*;

// S1: what arrived must be signed, whatever the list of signed headers says.
#[test]
fn sec_s1_unsigned_amz_headers_are_refused() {
    for mut request in [signed(), presigned("60")] {
        request.set("x-amz-copy-source", "bucket/key");
        request.set("x-amz-acl", "public-read");
        let refusal = refusal(&request);
        assert_eq!(
            refusal.to_string(),
            "There were headers present in the request which were not signed: x-amz-acl, \
             x-amz-copy-source"
        );
        assert_eq!(refusal.common(), Common::HeadersNotSigned);
    }
    let mut request = signed();
    request.set("x-amzn-trace-id", "Root=1");
    request.set("amz-sdk-request", "attempt=1");
    request.set("amz-sdk-invocation-id", "id");
    assert_eq!(authenticate(&request), Ok(()));
    // A name that merely begins or ends like a signed one is not signed.
    let mut request = signed();
    request.set("x-amz-dat", "x");
    assert!(matches!(
        refusal(&request),
        SignatureError::HeadersNotSigned { .. }
    ));
}

#[test]
fn signed_headers_must_be_there_once_and_include_host() {
    let absent = edited("host;", "host;my-header;");
    assert_eq!(
        text(&absent),
        "'my-header' is named as a SignedHeader, but it does not exist in the HTTP request."
    );
    let repeated = edited("host;", "host;host;");
    assert_eq!(
        refusal(&repeated),
        SignatureError::Repeated {
            name: "host".to_owned()
        }
    );
    let hostless = edited("host;", "");
    assert_eq!(
        text(&hostless),
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
    );
    assert!(matches!(
        refusal(&edited("host;", ";")),
        SignatureError::SignedHeaderAbsent { .. }
    ));
    // Order and case of the list are no part of its meaning.
    assert_eq!(
        authenticate(&edited("content-type;host", "HOST;Content-Type")),
        Ok(())
    );
}

#[test]
fn the_declared_digest_must_be_the_body_s() {
    let verdict = |declared: &str| {
        let mut request = Request::kms();
        request.set("x-amz-content-sha256", declared);
        request.sign();
        authenticate(&request)
    };
    let digest = sha256(&Request::kms().body);
    assert_eq!(verdict(&digest), Ok(()));
    assert_eq!(
        verdict(&sha256(b"other")),
        Err(SignatureError::ContentDigestMismatch)
    );
    for word in [
        "UNSIGNED-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "",
        "e3b0",
        &digest.to_uppercase(),
    ] {
        assert_eq!(
            verdict(word),
            Err(SignatureError::ContentDigestUnsupported),
            "{word}"
        );
    }
    let mut request = Request::kms();
    request.query = "X-Amz-Content-Sha256=UNSIGNED-PAYLOAD".to_owned();
    request.set("x-amz-content-sha256", &digest);
    request.presign("60");
    assert!(matches!(
        refusal(&request),
        SignatureError::BothForms { .. }
    ));
}

#[test]
fn s3_alone_may_leave_the_body_unsigned() {
    let s3 = |declared: Option<&str>| {
        let mut request = Request::kms();
        request.service = "s3".to_owned();
        request.path = "/bucket/a//b/../c".to_owned();
        if let Some(declared) = declared {
            request.set("x-amz-content-sha256", declared);
            request.payload = Some(declared.to_owned());
        }
        request
    };
    let verdict = |request: &Request| {
        let claim = claim(request).unwrap();
        claim.check(&request.head(), "s3", SIGNED_AT)?;
        claim.verify(
            &request.head(),
            &request.body,
            &VerifyingKey::V4(&request.key()),
        )
    };
    let mut request = s3(Some("UNSIGNED-PAYLOAD"));
    request.sign();
    assert_eq!(verdict(&request), Ok(()));
    let mut request = s3(None);
    request.sign();
    assert_eq!(verdict(&request), Err(SignatureError::ContentDigestAbsent));
    let mut request = s3(None);
    request.payload = Some("UNSIGNED-PAYLOAD".to_owned());
    request.presign("60");
    assert_eq!(verdict(&request), Ok(()));
    let mut request = s3(Some("STREAMING-UNSIGNED-PAYLOAD-TRAILER"));
    request.sign();
    assert_eq!(
        verdict(&request),
        Err(SignatureError::ContentDigestUnsupported)
    );
}
