//! Condition operators, on a statement that allows when they hold.

use crate::support::{Context, OBJECT, Scene, alice};
use policy::{Policy, PolicyKind, Values};
use serde_json::{Value, json};

fn holds(condition: &Value, context: &Value) -> bool {
    let statement =
        json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition});
    let scene = Scene::identity(&json!([statement]));
    scene
        .ask_in(
            &Context::from_json(context),
            alice(),
            "s3:GetObject",
            OBJECT,
        )
        .allowed()
}

/// One operator on key `x:k` with these operands; `values` are the request's.
fn check(operator: &str, operands: &Value, values: &Value) -> bool {
    let context = if values.is_null() {
        json!({})
    } else {
        json!({"x:k": values})
    };
    holds(&json!({operator: {"x:k": operands}}), &context)
}

/// Operator, operand, a value that satisfies it, one that does not.
const OPERATORS: &[(&str, &str, &str, &str)] = &[
    ("StringEquals", "a", "a", "A"),
    ("StringNotEquals", "a", "A", "a"),
    ("StringEqualsIgnoreCase", "aB", "Ab", "b"),
    ("StringNotEqualsIgnoreCase", "aB", "b", "Ab"),
    ("StringLike", "a?c*", "abcd", "ac"),
    ("StringNotLike", "a?c*", "ac", "abcd"),
    ("NumericEquals", "10", "10.0", "11"),
    ("NumericNotEquals", "10", "11", "10.0"),
    ("NumericLessThan", "10", "9", "10"),
    ("NumericLessThanEquals", "10", "10", "11"),
    ("NumericGreaterThan", "10", "11", "10"),
    ("NumericGreaterThanEquals", "10", "10", "9"),
    (
        "DateEquals",
        "2026-11-21",
        "2026-11-21T00:00:00Z",
        "2026-11-22",
    ),
    (
        "DateNotEquals",
        "2026-11-21",
        "2026-11-22",
        "2026-11-21T00:00:00Z",
    ),
    ("DateLessThan", "2026-11-21", "2026-11-20", "2026-11-21"),
    (
        "DateLessThanEquals",
        "2026-11-21",
        "2026-11-21",
        "2026-11-22",
    ),
    ("DateGreaterThan", "2026-11-21", "2026-11-22", "2026-11-21"),
    (
        "DateGreaterThanEquals",
        "2026-11-21",
        "2026-11-21",
        "2026-11-20",
    ),
    ("Bool", "true", "True", "false"),
    ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", "qmluYXJ5"),
    ("IpAddress", "203.0.113.0/24", "203.0.113.7", "203.0.114.7"),
    (
        "NotIpAddress",
        "203.0.113.0/24",
        "203.0.114.7",
        "203.0.113.7",
    ),
    (
        "ArnEquals",
        "arn:aws:iam::*:user/a",
        "arn:aws:iam::1:user/a",
        "arn:aws:iam::1:user/b",
    ),
    (
        "ArnLike",
        "arn:aws:iam::*:user/*",
        "arn:aws:iam::1:user/a",
        "arn:aws:iam:e:1:role/a",
    ),
    (
        "ArnNotEquals",
        "arn:aws:iam::1:user/a",
        "arn:aws:iam::2:user/a",
        "arn:aws:iam::1:user/a",
    ),
    (
        "ArnNotLike",
        "arn:aws:iam::1:*",
        "arn:aws:iam::2:user/a",
        "arn:aws:iam::1:user/a",
    ),
];

#[test]
fn each_operator_accepts_and_rejects() {
    for (operator, operand, good, bad) in OPERATORS {
        assert!(
            check(operator, &json!(operand), &json!(good)),
            "{operator} {good}"
        );
        assert!(
            !check(operator, &json!(operand), &json!(bad)),
            "{operator} {bad}"
        );
        let negated = operator.contains("Not");
        assert_eq!(
            check(operator, &json!(operand), &Value::Null),
            negated,
            "{operator} absent"
        );
        let if_exists = format!("{operator}IfExists");
        assert!(
            check(&if_exists, &json!(operand), &Value::Null),
            "{if_exists} absent"
        );
        assert!(
            !check(&if_exists, &json!(operand), &json!(bad)),
            "{if_exists} {bad}"
        );
        assert!(
            check(&operator.to_uppercase(), &json!(operand), &json!(good)),
            "{operator}"
        );
    }
}

#[test]
fn several_operands_are_or_and_nor_when_negated() {
    assert!(check("StringEquals", &json!(["a", "b"]), &json!("b")));
    assert!(!check("StringNotEquals", &json!(["a", "b"]), &json!("b")));
    assert!(check("StringNotEquals", &json!(["a", "b"]), &json!("c")));
    assert!(check(
        "IpAddress",
        &json!(["10.0.0.0/8", "::1"]),
        &json!("::1")
    ));
    assert!(!check(
        "NotIpAddress",
        &json!(["10.0.0.0/8", "::1"]),
        &json!("::1")
    ));
    assert!(!check("StringEquals", &json!([]), &json!("a")));
}

#[test]
fn operands_may_be_numbers_and_booleans() {
    assert!(check("NumericLessThan", &json!(10), &json!("9.5")));
    assert!(check("Bool", &json!(true), &json!("true")));
    assert!(check("StringEquals", &json!([7, true]), &json!("7")));
    assert!(check("StringEquals", &json!([7, true]), &json!("true")));
}

#[test]
fn unusable_request_values_satisfy_no_positive_operator() {
    for (operator, operand) in [
        ("NumericLessThan", "10"),
        ("DateLessThan", "2026-01-01"),
        ("Bool", "true"),
        ("IpAddress", "0.0.0.0/0"),
        ("ArnLike", "*"),
    ] {
        assert!(
            !check(operator, &json!(operand), &json!("rubbish")),
            "{operator}"
        );
    }
    assert!(check("NumericNotEquals", &json!("10"), &json!("rubbish")));
    assert!(check(
        "NotIpAddress",
        &json!("0.0.0.0/0"),
        &json!("rubbish")
    ));
}

#[test]
fn null_asks_whether_the_key_is_there() {
    assert!(check("Null", &json!("true"), &Value::Null));
    assert!(!check("Null", &json!("false"), &Value::Null));
    assert!(check("Null", &json!(false), &json!("x")));
    assert!(!check("Null", &json!("true"), &json!("x")));
    assert!(
        check("Null", &json!("true"), &json!([])),
        "no values are an absent key"
    );
}

#[test]
fn sec_i1_negated_set_operators_are_not_transposed() {
    let (operands, overlapping) = (json!(["a"]), json!(["a", "c"]));
    assert!(!check(
        "ForAllValues:StringNotEquals",
        &operands,
        &overlapping
    ));
    assert!(check(
        "ForAnyValue:StringNotEquals",
        &operands,
        &overlapping
    ));
    assert!(check(
        "ForAllValues:StringNotEquals",
        &operands,
        &json!(["c", "d"])
    ));
    assert!(!check(
        "ForAnyValue:StringNotEquals",
        &operands,
        &json!(["a"])
    ));
    assert!(!check(
        "ForAllValues:StringNotLike",
        &json!(["a*"]),
        &json!(["ab", "c"])
    ));
    assert!(check(
        "ForAnyValue:StringNotLike",
        &json!(["a*"]),
        &json!(["ab", "c"])
    ));
}

#[test]
fn set_operators_compare_sets() {
    let operands = json!(["a", "b"]);
    assert!(check(
        "ForAllValues:StringEquals",
        &operands,
        &json!(["a", "b"])
    ));
    assert!(!check(
        "ForAllValues:StringEquals",
        &operands,
        &json!(["a", "c"])
    ));
    assert!(check(
        "ForAnyValue:StringEquals",
        &operands,
        &json!(["a", "c"])
    ));
    assert!(!check("ForAnyValue:StringEquals", &operands, &json!(["c"])));
    assert!(check("forallvalues:stringequals", &operands, &json!("a")));
}

#[test]
fn sec_i8_set_operators_on_absent_keys() {
    for absent in [Value::Null, json!([]), json!("")] {
        for operator in ["StringEquals", "StringNotEquals", "StringEqualsIfExists"] {
            let all = format!("ForAllValues:{operator}");
            assert!(check(&all, &json!(["a"]), &absent), "{all} {absent}");
            let any = format!("ForAnyValue:{operator}");
            assert!(!check(&any, &json!(["a"]), &absent), "{any} {absent}");
        }
    }
}

#[test]
fn without_set_operator_several_values_never_widen_a_negation() {
    assert!(check("StringEquals", &json!("a"), &json!(["b", "a"])));
    assert!(!check("StringNotEquals", &json!("a"), &json!(["b", "a"])));
}

#[test]
fn sec_i9_absence_and_old_versions() {
    assert!(
        check("BoolIfExists", &json!("true"), &Value::Null),
        "the hole AWS documents"
    );
    assert!(!check("Bool", &json!("true"), &Value::Null));
    assert!(check("StringNotEquals", &json!("v"), &Value::Null));
    let old = json!({"Version": "2008-10-17", "Statement": {
        "Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"StringEquals": {"x:k": "${aws:username}"}}}});
    let mut scene = Scene::default();
    scene
        .identity
        .push(Policy::parse(&old.to_string(), PolicyKind::Identity).unwrap());
    let ask = |value: &str| {
        let context = json!({"aws:username": "alice", "x:k": value});
        let context = Context::from_json(&context);
        scene
            .ask_in(&context, alice(), "s3:GetObject", OBJECT)
            .allowed()
    };
    assert!(
        ask("${aws:username}"),
        "version 2008-10-17 has no variables"
    );
    assert!(!ask("alice"));
}

#[test]
fn sec_i3_variables_in_conditions_are_literal() {
    let condition = json!({"StringLike": {"x:k": "home/${aws:PrincipalTag/Dir}/*"}});
    let ask = |dir: &str, key: &str| {
        holds(
            &condition,
            &json!({"aws:PrincipalTag/Dir": dir, "x:k": key}),
        )
    };
    assert!(ask("a", "home/a/x"));
    assert!(!ask("*", "home/a/x"));
    assert!(ask("*", "home/*/x"));
    assert!(
        !holds(&condition, &json!({"x:k": "home//x"})),
        "unresolved matches nothing"
    );
}

#[test]
fn values_are_what_they_were_made_of() {
    let all = |values: Values<'_>| -> Vec<String> { values.iter().map(str::to_owned).collect() };
    assert_eq!(all(Values::from("v")), ["v"]);
    assert_eq!(all(Values::from("v".to_owned())), ["v"]);
    assert_eq!(all(Values::from(true)), ["true"]);
    assert_eq!(all(Values::from(false)), ["false"]);
    assert_eq!(all(Values::from_iter(["a", "b"])), ["a", "b"]);
    assert!(Values::from_iter([]).is_empty());
    assert!(!Values::from("").is_empty());
}

#[test]
fn binary_operands_are_base64() {
    let parse = |operand: &str| {
        let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"BinaryEquals": {"x:k": operand}}});
        let text = crate::support::document(&json!([statement]));
        Policy::parse(&text, PolicyKind::Identity).is_ok()
    };
    for operand in ["", "AAAA", "AAA=", "AA==", "+/+/"] {
        assert!(parse(operand), "{operand}");
    }
    for operand in ["A", "AAA", "====", "A===", "AAAAA===", "AA-_", "A=AA"] {
        assert!(!parse(operand), "{operand}");
    }
}

#[test]
fn keys_know_no_case_and_all_must_hold() {
    let condition = json!({
        "StringEquals": {"KMS:EncryptionContext:App": "Prod", "aws:PrincipalTag/x": "v"},
        "Bool": {"aws:SecureTransport": "true"}});
    let mut context = json!({
        "kms:encryptioncontext:app": "Prod", "AWS:principaltag/X": "v",
        "aws:securetransport": "true"});
    assert!(holds(&condition, &context));
    context["aws:securetransport"] = json!("false");
    assert!(!holds(&condition, &context));
    context["aws:securetransport"] = json!("true");
    context["kms:encryptioncontext:app"] = json!("prod");
    assert!(!holds(&condition, &context));
}
