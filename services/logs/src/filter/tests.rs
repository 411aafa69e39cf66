//! Patterns with messages that they match and messages that they do not.

use proptest::prelude::*;

use super::*;

/// Each pattern with matches and non-matches.
const CASES: &[(&str, &[&str], &[&str])] = &[
    ("", &["", "anything"], &[]),
    (
        "ERROR",
        &["[ERROR 400] BAD", "xERRORx"],
        &["error", "ERR OR", ""],
    ),
    (
        "ERROR ARGUMENTS",
        &["[ERROR 420] ARGUMENTS", "ARGUMENTS ERROR"],
        &["ERROR", "ARGUMENTS"],
    ),
    (
        r#""INTERNAL SERVER ERROR""#,
        &["[500] INTERNAL SERVER ERROR"],
        &["INTERNAL ERROR SERVER"],
    ),
    (
        r#""a \"quoted\" \\ b""#,
        &[r#"a "quoted" \ b"#],
        &["a quoted b"],
    ),
    ("?ERROR ?WARN", &["ERROR", "a WARN b"], &["INFO", ""]),
    ("?ERROR ?WARN INFO", &["INFO"], &["ERROR", "WARN"]),
    (
        "ERROR -EXITING",
        &["ERROR STARTING"],
        &["ERROR EXITING", "EXITING", "x"],
    ),
    (
        r#"-"health check""#,
        &["GET /", "health"],
        &["a health check b"],
    ),
    (
        "%AUTHORIZED%",
        &["UNAUTHORIZED REQUEST", "AUTHORIZED"],
        &["authorized"],
    ),
    (
        r"%\d{3}-[a-c]+$% x",
        &["x 123-abc"],
        &["x 123-abcd", "123-abc"],
    ),
    (
        r#"{ $.eventType = "UpdateTrail" }"#,
        &[r#"{"eventType":"UpdateTrail"}"#],
        &[
            r#"{"eventType":"UpdateTrails"}"#,
            r#"{"other":1}"#,
            "UpdateTrail",
            "[]",
            "{",
        ],
    ),
    (
        r#"{ $.sourceIPAddress != 123.123.* }"#,
        &[r#"{"sourceIPAddress":"10.0.0.1"}"#],
        &[r#"{"sourceIPAddress":"123.123.7.8"}"#, "{}"],
    ),
    (
        r#"{ $.arrayKey[0] = "value" }"#,
        &[r#"{"arrayKey":["value","x"]}"#],
        &[r#"{"arrayKey":["x","value"]}"#],
    ),
    (
        r#"{ $.arrayKey[*] = "value" }"#,
        &[r#"{"arrayKey":["x","value"]}"#],
        &[r#"{"arrayKey":[]}"#, r#"{"arrayKey":"value"}"#],
    ),
    (
        r#"{ $.objectList[1].id = 2 }"#,
        &[r#"{"objectList":[{"id":1},{"id":2}]}"#],
        &[r#"{"objectList":[{"id":2}]}"#],
    ),
    (
        r#"{ $.*.code = 4 }"#,
        &[r#"{"a":1,"b":{"code":4}}"#],
        &[r#"{"code":4}"#],
    ),
    (
        r#"{ $.['a b'].c = 1 }"#,
        &[r#"{"a b":{"c":1}}"#],
        &[r#"{"a":{"c":1}}"#],
    ),
    (
        "{ $.bandwidth > 75 }",
        &[r#"{"bandwidth":75.5}"#, r#"{"bandwidth":"80"}"#],
        &[r#"{"bandwidth":75}"#, r#"{"bandwidth":"x"}"#],
    ),
    (
        "{ $.bandwidth >= 75 }",
        &[r#"{"bandwidth":75}"#],
        &[r#"{"bandwidth":74}"#],
    ),
    (
        "{ $.latency < 1e2 }",
        &[r#"{"latency":50}"#],
        &[r#"{"latency":100}"#],
    ),
    (
        "{ $.latency <= 50 }",
        &[r#"{"latency":50}"#],
        &[r#"{"latency":51}"#],
    ),
    (
        "{ $.refreshRate = 60 }",
        &[r#"{"refreshRate":60}"#, r#"{"refreshRate":60.0}"#],
        &[r#"{"refreshRate":600}"#],
    ),
    (
        "{ $.statusCode = 4* }",
        &[r#"{"statusCode":404}"#, r#"{"statusCode":"4xx"}"#],
        &[r#"{"statusCode":500}"#],
    ),
    (
        "{ $.a IS TRUE }",
        &[r#"{"a":true}"#],
        &[r#"{"a":false}"#, r#"{"a":"true"}"#, "{}"],
    ),
    ("{ $.a IS FALSE }", &[r#"{"a":false}"#], &[r#"{"a":true}"#]),
    ("{ $.a IS NULL }", &[r#"{"a":null}"#], &[r#"{"a":0}"#, "{}"]),
    (
        "{ $.a NOT EXISTS }",
        &["{}", r#"{"b":1}"#],
        &[r#"{"a":null}"#],
    ),
    ("{ $.a EXISTS }", &[r#"{"a":null}"#], &["{}"]),
    (
        r#"{ $.a.b = %x{2,}% }"#,
        &[r#"{"a":{"b":"axxb"}}"#],
        &[r#"{"a":{"b":"x"}}"#],
    ),
    (
        r#"{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }"#,
        &[r#"{"user":{"id":1},"users":[{"email":"John.Doe@example.com"}]}"#],
        &[
            r#"{"user":{"id":2},"users":[{"email":"John.Doe@example.com"}]}"#,
            r#"{"user":{"id":1}}"#,
        ],
    ),
    (
        r#"{ $.a = 1 || $.b = 1 && $.c = 1 }"#,
        &[r#"{"a":1}"#, r#"{"b":1,"c":1}"#],
        &[r#"{"b":1}"#, r#"{"c":1}"#],
    ),
    (
        r#"{ ($.a = 1 || $.b = 1) && $.c = 1 }"#,
        &[r#"{"a":1,"c":1}"#],
        &[r#"{"a":1}"#],
    ),
    (
        "[w1=ERROR, w2]",
        &["ERROR x"],
        &["ERROR", "WARN x", "ERROR x y"],
    ),
    (
        "[ip, user, ..., status = 4*, bytes]",
        &["1 u 404 7", "1 u a b c 400 7"],
        &["1 u 404", "1 u 500 7"],
    ),
    (
        "[..., status=404 || status=410]",
        &["404", "a b 410"],
        &["404 a", ""],
    ),
    (
        r#"[ip, request="*GET*", bytes>1000]"#,
        &[r#"1.2.3.4 "A GET /" 1001"#],
        &[r#"1.2.3.4 "POST /" 1001"#, r#"1.2.3.4 "GET /" 1000"#],
    ),
    ("[w1=%ERR|WARN%, ...]", &["ERROR", "WARNING a b"], &["INFO"]),
    (
        "[w1!=ERROR&&w1!=WARN, w2]",
        &["INFO x"],
        &["ERROR x", "WARN x"],
    ),
    ("[, b]", &["a b"], &["a"]),
];

#[test]
fn patterns_match_what_they_say() {
    let mut checked = 0;
    for (pattern, matching, others) in CASES {
        let filter = Filter::parse(pattern).unwrap_or_else(|_| panic!("{pattern} is refused"));
        for message in *matching {
            assert!(filter.matches(message), "{pattern} on {message}");
            assert!(filter.extract(message).is_some(), "{pattern} on {message}");
        }
        for message in *others {
            assert!(!filter.matches(message), "{pattern} on {message}");
            assert!(filter.extract(message).is_none(), "{pattern} on {message}");
        }
        checked += matching.len() + others.len();
    }
    assert!(checked > 110, "{checked}");
}

#[test]
fn what_is_no_pattern_is_refused() {
    let deep = format!("{{ {}$.a = 1{} }}", "(".repeat(200), ")".repeat(200));
    let patterns = [
        "\"open",
        "%open",
        "%(group)%",
        "%some!thing%",
        "%é%",
        "%[%",
        "a (b)",
        "?",
        "- ",
        "{ }",
        "{ $ = 1 }",
        "{ $.a }",
        "{ $.a = }",
        "{ a = 1 }",
        "{ $.a = 1 && }",
        "{ $.a = 1",
        "{ $.a < x }",
        "{ $.a IS }",
        "{ $.a NOT }",
        "{ ($.a = 1 }",
        "{ $.a[x] = 1 }",
        "{ $.a = 1 } x",
        "{ $.a = %x% && $.b = %y% && $.c = %z% }",
        "[a, ..., b, ...]",
        "[a = ]",
        "[a",
        "[a=1 && b=1]",
        "[a=%x%, b=%y%, c=%z%]",
        deep.as_str(),
    ];
    for pattern in patterns {
        assert!(Filter::parse(pattern).is_err(), "{pattern}");
    }
}

#[test]
fn what_is_wrong_is_said_in_aws_words() {
    for (pattern, text) in [
        ("{ $.broken = }", "Invalid metric filter pattern"),
        ("\"ERROR", "Invalid character(s) in term '\"ERROR'"),
        ("%^(ERROR|WARN)%", "Invalid character(s) in term '%^('"),
        ("%hello!%", "Invalid character(s) in term '%hello!'"),
        ("%café%", "Invalid character(s) in term '%café'"),
        ("%ERROR(?= 500)%", "Invalid character(s) in term '%ERROR('"),
        ("%[abc%", "Failed to compile regular expression."),
        ("[word, word]", "Duplicate field 'word'"),
        ("[..., status, ...]", "Duplicate field '...'"),
        (
            "{ $.v = %Alpha% || $.v = %Beta% || $.v = %Gamma% }",
            "Your input has exceeded the maximum of 2 regular expressions per filter pattern.",
        ),
        (
            "{ $.arr[*] = \"hit\" || $.items[*].a = 1 || $.* = \"hit\" || $.matrix[*][0] = 0 }",
            "Your input has exceeded the maximum of 3 JSON wildcard selectors allowed per filter \
             pattern.",
        ),
    ] {
        let refused = Filter::parse(pattern).err();
        let told = refused.as_ref().and_then(Fault::message);
        assert_eq!(told, Some(text), "{pattern}");
    }
}

#[test]
fn a_match_takes_values() {
    let extract = |pattern: &str, message: &str| {
        let filter = Filter::parse(pattern).unwrap_or_else(|_| panic!("{pattern} is refused"));
        filter.extract(message).unwrap_or_default()
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let line =
        r#"127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 200 1534"#;
    let columns = "[ip, identity, user_id, timestamp, request, status_code, size]";
    let expected = [
        pair("$ip", "127.0.0.1"),
        pair("$identity", "-"),
        pair("$user_id", "frank"),
        pair("$timestamp", "10/Oct/2000:13:25:15 -0700"),
        pair("$request", "GET /index.html HTTP/1.0"),
        pair("$status_code", "200"),
        pair("$size", "1534"),
    ];
    assert_eq!(extract(columns, line), expected);
    let expected = [
        pair("$ip", "127.0.0.1"),
        pair("$2", "x"),
        pair("$size", "1534"),
    ];
    assert_eq!(extract("[ip, ..., size]", "127.0.0.1 x 1534"), expected);
    let json = r#"{"a":{"b":"x"},"c":[{"d":7}],"e":1}"#;
    assert_eq!(extract("{ $.a.b = x && $.c[0].d > 1 }", json), []);
    assert_eq!(extract("x", "x"), []);
}

proptest! {
    #[test]
    fn no_pattern_and_no_message_is_too_much(pattern in "[{\\[]?[a$.=*\"%?(){}&|<> \\[\\]0-9,!-]{0,60}[}\\]]?", message in any::<String>()) {
        if let Ok(filter) = Filter::parse(&pattern) {
            prop_assert_eq!(filter.matches(&message), filter.extract(&message).is_some());
        }
    }

    #[test]
    fn wildcards_match_what_they_were_made_from(parts in prop::collection::vec("[ab]{0,3}", 1..6), between in "[ab]{0,3}") {
        let wildcard = text::Wildcard::new(&parts.join("*"));
        prop_assert!(wildcard.matches(&parts.join(&between)) || parts.len() == 1);
        prop_assert!(wildcard.matches(&parts.concat()));
    }
}

/// Such patterns take exponential or quadratic time elsewhere.
#[test]
fn a_pattern_that_could_be_tried_in_many_ways_is_not() {
    let message = "a".repeat(1_000_000);
    let stars = "a*".repeat(200);
    for pattern in [
        format!("{{ $.a = \"{stars}b\" }}"),
        format!("[w = {stars}b, ...]"),
        "%a*a*a*a*a*a*a*b%".to_owned(),
    ] {
        let filter = Filter::parse(&pattern).unwrap_or_else(|_| panic!("{pattern} is refused"));
        let json = format!("{{\"a\":\"{message}\"}}");
        assert!(!filter.matches(&message) && !filter.matches(&json));
    }
    let nested = "{\"a\":".repeat(100_000);
    let filter = Filter::parse("{ $.a EXISTS }").unwrap_or_else(|_| panic!("refused"));
    assert!(!filter.matches(&nested));
}
