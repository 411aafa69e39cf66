//! The policy of a bus as a document: statements that come and go by their ids.

use serde_json::{Value, json};

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
    let known = policy.and_then(|policy| serde_json::from_str::<Value>(policy).ok());
    let mut document = known.unwrap_or_default();
    let Some(statements) = document.get_mut("Statement") else {
        return json!({ "Version": "2012-10-17", "Statement": [statement] });
    };
    if !statements.is_array() {
        *statements = json!([statements.take()]);
    }
    if let Some(statements) = statements.as_array_mut() {
        let mut known = statements.iter_mut();
        match known.find(|known| known.get("Sid") == statement.get("Sid")) {
            Some(known) => *known = statement,
            None => statements.push(statement),
        }
    }
    document
}

/// Whether any statement is left.
pub(crate) fn is_empty(document: &Value) -> bool {
    let statements = document.get("Statement").and_then(Value::as_array);
    statements.is_none_or(Vec::is_empty)
}
