//! The policy of a bus as a document: statements that come and go by their ids.

use serde_json::{Value, json};

/// The most bytes of a policy ("Event bus policy size", EventBridge quotas).
pub(crate) const MOST_BYTES: usize = 10_240;

/// The document without the statement of this id; none if it has no such statement.
pub(crate) fn without(policy: &str, statement_id: &str) -> Option<Value> {
    let mut document: Value = serde_json::from_str(policy).ok()?;
    let statements = document.get_mut("Statement")?;
    if !statements.is_array() {
        *statements = json!([statements.take()]);
    }
    let statements = statements.as_array_mut()?;
    let count = statements.len();
    statements.retain(|statement| statement.get("Sid") != Some(&json!(statement_id)));
    (statements.len() < count).then_some(document)
}

/// The document with `statement`, in the place of one with its id if there is one.
pub(crate) fn with(policy: Option<&str>, statement: Value) -> Value {
    let id = statement
        .get("Sid")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let empty = || json!({ "Version": "2012-10-17", "Statement": [] });
    let replaced = policy.and_then(|policy| without(policy, id));
    let known = policy.and_then(|policy| serde_json::from_str(policy).ok());
    let mut document = replaced.or(known).unwrap_or_else(empty);
    match document.get_mut("Statement") {
        Some(Value::Array(statements)) => statements.push(statement),
        Some(single) => *single = json!([single.take(), statement]),
        None => document = json!({ "Version": "2012-10-17", "Statement": [statement] }),
    }
    document
}

/// Whether any statement is left.
pub(crate) fn is_empty(document: &Value) -> bool {
    let statements = document.get("Statement").and_then(Value::as_array);
    statements.is_none_or(Vec::is_empty)
}
