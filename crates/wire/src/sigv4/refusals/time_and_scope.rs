//! When the request was signed, and for what.

use super::*;

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
fn a_date_header_stands_in_for_x_amz_date_and_yields_to_it() {
    for date in ["Sun, 30 Aug 2015 12:36:00 GMT", "20150830T123600Z"] {
        let mut request = Request::kms();
        request.set("date", date);
        request.sign();
        assert!(!request.headers.contains_key("x-amz-date"));
        assert_eq!(authenticate(&request), Ok(()), "{date}");
        let late = authenticate_at(&request, SIGNED_AT.plus_secs(901));
        assert!(matches!(late, Err(SignatureError::Expired { .. })));
    }
    let mut request = signed();
    request.set("date", "Sun, 30 Aug 2020 12:36:00 GMT");
    assert_eq!(authenticate(&request), Ok(()));
}

#[test]
fn a_region_set_may_have_wildcards_and_nothing_else() {
    let request = signed();
    let mut claim = claim(&request).unwrap();
    assert!(claim.covers_region("us-east-1") && !claim.covers_region("us-east-2"));
    claim.region = "us-*".into();
    assert!(!claim.covers_region("us-east-1"));

    claim.algorithm = Algorithm::V4a;
    claim.region = "us-*, eu-west-1".into();
    assert!(claim.check(&request.head(), "kms", SIGNED_AT).is_ok());
    for region in ["us-east-1", "us-gov-west-1", "eu-west-1"] {
        assert!(claim.covers_region(region), "{region}");
    }
    for region in ["eu-west-2", "cn-north-1", "", "aus-east-1"] {
        assert!(!claim.covers_region(region), "{region}");
    }
    for set in ["", "us-east-1,", "US-EAST-1", "us?east", "us-east-1/x"] {
        claim.region = set.into();
        let checked = claim.check(&request.head(), "kms", SIGNED_AT);
        assert!(
            matches!(checked, Err(SignatureError::Scope { .. })),
            "{set}"
        );
    }
}
