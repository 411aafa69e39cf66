//! Statements of a topic's policy, which come and go by their labels.

use platform::{is_account, partition};
use serde_json::{Map, Value, json};
use wire::Fault;

use crate::names::TopicPlace;
use crate::refusals;

/// What AddPermission can allow, which is also what the policy that every topic begins with is about.
pub(crate) const ACTIONS: [&str; 8] = [
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
];

/// What policies may be about beside that: the actions on topics (service authorization reference) but
/// CreateTopic, and what old policies allow.
const MORE_ACTIONS: [&str; 7] = [
    "ConfirmSubscription",
    "GetDataProtectionPolicy",
    "ListTagsForResource",
    "PutDataProtectionPolicy",
    "Receive",
    "TagResource",
    "UntagResource",
];

/// Refuses a policy about actions that are not done with a topic.
pub(crate) fn check_scope(policy: &str) -> Result<(), Fault> {
    let (_, statements) = parts(policy);
    let named = statements
        .iter()
        .flat_map(|statement| ["Action", "NotAction"].map(|name| statement.get(name)))
        .flatten();
    let actions = named.flat_map(|named| match named {
        Value::Array(list) => list.iter().collect(),
        single => vec![single],
    });
    match actions.filter_map(Value::as_str).all(is_in_scope) {
        true => Ok(()),
        false => Err(out_of_scope()),
    }
}

/// Whether a pattern names an action on topics. One with wildcards may.
fn is_in_scope(pattern: &str) -> bool {
    let Some((service, action)) = pattern.split_once(':') else {
        return pattern == "*";
    };
    let is = |known: &&str| known.eq_ignore_ascii_case(action);
    service.eq_ignore_ascii_case("sns")
        && (action.contains(['*', '?']) || ACTIONS.iter().chain(&MORE_ACTIONS).any(is))
}

fn out_of_scope() -> Fault {
    refusals::bad("Policy statement action out of service scope!")
}

/// The statement that AddPermission asks for.
pub(crate) fn statement(
    place: &TopicPlace,
    label: &str,
    accounts: &[String],
    actions: &[String],
) -> Result<Value, Fault> {
    if label.is_empty() {
        return Err(refusals::bad("Label"));
    }
    if accounts.is_empty() || !accounts.iter().all(|account| is_account(account)) {
        return Err(refusals::bad("AWSAccountId"));
    }
    if actions.is_empty() {
        return Err(refusals::bad("ActionName"));
    }
    if !actions
        .iter()
        .all(|action| ACTIONS.contains(&action.as_str()))
    {
        return Err(out_of_scope());
    }
    let split = partition(&place.region);
    let roots = accounts
        .iter()
        .map(|account| format!("arn:{split}:iam::{account}:root"));
    let actions = actions.iter().map(|action| format!("SNS:{action}"));
    Ok(json!({
        "Sid": label,
        "Effect": "Allow",
        "Principal": { "AWS": one_or_many(roots.collect()) },
        "Action": one_or_many(actions.collect()),
        "Resource": place.arn(),
    }))
}

fn one_or_many(mut texts: Vec<String>) -> Value {
    match texts.len() {
        1 => json!(texts.pop()),
        _ => json!(texts),
    }
}

/// The document with one statement more, unless it has that one.
pub(crate) fn with(policy: &str, statement: Value) -> Result<String, Fault> {
    let (mut document, mut statements) = parts(policy);
    let mut known = statements.iter();
    match known.find(|known| known.get("Sid") == statement.get("Sid")) {
        None => statements.push(statement),
        Some(same) if *same == statement => {}
        Some(_) => return Err(refusals::bad("Statement already exists")),
    }
    document.insert("Statement".to_owned(), Value::Array(statements));
    Ok(policy::canonical(&Value::Object(document).to_string()))
}

/// The document without the statement of this label, if there is one.
pub(crate) fn without(policy: &str, label: &str) -> Result<String, Fault> {
    let (mut document, mut statements) = parts(policy);
    let count = statements.len();
    let is_labelled = |known: &Value| known.get("Sid").and_then(Value::as_str) == Some(label);
    statements.retain(|known| !is_labelled(known));
    if count > 0 && statements.is_empty() {
        return Err(refusals::bad_because(
            "Label",
            "It is the last statement of the policy",
        ));
    }
    document.insert("Statement".to_owned(), Value::Array(statements));
    Ok(policy::canonical(&Value::Object(document).to_string()))
}

/// What a policy says, and apart from that its statements, for which a single one may stand.
fn parts(policy: &str) -> (Map<String, Value>, Vec<Value>) {
    let mut document: Map<String, Value> = serde_json::from_str(policy).unwrap_or_default();
    let statements = match document.remove("Statement") {
        Some(Value::Array(list)) => list,
        None => Vec::new(),
        Some(single) => vec![single],
    };
    (document, statements)
}
