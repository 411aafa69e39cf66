//! The policy of a queue, when it is set as a whole and when statements come and go by their labels.

use platform::{Ctx, Result, is_account, partition};
use policy::{Policy, PolicyKind};
use serde_json::{Map, Value, json};
use wire::Fault;

use crate::names::QueuePlace;
use crate::refusals;

/// The most bytes of a policy ("Policy quotas", developer guide).
const MOST_BYTES: usize = 8192;
/// The most actions of a statement that AddPermission makes.
const MOST_ACTIONS: usize = 7;

/// What AddPermission can allow.
const ACTIONS: &[&str] = &[
    "*",
    "ChangeMessageVisibility",
    "DeleteMessage",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ListDeadLetterSourceQueues",
    "PurgeQueue",
    "ReceiveMessage",
    "SendMessage",
];

/// The form in which a policy is kept.
pub(crate) async fn kept(ctx: &Ctx, document: &str) -> Result<String> {
    let bad = || refusals::bad_attribute("Policy");
    if document.len() > MOST_BYTES {
        return Err(bad().into());
    }
    let parsed = Policy::parse(document, PolicyKind::Resource).map_err(|_| bad())?;
    let kept = ctx.bind_canonical(document, &parsed).await?;
    Ok(kept.map_err(|_| bad())?)
}

/// The statement that AddPermission asks for.
pub(crate) fn statement(
    place: &QueuePlace,
    label: &str,
    accounts: &[String],
    actions: &[String],
) -> Result<Value, Fault> {
    check_label(label)?;
    if accounts.is_empty() {
        return Err(refusals::missing("Principals"));
    }
    if actions.is_empty() {
        return Err(refusals::missing("Actions"));
    }
    if actions.len() > MOST_ACTIONS {
        let count = actions.len();
        return Err(refusals::over_limit(&format!(
            "{count} Actions were found, maximum allowed is {MOST_ACTIONS}."
        )));
    }
    if let Some(bad) = actions
        .iter()
        .find(|action| !ACTIONS.contains(&action.as_str()))
    {
        let reason = "Please refer to the appropriate WSDL for a list of valid actions.";
        return Err(refusals::bad_value(
            "ActionName",
            &format!("SQS:{bad}"),
            reason,
        ));
    }
    if let Some(bad) = accounts.iter().find(|account| !is_account(account)) {
        let reason = "Unable to verify.";
        return Err(refusals::bad_value(
            "PrincipalId",
            &format!("[{bad}]"),
            reason,
        ));
    }
    let split = partition(&place.region);
    let roots = accounts
        .iter()
        .map(|account| format!("arn:{split}:iam::{account}:root"));
    let actions = actions.iter().map(|action| format!("SQS:{action}"));
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

fn check_label(label: &str) -> Result<(), Fault> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    match (1..=80).contains(&label.len()) && label.bytes().all(is_letter) {
        true => Ok(()),
        false => Err(refusals::bad_value(
            "Label",
            label,
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.",
        )),
    }
}

/// The document with one statement more.
pub(crate) fn with(
    place: &QueuePlace,
    policy: Option<&str>,
    statement: Value,
) -> Result<String, Fault> {
    let label = statement.get("Sid").and_then(Value::as_str);
    let label = label.unwrap_or_default().to_owned();
    let (mut document, mut statements) = parts(place, policy);
    if statements.iter().any(|known| is_labelled(known, &label)) {
        return Err(refusals::bad_value("Label", &label, "Already exists."));
    }
    statements.push(statement);
    document.insert("Statement".to_owned(), Value::Array(statements));
    Ok(policy::canonical(&Value::Object(document).to_string()))
}

/// The document without the statement of this label; none if no statement is left.
pub(crate) fn without(
    place: &QueuePlace,
    policy: Option<&str>,
    label: &str,
) -> Result<Option<String>, Fault> {
    let (mut document, mut statements) = parts(place, policy);
    let count = statements.len();
    statements.retain(|known| !is_labelled(known, label));
    if statements.len() == count {
        let reason = match policy {
            Some(_) => "can't find label on existing policy.",
            None => "can't find label.",
        };
        return Err(refusals::bad_value("Label", label, reason));
    }
    if statements.is_empty() {
        return Ok(None);
    }
    document.insert("Statement".to_owned(), Value::Array(statements));
    Ok(Some(policy::canonical(
        &Value::Object(document).to_string(),
    )))
}

fn is_labelled(statement: &Value, label: &str) -> bool {
    statement.get("Sid").and_then(Value::as_str) == Some(label)
}

/// What a policy says, and apart from that its statements, for which a single one may stand.
fn parts(place: &QueuePlace, policy: Option<&str>) -> (Map<String, Value>, Vec<Value>) {
    let known = policy.and_then(|policy| serde_json::from_str::<Map<_, _>>(policy).ok());
    let mut document = known.unwrap_or_else(|| {
        let id = format!("{}/SQSDefaultPolicy", place.arn());
        let members = [("Version", "2008-10-17"), ("Id", &id)];
        let members = members.map(|(name, value)| (name.to_owned(), json!(value)));
        members.into_iter().collect()
    });
    let statements = match document.remove("Statement") {
        Some(Value::Array(list)) => list,
        None => Vec::new(),
        Some(single) => vec![single],
    };
    (document, statements)
}
