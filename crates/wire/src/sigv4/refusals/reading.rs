//! Credentials that are incomplete, malformed or given twice.

use super::*;

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
         SHA-256 and encoded with Base64): 'bk4Hpgr3mY3CaYiFSg9dB/VMOsc7LpMoCHDobc1jZpY='."
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
    request.set("date", "Sun, 30 Aug 2015 12:36:00 GMT");
    request.sign();
    request.add("date", "Sun, 30 Aug 2015 12:36:00 GMT");
    assert_eq!(
        refusal(&request),
        SignatureError::Repeated {
            name: "date".to_owned()
        }
    );
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
