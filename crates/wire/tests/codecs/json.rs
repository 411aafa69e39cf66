use wire::Value;
use wire::json::{Writer, decode};

use crate::tables::{NODE, member, node, refusal};

fn read(body: &str) -> Value {
    match decode(&NODE, body.as_bytes()) {
        Ok(value) => value,
        Err(fault) => panic!("{body}: {:?}", fault.message()),
    }
}

fn refuse(body: &str) -> String {
    refusal(decode(&NODE, body.as_bytes()))
}

#[test]
fn null_and_unknown_members_are_absent() {
    for body in [
        "",
        "{}",
        " { } ",
        r#"{"String":null}"#,
        r#"{"x":{"y":[1,null,"",{"z":true}]}}"#,
    ] {
        assert!(read(body) == node(&[]), "{body}");
    }
}

const MISMATCHES: &[(&str, &str)] = &[
    (
        r#"{"Integer":"1"}"#,
        "STRING_VALUE can not be converted to an Integer",
    ),
    (
        r#"{"Integer":true}"#,
        "TRUE_VALUE can not be converted to an Integer",
    ),
    (
        r#"{"Integer":[1]}"#,
        "Start of list found where not expected",
    ),
    (
        r#"{"Integer":{"a":1}}"#,
        "Start of structure or map found where not expected.",
    ),
    (
        r#"{"Integer":1.5}"#,
        "DECIMAL_VALUE can not be converted to an Integer",
    ),
    (
        r#"{"Integer":2147483648}"#,
        "NUMBER_VALUE can not be converted to an Integer",
    ),
    (
        r#"{"Long":9223372036854775808}"#,
        "NUMBER_VALUE can not be converted to a Long",
    ),
    (
        r#"{"String":1}"#,
        "NUMBER_VALUE can not be converted to a String",
    ),
    (
        r#"{"String":false}"#,
        "FALSE_VALUE can not be converted to a String",
    ),
    (
        r#"{"String":["x"]}"#,
        "Start of list found where not expected",
    ),
    (
        r#"{"Strings":[1]}"#,
        "NUMBER_VALUE can not be converted to a String",
    ),
    (r#"{"Strings":"x"}"#, "Expected list or null"),
    (
        r#"{"Strings":{}}"#,
        "Start of structure or map found where not expected.",
    ),
    (
        r#"{"Strings":[null]}"#,
        "NULL_VALUE can not be converted to a String",
    ),
    (
        r#"{"Map":{"a":null}}"#,
        "NULL_VALUE can not be converted to a String",
    ),
    (r#"{"Child":"x"}"#, "Expected null"),
    (r#"{"Child":[]}"#, "Start of list found where not expected"),
    (
        r#"{"Boolean":"maybe"}"#,
        "STRING_VALUE can not be converted to an Boolean",
    ),
    (
        r#"{"Boolean":1}"#,
        "NUMBER_VALUE can not be converted to a Boolean",
    ),
    (
        r#"{"Double":"inf"}"#,
        "STRING_VALUE can not be converted to a Double",
    ),
    (
        r#"{"Float":1e39}"#,
        "DECIMAL_VALUE can not be converted to a Float",
    ),
    (
        r#"{"Time":"today"}"#,
        "STRING_VALUE can not be converted to a Timestamp",
    ),
    (
        r#"{"Time":1e300}"#,
        "DECIMAL_VALUE can not be converted to a Timestamp",
    ),
    ("[]", "Start of list found where not expected"),
    (
        r#"{"String":"a","String":"b"}"#,
        "Duplicate key found where not expected",
    ),
    (
        r#"{"String":null,"String":"b"}"#,
        "Duplicate key found where not expected",
    ),
    (
        r#"{"Map":{"a":"1","b":"2","a":"1"}}"#,
        "Duplicate key found where not expected",
    ),
    (
        r#"{"Map":{"a":"1","\u0061":"2"}}"#,
        "Duplicate key found where not expected",
    ),
];

#[test]
fn types_are_not_mixed_up() {
    for (body, text) in MISMATCHES {
        assert_eq!(refuse(body), *text, "{body}");
    }
}

const NOT_JSON: &[&str] = &[
    "{",
    "}",
    " ",
    "null",
    "{]",
    "{\"String\":}",
    "{\"String\":\"a\",}",
    "{\"String\":\"a\"",
    "{'String':'a'}",
    "{\"String\":\"a\"}x",
    "{} {}",
    "\u{feff}{}",
    "{\"Double\":1e400}",
    "{\"Double\":NaN}",
    "{\"Integer\":01}",
    "{\"Integer\":+1}",
    "{\"x\":1e400}",
    "{\"String\":\"\\ud800\"}",
    "{\"String\":\"\\udc00\\ud800\"}",
    "{\"x\":\"\\ud800\"}",
    "{\"String\":\"\\x\"}",
    "{\"String\":\"\n\"}",
    "{\"String\":\"a\" /* b */}",
    "{\"Blob\":\"Zg\"}",
    "{\"Blob\":\"Zg=\"}",
    "{\"Blob\":\"Zh==\"}",
    "{\"Blob\":\" Zg==\"}",
    "{\"Blob\":\"Zg==\\n\"}",
    "{\"Blob\":\"_-8=\"}",
    "{\"Document\":{]}",
];

#[test]
fn what_is_no_json_is_refused_without_a_word() {
    for body in NOT_JSON {
        assert_eq!(refuse(body), "", "{body}");
    }
    for body in [
        &b"{\"String\":\"\xff\"}"[..],
        b"{\"x\":\"\xff\"}",
        b"\xef\xbb\xbf{}",
        b"{\"\xff\":1}",
    ] {
        assert_eq!(refusal(decode(&NODE, body)), "", "{body:?}");
    }
}

#[test]
fn every_beginning_of_a_request_is_refused() {
    let body = r#"{"String":"aé\ud83d\ude00","Nodes":[{"Map":{"k":"v"}}],"x":[{}],"Double":1.5e3}"#;
    read(body);
    for end in 1..body.len() {
        assert!(decode(&NODE, &body.as_bytes()[..end]).is_err(), "{end}");
    }
}

#[test]
fn values_are_read_as_aws_reads_them() {
    let value = read(
        r#"{"Boolean":"TRUE","Integer":3.0,"Limit":99999999999,"Long":-9223372036854775808,
            "Double":123456789.12345679,"Float":"-Infinity","Blob":"//79","Time":1440938160.25,
            "Date":"2015-08-30T12:36:00Z","Document":{"a":[1, 2]},"String":"\ud83d\ude00\/"}"#,
    );
    let millis = |value: &Value| match value {
        Value::Timestamp(time) => time.millis,
        _ => panic!("not a time"),
    };
    assert!(member(&value, "Boolean") == Some(&Value::Boolean(true)));
    assert!(member(&value, "Integer") == Some(&Value::Integer(3)));
    assert!(member(&value, "Limit") == Some(&Value::Integer(2_147_483_647)));
    assert!(member(&value, "Long") == Some(&Value::Integer(i64::MIN)));
    assert!(member(&value, "Double") == Some(&Value::Double(123_456_789.123_456_79)));
    assert!(member(&value, "Float") == Some(&Value::Double(f64::NEG_INFINITY)));
    assert!(member(&value, "Blob") == Some(&Value::blob(*b"\xff\xfe\xfd")));
    assert_eq!(millis(member(&value, "Time").unwrap()), 1_440_938_160_250);
    assert_eq!(millis(member(&value, "Date").unwrap()), 1_440_938_160_000);
    assert!(
        member(&value, "Document") == Some(&Value::Document("{\"a\":[1, 2]}".to_owned().into()))
    );
    assert_eq!(
        member(&value, "String").unwrap().as_str(),
        Some("\u{1f600}/")
    );
}

#[test]
fn nesting_ends_at_64() {
    let nested = |open: &str, inner: &str, close: &str, depth: usize| {
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    for (open, inner, close) in [
        ("{\"Child\":", "null", "}"),
        ("{\"x\":", "1", "}"),
        ("{\"Nodes\":[", "", "]}"),
    ] {
        let levels = if open.ends_with('[') { 32 } else { 64 };
        read(&nested(open, inner, close, levels));
        assert_eq!(
            refuse(&nested(open, inner, close, levels + 1)),
            "Nesting is too deep"
        );
    }
    for (lead, count) in [("{\"x\":", 63), ("{\"Document\":", 63)] {
        read(&format!(
            "{lead}{}{}}}",
            "[".repeat(count),
            "]".repeat(count)
        ));
        let body = format!("{lead}{}{}}}", "[".repeat(count + 1), "]".repeat(count + 1));
        assert_eq!(refuse(&body), "Nesting is too deep", "{lead}");
    }
    read(
        r#"{"Document":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"[["}"#,
    );
    for bomb in [
        "{\"x\":[".to_owned(),
        "[".to_owned(),
        "{\"Child\":".to_owned(),
        "{\"Document\":[".to_owned(),
    ] {
        assert!(
            decode(&NODE, bomb.repeat(200_000).as_bytes()).is_err(),
            "{bomb}"
        );
    }
}

#[test]
fn the_number_of_values_has_an_end() {
    let many = |element: &str, count: usize| vec![element; count].join(",");
    read(&format!("{{\"Strings\":[{}]}}", many("\"\"", 99_000)));
    for body in [
        format!("{{\"Strings\":[{}]}}", many("\"\"", 100_001)),
        format!("{{\"Nodes\":[{}]}}", many("{}", 50_000)),
        format!("{{\"x\":[{}]}}", many("1", 100_001)),
    ] {
        assert_eq!(refuse(&body), "Too many values");
    }
}

#[test]
fn the_writer_escapes_and_puts_commas() {
    let mut writer = Writer::new();
    writer.begin_object();
    writer.key("a\"\\\n\r\t\u{8}\u{c}\u{1}\u{7f}é\u{2028}");
    writer.begin_array();
    writer.integer(i64::MIN);
    writer.double(1e300);
    writer.double(-0.5);
    writer.double(f64::NAN);
    writer.float(f64::from(1.1_f32));
    writer.boolean(false);
    writer.null();
    writer.begin_object();
    writer.end_object();
    writer.begin_array();
    writer.end_array();
    writer.end_array();
    writer.key("b");
    writer.base64(b"\xff\xfe");
    writer.key("c");
    writer.timestamp(wire::Timestamp { millis: 1_500 });
    writer.key("d");
    writer.raw("{\"e\":1}");
    writer.end_object();
    assert_eq!(
        String::from_utf8(writer.finish().to_vec()).unwrap(),
        "{\"a\\\"\\\\\\n\\r\\t\\b\\f\\u0001\u{7f}é\u{2028}\":[-9223372036854775808,1e300,-0.5,\"NaN\",1.1,false,\
         null,{},[]],\"b\":\"//4=\",\"c\":1.5,\"d\":{\"e\":1}}"
    );
}
