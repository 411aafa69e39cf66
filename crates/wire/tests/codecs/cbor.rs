use wire::Value;
use wire::cbor::decode;

use crate::tables::{NODE, member, node, refusal};

/// A body in hexadecimal and quoted text: `bf 'String' 'a' ff`, where a text is written with its
/// head.
fn body(notation: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in notation.split_whitespace() {
        if let Some(text) = word.strip_prefix('\'') {
            let text = text.strip_suffix('\'').unwrap();
            bytes.push(0x60 + u8::try_from(text.len()).unwrap());
            bytes.extend_from_slice(text.as_bytes());
        } else {
            bytes.push(u8::from_str_radix(word, 16).unwrap());
        }
    }
    bytes
}

fn read(notation: &str) -> Value {
    match decode(&NODE, &body(notation)) {
        Ok(value) => value,
        Err(fault) => panic!("{notation}: {:?}", fault.message()),
    }
}

fn refuse(notation: &str) -> String {
    refusal(decode(&NODE, &body(notation)))
}

#[test]
fn null_undefined_and_unknown_members_are_absent() {
    for notation in [
        "",
        "a0",
        "bf ff",
        "a1 'String' f6",
        "a1 'String' f7",
        "bf 'x' 9f 01 bf 'y' 5f 41 00 ff ff ff ff",
        "a1 'x' c1 c2 f9 3c 00",
        "a1 'x' f0",
        "a1 'x' 7f 'a' 'b' ff",
    ] {
        assert!(read(notation) == node(&[]), "{notation}");
    }
}

#[test]
fn both_lengths_and_all_widths() {
    for notation in [
        "a1 'Strings' 82 'a' 'bc'",
        "bf 'Strings' 9f 7f 'a' ff 7f 'b' 'c' ff ff ff",
    ] {
        let strings = vec![Value::string("a"), Value::string("bc")];
        assert!(
            read(notation) == node(&[("Strings", Value::List(strings))]),
            "{notation}"
        );
    }
    for notation in [
        "a1 'Double' f9 3e 00",
        "a1 'Double' fa 3f c0 00 00",
        "a1 'Double' fb 3f f8 00 00 00 00 00 00",
    ] {
        assert!(
            read(notation) == node(&[("Double", Value::Double(1.5))]),
            "{notation}"
        );
    }
    assert!(read("a1 'Double' 18 2a") == node(&[("Double", Value::Double(42.0))]));
    assert!(
        read("a1 'Long' 3b 7f ff ff ff ff ff ff ff") == node(&[("Long", Value::Integer(i64::MIN))])
    );
    assert!(
        read("a1 'Integer' 1b 00 00 00 00 00 00 00 01") == node(&[("Integer", Value::Integer(1))])
    );
    assert!(read("a1 'Blob' 5f 41 01 40 42 02 03 ff") == node(&[("Blob", Value::blob([1, 2, 3]))]));
    assert!(
        read("a1 'Limit' 1b 00 00 00 17 48 76 e7 ff")
            == node(&[("Limit", Value::Integer(2_147_483_647))])
    );
    for notation in ["a1 'Time' c1 02", "a1 'Time' c1 f9 40 00"] {
        let value = read(notation);
        assert!(
            member(&value, "Time") == Some(&Value::Timestamp(wire::Timestamp { millis: 2000 }))
        );
    }
}

const MISMATCHES: &[(&str, &str)] = &[
    (
        "a1 'Integer' '1'",
        "STRING_VALUE can not be converted to an Integer",
    ),
    (
        "a1 'Integer' f5",
        "TRUE_VALUE can not be converted to an Integer",
    ),
    (
        "a1 'Integer' f9 3c 00",
        "DECIMAL_VALUE can not be converted to an Integer",
    ),
    (
        "a1 'Integer' 1a 80 00 00 00",
        "NUMBER_VALUE can not be converted to an Integer",
    ),
    (
        "a1 'Long' 3b ff ff ff ff ff ff ff ff",
        "NUMBER_VALUE can not be converted to a Long",
    ),
    (
        "a1 'String' 41 61",
        "BLOB_VALUE can not be converted to a String",
    ),
    (
        "a1 'Blob' 'Zg=='",
        "STRING_VALUE can not be converted to a Blob",
    ),
    (
        "a1 'Time' 01",
        "NUMBER_VALUE can not be converted to a Timestamp",
    ),
    (
        "a1 'Time' c0 01",
        "TIMESTAMP_VALUE can not be converted to a Timestamp",
    ),
    (
        "a1 'Time' c1 1b ff ff ff ff ff ff ff ff",
        "NUMBER_VALUE can not be converted to a Timestamp",
    ),
    (
        "a1 'Integer' c1 01",
        "TIMESTAMP_VALUE can not be converted to an Integer",
    ),
    (
        "a1 'Strings' a0",
        "Start of structure or map found where not expected.",
    ),
    (
        "a1 'Strings' 81 f6",
        "NULL_VALUE can not be converted to a String",
    ),
    (
        "a1 'Map' a1 'a' f6",
        "NULL_VALUE can not be converted to a String",
    ),
    (
        "a2 'String' 'a' 'String' 'b'",
        "Duplicate key found where not expected",
    ),
    (
        "a2 'String' f6 'String' 'b'",
        "Duplicate key found where not expected",
    ),
    (
        "a1 'Map' a2 'a' 'b' 'a' 'c'",
        "Duplicate key found where not expected",
    ),
    ("80", "Start of list found where not expected"),
];

#[test]
fn types_are_not_mixed_up() {
    for (notation, text) in MISMATCHES {
        assert_eq!(refuse(notation), *text, "{notation}");
    }
}

#[test]
fn what_is_no_message_is_refused_without_a_word() {
    for notation in [
        "f6",
        "ff",
        "a1",
        "bf",
        "a0 00",
        "a1 'String'",
        "a1 'String' 61",
        "a1 'String' ff",
        "a1 'x' ff",
        "a1 01 02",
        "a1 41 61 02",
        "a1 'String' 61 ff",
        "a1 'x' 61 ff",
        "a1 'String' 7f 41 61 ff",
        "a1 'String' 7f 7f ff ff",
        "a1 'Blob' 5f 'a' ff",
        "a1 'Boolean' f8 18",
        "bf 'String' ff",
        "a1 'Integer' 1c",
        "1f",
    ] {
        assert_eq!(refuse(notation), "", "{notation}");
    }
}

#[test]
fn announced_lengths_allocate_nothing() {
    const HUGE: &str = "7f ff ff ff ff ff ff ff";
    const ALL: &str = "ff ff ff ff ff ff ff ff";
    for length in [HUGE, ALL] {
        for notation in [
            format!("bb {length}"),
            format!("a1 'Strings' 9b {length}"),
            format!("a1 'Strings' 9b {length} 'a' 'b'"),
            format!("a1 'Map' bb {length} 'a' 'b'"),
            format!("a1 'String' 7b {length} 61"),
            format!("a1 'Blob' 5b {length} 61"),
            format!("a1 'x' 9b {length}"),
            format!("a1 'x' bb {length}"),
            format!("a1 'x' 5b {length}"),
            format!("a1 'x' 7b {length}"),
        ] {
            assert_eq!(refuse(&notation), "", "{notation}");
        }
    }
}

#[test]
fn nesting_ends_at_64() {
    let nested = |open: &str, inner: &str, depth: usize| format!("{}{inner}", open.repeat(depth));
    for (open, inner) in [("a1 'Child' ", "f6"), ("a1 'x' ", "01")] {
        read(&nested(open, inner, 64));
        assert_eq!(
            refuse(&nested(open, inner, 65)),
            "Nesting is too deep",
            "{open}"
        );
    }
    for open in ["81 ", "9f ", "c1 ", "a1 'a' "] {
        let notation = format!("a1 'x' {}", open.repeat(200_000));
        assert_eq!(refuse(&notation), "Nesting is too deep", "{open}");
    }
}

#[test]
fn the_number_of_values_has_an_end() {
    for (name, element, count) in [
        ("Strings", 0x60, 100_001),
        ("Nodes", 0xa0, 50_000),
        ("x", 0x00, 100_001),
    ] {
        let mut bytes = body(&format!("a1 '{name}' 9f"));
        bytes.extend(std::iter::repeat_n(element, count));
        bytes.push(0xff);
        assert_eq!(refusal(decode(&NODE, &bytes)), "Too many values", "{name}");
    }
}
