//! One test for each way in which a signed request must be refused, with AWS's text.

use super::signer::{ACCESS_KEY, Request, SECRET, SIGNED_AT, sha256};
use super::{
    Algorithm, Form, PathStyle, Presented, SigV4aKey, SignatureError, SigningKey, VerifyingKey,
    presented,
};
use crate::fault::Common;
use crate::value::Timestamp;

fn claim(request: &Request) -> Result<Presented, SignatureError> {
    presented(&request.head()).map(|claim| claim.expect("the request has credentials"))
}

/// The whole way: read, check, verify.
fn authenticate_at(request: &Request, now: Timestamp) -> Result<(), SignatureError> {
    let head = request.head();
    let claim = claim(request)?;
    claim.check(&head, "kms", now)?;
    claim.verify(&head, &request.body, &VerifyingKey::V4(&request.key()))
}

fn authenticate(request: &Request) -> Result<(), SignatureError> {
    authenticate_at(request, SIGNED_AT)
}

fn refusal(request: &Request) -> SignatureError {
    authenticate(request).expect_err("the request must be refused")
}

fn text(request: &Request) -> String {
    refusal(request).to_string()
}

fn signed() -> Request {
    let mut request = Request::kms();
    request.sign();
    request
}

fn presigned(expires: &str) -> Request {
    let mut request = Request::kms();
    request.presign(expires);
    request
}

fn with_authorization(value: &str) -> Request {
    let mut request = signed();
    request.set("authorization", value);
    request
}

/// A signed request with one part of its `Authorization` header replaced.
fn edited(from: &str, to: &str) -> Request {
    let mut request = signed();
    let before = request.headers["authorization"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(before.contains(from), "{before}");
    request.set("authorization", &before.replace(from, to));
    request
}

/// A presigned request with one part of its query replaced.
fn edited_query(from: &str, to: &str) -> Request {
    let mut request = presigned("60");
    assert!(request.query.contains(from), "{}", request.query);
    request.query = request.query.replace(from, to);
    request
}

#[test]
fn an_honest_request_is_accepted_and_read_right() {
    let mut request = Request::kms();
    request.set("x-amz-security-token", "token");
    request.sign();
    assert_eq!(authenticate(&request), Ok(()));
    let claim = claim(&request).unwrap();
    assert_eq!(claim.access_key_id, ACCESS_KEY);
    assert_eq!(claim.session_token.as_deref(), Some("token"));
    assert_eq!(
        (claim.date.as_str(), claim.region.as_str()),
        ("20150830", "us-east-1")
    );
    assert_eq!(
        (claim.service.as_str(), claim.algorithm),
        ("kms", Algorithm::V4)
    );
    assert_eq!((claim.signed_at, claim.form), (SIGNED_AT, Form::Header));
}

#[test]
fn an_honest_presigned_url_is_accepted_and_read_right() {
    let mut request = Request::kms();
    request.query = "X-Amz-Security-Token=a%2Fb%2B".to_owned();
    let token = request.query.clone();
    request.query.clear();
    request.presign("60");
    assert_eq!(authenticate(&request), Ok(()));
    // The token belongs before `SignedHeaders` in canonical order.
    request = Request::kms();
    request.query = token;
    let claim = presented(&request.head());
    assert!(matches!(
        claim,
        Err(SignatureError::MissingQueryParameters { .. })
    ));
    let claim = super::presented(&presigned("60").head()).unwrap().unwrap();
    assert_eq!(claim.form, Form::Query { expires_secs: 60 });
    assert_eq!(claim.access_key_id, ACCESS_KEY);
}

#[test]
fn no_credentials_are_no_claim() {
    let mut request = Request::kms();
    assert!(presented(&request.head()).unwrap().is_none());
    request.query = "Action=ListUsers&x=1".to_owned();
    assert!(presented(&request.head()).unwrap().is_none());
    assert_eq!(
        SignatureError::MissingToken.to_string(),
        "Missing Authentication Token"
    );
    assert_eq!(
        SignatureError::MissingToken.common(),
        Common::MissingAuthenticationToken
    );
}

// S4: every bit of the signature counts, in both forms.
#[test]
fn sec_s4_each_flipped_bit_of_the_signature_is_refused() {
    for request in [signed(), presigned("60")] {
        let head = request.head();
        let mut claim = claim(&request).unwrap();
        let key = request.key();
        let verify =
            |claim: &Presented| claim.verify(&head, &request.body, &VerifyingKey::V4(&key));
        assert_eq!(verify(&claim), Ok(()));
        let honest = claim.signature.clone();
        let mut refused = 0;
        for bit in 0..256 {
            let mut bytes = super::encoding::from_hex(&honest).unwrap();
            bytes[bit / 8] ^= 1 << (bit % 8);
            claim.signature = super::encoding::hex(&bytes);
            refused += usize::from(matches!(verify(&claim), Err(SignatureError::Mismatch(_))));
        }
        assert_eq!(refused, 256);
        for spelling in [
            "",
            "0",
            &honest[..62],
            &honest.to_uppercase(),
            &format!("{honest}00"),
        ] {
            claim.signature = spelling.to_owned();
            assert!(verify(&claim).is_err(), "{spelling}");
        }
    }
}

#[test]
fn a_mismatch_shows_what_was_computed() {
    let mut request = signed();
    request.body.push(b' ');
    let expected = format!(
        "The request signature we calculated does not match the signature you provided. Check \
         your AWS Secret Access Key and signing method. Consult the service documentation for \
         details.\n\nThe Canonical String for this request should have been\n'POST\n/\n\n\
         content-type:application/x-amz-json-1.1\nhost:kms.us-east-1.amazonaws.com\n\
         x-amz-date:20150830T123600Z\nx-amz-target:TrentService.Decrypt\n\n\
         content-type;host;x-amz-date;x-amz-target\n{}'\n\nThe String-to-Sign should have been\n\
         'AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/kms/aws4_request\n",
        sha256(&request.body)
    );
    let refusal = refusal(&request);
    assert!(refusal.to_string().starts_with(&expected), "{refusal}");
    assert!(refusal.to_string().ends_with("'\n"));
    assert_eq!(refusal.common(), Common::InvalidSignature);
}

#[test]
fn a_key_for_anything_else_is_refused() {
    let request = signed();
    let claim = claim(&request).unwrap();
    let refused = |key: &VerifyingKey<'_>| {
        matches!(
            claim.verify(&request.head(), &request.body, key),
            Err(SignatureError::Mismatch(_))
        )
    };
    for (secret, date, region, service) in [
        ("other", "20150830", "us-east-1", "kms"),
        (SECRET, "20150831", "us-east-1", "kms"),
        (SECRET, "20150830", "us-east-2", "kms"),
        (SECRET, "20150830", "us-east-1", "iam"),
    ] {
        assert!(refused(&VerifyingKey::V4(&SigningKey::derive(
            secret, date, region, service
        ))));
    }
    let asymmetric = SigV4aKey::derive(ACCESS_KEY, SECRET).unwrap();
    assert!(refused(&VerifyingKey::V4a(&asymmetric)));
}

// S18: an algorithm cannot be chosen by whoever sends the request.
#[test]
fn sec_s18_other_algorithms_are_refused() {
    for algorithm in [
        "AWS4-HMAC-SHA1",
        "AWS4-HMAC-SHA512",
        "aws4-hmac-sha256",
        "AWS3",
        "Basic",
    ] {
        let request = edited("AWS4-HMAC-SHA256", algorithm);
        assert_eq!(
            text(&request),
            format!("Unsupported AWS 'algorithm': '{algorithm}'.")
        );
        assert_eq!(refusal(&request).common(), Common::IncompleteSignature);
        let request = edited_query("AWS4-HMAC-SHA256", algorithm);
        assert_eq!(
            text(&request),
            format!("Unsupported AWS 'algorithm': '{algorithm}'.")
        );
    }
}

#[test]
fn sec_s18_the_two_algorithms_cannot_stand_for_each_other() {
    let request = edited("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256");
    assert!(matches!(
        refusal(&request),
        SignatureError::MalformedCredential { .. }
    ));
    let mut request = edited("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256");
    let before = request.headers["authorization"]
        .to_str()
        .unwrap()
        .to_owned();
    request.set("authorization", &before.replace("us-east-1/", ""));
    assert_eq!(
        text(&request),
        "'x-amz-region-set' is named as a SignedHeader, but it does not exist in the HTTP request."
    );
    request.set("x-amz-region-set", "*");
    let claim = claim(&request).unwrap();
    let verified = claim.verify(
        &request.head(),
        &request.body,
        &VerifyingKey::V4(&request.key()),
    );
    assert!(matches!(verified, Err(SignatureError::Mismatch(_))));
}

#[test]
fn missing_parameters_are_listed() {
    const DATE: &str =
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
    let parameter = |name| format!("Authorization header requires '{name}' parameter. ");
    let all = ["Credential", "Signature", "SignedHeaders"]
        .map(parameter)
        .concat();
    let check = |value: &str, expected: &str| {
        let request = with_authorization(value);
        assert_eq!(text(&request), expected, "{value}");
        assert_eq!(refusal(&request).common(), Common::IncompleteSignature);
    };
    check(
        "AWS4-HMAC-SHA256",
        &format!("{all}Authorization=AWS4-HMAC-SHA256"),
    );
    check(
        "AWS4-HMAC-SHA256 a=b",
        &format!("{all}Authorization=AWS4-HMAC-SHA256"),
    );
    check(
        "Basic dXNlcjpwYXNzd29yZA==",
        &format!("{all}Authorization=Basic"),
    );
    check("eyJhbGciOiJIUzI1NiJ9", &format!("{all}Authorization="));
    check("", &format!("{all}Authorization="));
    let signature = parameter("Signature");
    check(
        "AWS4-HMAC-SHA256 Credential=a/b,SignedHeaders=host,Signature=",
        &format!("{signature}Authorization=AWS4-HMAC-SHA256"),
    );

    let mut request = with_authorization("AWS4-HMAC-SHA256 Credential=a");
    request.headers.remove("x-amz-date");
    let rest = ["Signature", "SignedHeaders"].map(parameter).concat();
    assert_eq!(
        text(&request),
        format!("{rest}{DATE}Authorization=AWS4-HMAC-SHA256")
    );
}

#[test]
fn a_word_without_equal_sign_is_not_repeated() {
    let text = text(&with_authorization("Bearer my-secret-token"));
    assert_eq!(
        text,
        "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with \
         SHA-256 and encoded with Base64): 'S0jO0zTgk1Awc6kvYBmBULsjsL5OAtJIyUKTVpjEZxM='."
    );
}

// S17: one request, one claim.
#[test]
fn sec_s17_two_claims_in_one_request_are_refused() {
    let mut twice = signed();
    let authorization = twice.headers["authorization"].to_str().unwrap().to_owned();
    twice.add("authorization", &authorization);
    assert_eq!(refusal(&twice), SignatureError::RepeatedAuthorization);

    let mut both = presigned("60");
    both.set("authorization", &authorization);
    assert_eq!(
        text(&both),
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
    );
    for name in [
        "Algorithm",
        "Credential",
        "Signature",
        "Date",
        "Expires",
        "Security-Token",
    ] {
        let mut request = Request::kms();
        request.query = format!("X-Amz-{name}=");
        request.sign();
        assert!(
            matches!(refusal(&request), SignatureError::BothForms { .. }),
            "{name}"
        );
    }
    for parameter in ["Credential=x", "SignedHeaders=host", "Signature=00"] {
        let name = parameter.split('=').next().unwrap().to_owned();
        let request = edited(" Credential", &format!(" {parameter},Credential"));
        assert_eq!(refusal(&request), SignatureError::Repeated { name });
    }
}

#[test]
fn sec_s17_repeated_headers_are_refused() {
    for name in ["x-amz-date", "x-amz-security-token", "x-amz-content-sha256"] {
        let mut request = Request::kms();
        let value = sha256(&request.body);
        request.set("x-amz-security-token", "token");
        request.set("x-amz-content-sha256", &value);
        request.sign();
        assert_eq!(authenticate(&request), Ok(()));
        request.add(name, "20150830T123600Z");
        assert_eq!(
            refusal(&request),
            SignatureError::Repeated {
                name: name.to_owned()
            }
        );
    }
    let mut request = Request::kms();
    request.sign();
    request.headers.remove("x-amz-date");
    request.add("date", "Sun, 30 Aug 2015 12:36:00 GMT");
    request.add("date", "Sun, 30 Aug 2015 12:36:00 GMT");
    let claim = edited_names(&mut request, "x-amz-date;", "");
    assert!(matches!(claim, Err(SignatureError::Repeated { .. })));
}

fn edited_names(request: &mut Request, from: &str, to: &str) -> Result<(), SignatureError> {
    let before = request.headers["authorization"]
        .to_str()
        .unwrap()
        .to_owned();
    request.set("authorization", &before.replace(from, to));
    authenticate(request)
}

#[test]
fn sec_s17_repeated_query_parameters_are_refused() {
    let honest = presigned("60");
    for pair in honest.query.split('&') {
        let (name, _) = pair.split_once('=').unwrap();
        // Spelled with an escape, it is the same parameter still.
        for spelling in [name.to_owned(), name.replace('X', "%58")] {
            let mut request = honest.clone();
            request.query = format!("{}&{spelling}=60", request.query);
            assert_eq!(
                refusal(&request),
                SignatureError::Repeated {
                    name: name.to_owned()
                }
            );
        }
    }
}

#[test]
fn sec_s17_headers_cannot_contradict_a_presigned_query() {
    for name in ["x-amz-date", "x-amz-security-token", "x-amz-region-set"] {
        let mut request = Request::kms();
        request.set(name, "20150830T123600Z");
        request.presign("60");
        assert!(
            matches!(refusal(&request), SignatureError::BothForms { .. }),
            "{name}"
        );
    }
}

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
        assert_eq!(refusal.common(), Common::AccessDenied);
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

// S6: 15 minutes, to the second.
#[test]
fn sec_s6_the_clock_may_be_off_by_15_minutes() {
    let request = signed();
    for offset in [-900, -899, 0, 899, 900] {
        assert_eq!(
            authenticate_at(&request, SIGNED_AT.plus_secs(offset)),
            Ok(()),
            "{offset}"
        );
    }
    let late = authenticate_at(&request, SIGNED_AT.plus_secs(901)).unwrap_err();
    assert_eq!(
        late.to_string(),
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z \
         (20150830T125101Z - 15 min.)"
    );
    assert_eq!(late.common(), Common::RequestExpired);
    let early = authenticate_at(&request, SIGNED_AT.plus_secs(-901)).unwrap_err();
    assert_eq!(
        early.to_string(),
        "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z \
         (20150830T122059Z + 15 min.)"
    );
    assert_eq!(early.common(), Common::RequestExpired);
}

// S5: a presigned URL is good for exactly as long as it says.
#[test]
fn sec_s5_expiry_is_exact() {
    for (expires, seconds) in [("1", 1), ("60", 60), ("604800", 604_800)] {
        let request = presigned(expires);
        for offset in [-900, 0, seconds] {
            let now = SIGNED_AT.plus_secs(offset);
            assert_eq!(authenticate_at(&request, now), Ok(()), "{expires} {offset}");
        }
        let refused = |now| authenticate_at(&request, now).unwrap_err();
        let past = Timestamp {
            millis: SIGNED_AT.plus_secs(seconds).millis + 1,
        };
        assert!(matches!(refused(past), SignatureError::Expired { .. }));
        let early = SIGNED_AT.plus_secs(-901);
        assert!(matches!(
            refused(early),
            SignatureError::NotYetCurrent { .. }
        ));
    }
    let late = authenticate_at(&presigned("59"), SIGNED_AT.plus_secs(60)).unwrap_err();
    assert_eq!(
        late.to_string(),
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z \
         (20150830T123700Z - 59 sec.)"
    );
}

#[test]
fn sec_s5_expiry_must_be_there_and_in_range() {
    let number = "X-Amz-Expires should be a number";
    let positive = "X-Amz-Expires must be non-negative";
    let week = "X-Amz-Expires must be less than a week (in seconds); that is, the given \
                X-Amz-Expires must be less than 604800 seconds";
    let cases = [
        ("0", positive),
        ("-1", positive),
        ("-0", positive),
        ("604801", week),
        ("99999999999999999999999", week),
        ("1.5", number),
        ("%2B5", number),
        ("5s", number),
        ("-", number),
        ("%20", number),
        ("%D9%A1", number),
    ];
    for (expires, expected) in cases {
        let request = presigned(expires);
        assert_eq!(text(&request), expected, "{expires}");
        assert_eq!(refusal(&request).common(), Common::IncompleteSignature);
    }
    let absent = "AWS query-string parameters must include 'X-Amz-Expires'. \
                  Re-examine the query-string parameters.";
    assert_eq!(text(&presigned("")), absent);
    assert_eq!(text(&edited_query("&X-Amz-Expires=60", "")), absent);
}

#[test]
fn half_a_presigned_query_is_no_anonymous_request() {
    let honest = presigned("60");
    for pair in honest.query.split('&') {
        let mut only = Request::kms();
        only.query = pair.to_owned();
        assert!(
            matches!(
                refusal(&only),
                SignatureError::MissingQueryParameters { .. }
            ),
            "{pair}"
        );
        let name = pair.split('=').next().unwrap();
        let mut without = honest.clone();
        let kept: Vec<&str> = honest
            .query
            .split('&')
            .filter(|kept| *kept != pair)
            .collect();
        without.query = kept.join("&");
        assert_eq!(
            text(&without),
            format!(
                "AWS query-string parameters must include '{name}'. Re-examine the query-string \
                 parameters."
            )
        );
    }
}

#[test]
fn dates_that_cannot_be_read_are_refused() {
    for date in [
        "",
        "201",
        "20150830T123600",
        "2015-08-30T12:36:00Z",
        "20150230T000000Z",
    ] {
        let mut request = signed();
        request.set("x-amz-date", date);
        assert_eq!(
            text(&request),
            format!(
                "Date must be in ISO-8601 'basic format'. Got '{date}'. See \
                 http://en.wikipedia.org/wiki/ISO_8601"
            )
        );
    }
    let request = edited_query("20150830T123600Z", "20150830T123600X");
    assert!(matches!(
        refusal(&request),
        SignatureError::MalformedDate { .. }
    ));
}

#[test]
fn credentials_have_exactly_five_parts() {
    for credential in [
        "a",
        "a/b/c/d",
        "a/20150830/us-east-1/kms/aws4_request/",
        "a/b/c/d/e/f",
    ] {
        let request = edited(
            "AKIDEXAMPLE/20150830/us-east-1/kms/aws4_request",
            credential,
        );
        assert_eq!(
            text(&request),
            format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. \
                 keyid/date/region/service/term, got '{credential}'"
            )
        );
    }
}

// S18: each part of the scope is tested, and all that is wrong is said.
#[test]
fn sec_s18_the_scope_must_be_right() {
    const REGION: &str = "Credential should be scoped to a valid region.";
    const SERVICE: &str = "Credential should be scoped to correct service: 'kms'.";
    const TERMINATOR: &str = "Credential should be scoped with a valid terminator: 'aws4_request'.";
    const DATE: &str = "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of \
                        date from HTTP: '20150831' != '20150830', from '20150830T123600Z'.";
    let cases = [
        ("/us-east-1/", "//", REGION),
        ("/us-east-1/", "/US-EAST-1/", REGION),
        ("/us-east-1/", "/*/", REGION),
        ("/us-east-1/", "/us..1/", REGION),
        ("/kms/", "/iam/", SERVICE),
        ("/kms/", "/KMS/", SERVICE),
        ("/aws4_request", "/aws5_request", TERMINATOR),
        ("/20150830/", "/20150831/", DATE),
    ];
    for (from, to, expected) in cases {
        let request = edited(from, to);
        assert_eq!(text(&request), expected);
        assert_eq!(refusal(&request).common(), Common::InvalidSignature);
    }
    let request = edited("20150830/us-east-1/kms/aws4_request", "20150831//iam/x");
    assert_eq!(
        text(&request),
        format!("{REGION} {SERVICE} {TERMINATOR} {DATE}")
    );
}

#[test]
fn a_date_header_can_stand_in_for_x_amz_date() {
    let mut request = Request::kms();
    request.set("date", "Sun, 30 Aug 2015 12:36:00 GMT");
    request.sign();
    // Signed with both, `X-Amz-Date` counts.
    assert_eq!(authenticate(&request), Ok(()));
    request.headers.remove("x-amz-date");
    let claim = edited_names(&mut request, "x-amz-date;", "");
    // The time is read from `Date`; the signature was over more headers.
    assert!(matches!(claim, Err(SignatureError::Mismatch(_))));
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
    assert_eq!(PathStyle::of_service("kms"), PathStyle::Normalized);
}
