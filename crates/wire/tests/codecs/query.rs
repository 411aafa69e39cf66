use wire::Value;
use wire::query::{decode, find};

use crate::tables::{NODE, node, refusal};

fn read(form: &str) -> Value {
    match decode(&NODE, form.as_bytes()) {
        Ok(value) => value,
        Err(fault) => panic!("{form}: {:?}", fault.message()),
    }
}

fn refuse(form: &str) -> String {
    refusal(decode(&NODE, form.as_bytes()))
}

fn strings(texts: &[&str]) -> Value {
    Value::List(texts.iter().map(|text| Value::string(*text)).collect())
}

#[test]
fn other_parameters_are_left_alone() {
    for form in [
        "",
        "&&",
        "Action=X&Version=2010-05-08",
        "X-Amz-Signature=a%20b&StringX=1&String-x=1&string=1",
    ] {
        assert!(read(form) == node(&[]), "{form}");
    }
}

#[test]
fn escapes_are_undone_once() {
    let form = "String=a%2Bb+c%25%32%30%C3%A9%3D%26=x";
    assert!(read(form) == node(&[("String", Value::string("a+b c%20é=&=x"))]));
    assert!(read("S%74ring=") == node(&[("String", Value::string(""))]));
    for form in [
        "String=%",
        "String=%4",
        "String=%zz",
        "String=%ff",
        "x=%",
        "%ff=1",
        "String=%+1",
    ] {
        assert_eq!(refuse(form), "", "{form}");
    }
    assert_eq!(refusal(decode(&NODE, b"String=\xff")), "");
}

#[test]
fn lists_are_in_the_order_of_their_numbers() {
    let form: Vec<String> = (1..=11)
        .rev()
        .map(|n| format!("Strings.member.{n}=v{n}"))
        .collect();
    let expected: Vec<String> = (1..=11).map(|n| format!("v{n}")).collect();
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    assert!(read(&form.join("&")) == node(&[("Strings", strings(&expected))]));
    assert!(read("Flat.1=a&Flat.2=b") == node(&[("Flat", strings(&["a", "b"]))]));
    assert!(read("Strings=") == node(&[("Strings", strings(&[]))]));
    let nested = Value::List(vec![strings(&["a"]), strings(&["b", "c"])]);
    let form = "Lists.member.2.member.2=c&Lists.member.1.member.1=a&Lists.member.2.member.1=b";
    assert!(read(form) == node(&[("Lists", nested)]));
}

const REFUSALS: &[(&str, &str)] = &[
    ("Strings.member.0=a", "0 is not a valid index"),
    ("Strings.member.01=a", "Value found where not expected"),
    (
        "Strings.member.x=a",
        "Start of list found where not expected",
    ),
    (
        "Strings.member.-1=a",
        "Start of list found where not expected",
    ),
    (
        "Strings.member.=a",
        "Start of list found where not expected",
    ),
    ("Strings.member.4294967296=a", "Index 4294967296 is illegal"),
    (
        "Strings.member.4294967295=a",
        "Excessively sparse input would skip 4294967294 list elements",
    ),
    (
        "Strings.member.1=a&Strings.member.3=a",
        "Excessively sparse input would skip 1 list elements",
    ),
    (
        "NodeMap.2.key=a&NodeMap.2.value.String=b",
        "Excessively sparse input would skip 1 list elements",
    ),
    (
        "Map.entry.1.key=a",
        "NULL_VALUE can not be converted to a String",
    ),
    (
        "Map.entry.1.value=a",
        "NULL_VALUE can not be converted to a String",
    ),
    (
        "String=a&String=a",
        "Duplicate key found where not expected",
    ),
    (
        "String=a&S%74ring=b",
        "Duplicate key found where not expected",
    ),
    (
        "Map.entry.1.key=a&Map.entry.1.value=b&Map.entry.2.key=a&Map.entry.2.value=c",
        "Duplicate key found where not expected",
    ),
    (
        "Integer=",
        "STRING_VALUE can not be converted to an Integer",
    ),
    (
        "Integer=1.5",
        "STRING_VALUE can not be converted to an Integer",
    ),
    (
        "Integer=2147483648",
        "NUMBER_VALUE can not be converted to an Integer",
    ),
    (
        "Double=1e400",
        "STRING_VALUE can not be converted to a Double",
    ),
    (
        "Double=inf",
        "STRING_VALUE can not be converted to a Double",
    ),
    (
        "Boolean=yes",
        "STRING_VALUE can not be converted to an Boolean",
    ),
    (
        "Document=%7B%7D",
        "STRING_VALUE can not be converted to a Document",
    ),
];

#[test]
fn numbers_in_paths_are_checked_and_allocate_nothing() {
    for (form, text) in REFUSALS {
        assert_eq!(refuse(form), *text, "{form}");
    }
}

#[test]
fn depth_and_number_have_an_end() {
    let deep = |levels: usize| format!("{}String=a", "Child.".repeat(levels));
    read(&deep(63));
    assert_eq!(refuse(&deep(64)), "Nesting is too deep");
    assert!(decode(&NODE, deep(100_000).as_bytes()).is_err());
    let many: Vec<String> = (0..=10_000).map(|n| format!("k{n}=")).collect();
    assert_eq!(refuse(&many.join("&")), "Too many parameters");
}

#[test]
fn one_parameter_is_found_in_any_form() {
    assert_eq!(
        find(b"Version=1&Acti%6Fn=Get+User&x=%", "Action").as_deref(),
        Some("Get User")
    );
    assert_eq!(find(b"Version=1&x=%", "Action"), None);
    assert_eq!(find(b"Action", "Action").as_deref(), Some(""));
}
