//! What is done to a parameter by the clock: the policies of advanced parameters ("Assigning
//! parameter policies in Parameter Store", Systems Manager user guide). They are called clauses
//! here, since other things are called policies.

use api::ssm::ParameterInlinePolicy;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use wire::{Fault, Timestamp};

use crate::refusals;

/// The most policies of a parameter.
const MOST: usize = 10;
const HOUR_MILLIS: i64 = 3_600_000;
const DAY_MILLIS: i64 = 24 * HOUR_MILLIS;

/// One policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Clause {
    /// As it was given.
    pub(crate) text: String,
    pub(crate) action: Action,
    /// Whether it was carried out.
    pub(crate) is_done: bool,
}

/// What a policy does, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Action {
    /// Deletes the parameter.
    Expire { at_millis: i64 },
    /// Tells that it will be deleted.
    Warn { at_millis: i64 },
    /// Tells that nobody changed it for so long.
    Remind { after_millis: i64 },
}

impl Clause {
    /// Its type, as AWS writes it.
    pub(crate) fn kind(&self) -> &'static str {
        match self.action {
            Action::Expire { .. } => "Expiration",
            Action::Warn { .. } => "ExpirationNotification",
            Action::Remind { .. } => "NoChangeNotification",
        }
    }

    /// When it is to be carried out, for a parameter that was changed last at `modified_millis`;
    /// never, if it has been.
    pub(crate) fn due_millis(&self, modified_millis: i64) -> Option<i64> {
        let at = match self.action {
            Action::Expire { at_millis } | Action::Warn { at_millis } => at_millis,
            Action::Remind { after_millis } => modified_millis.saturating_add(after_millis),
        };
        (!self.is_done).then_some(at)
    }

    /// Whether it deletes the parameter no later than now.
    pub(crate) fn deletes_by(&self, now_millis: i64) -> bool {
        matches!(self.action, Action::Expire { at_millis } if at_millis <= now_millis)
    }

    /// The policy as answers show it.
    pub(crate) fn shown(&self) -> ParameterInlinePolicy {
        let status = match self.is_done {
            true => "Finished",
            false => "Pending",
        };
        ParameterInlinePolicy {
            policy_text: Some(self.text.clone()),
            policy_type: Some(self.kind().to_owned()),
            policy_status: Some(status.to_owned()),
        }
    }
}

/// The policies of a parameter that changes: those that wait for it to stay the same begin anew.
pub(crate) fn renewed(clauses: &[Clause]) -> Vec<Clause> {
    let renew = |clause: &Clause| Clause {
        is_done: clause.is_done && !matches!(clause.action, Action::Remind { .. }),
        ..clause.clone()
    };
    clauses.iter().map(renew).collect()
}

/// When the first of the policies is to be carried out.
pub(crate) fn next_due(clauses: &[Clause], modified_millis: i64) -> Option<i64> {
    let due = clauses
        .iter()
        .filter_map(|it| it.due_millis(modified_millis));
    due.min()
}

/// Reads the policies of a request: a JSON array, in which empty objects stand for nothing.
pub(crate) fn parse(text: &str, now: Timestamp) -> Result<Vec<Clause>, Fault> {
    let given: Vec<Map<String, Value>> = serde_json::from_str(text)
        .map_err(|_| refusals::bad_policy("The policies must be a JSON array of policies."))?;
    let given: Vec<_> = given.into_iter().filter(|it| !it.is_empty()).collect();
    if given.len() > MOST {
        return Err(refusals::too_many_policies());
    }
    let expiration = expiration(&given, now)?;
    given.iter().map(|it| clause(it, expiration)).collect()
}

/// The time that the only policy of type `Expiration` gives.
fn expiration(given: &[Map<String, Value>], now: Timestamp) -> Result<Option<i64>, Fault> {
    let mut all = given.iter().filter(|it| text(it, "Type") == "Expiration");
    let Some(one) = all.next() else {
        return Ok(None);
    };
    if all.next().is_some() {
        return Err(refusals::incompatible_policies(
            "A parameter can have only one Expiration policy.",
        ));
    }
    let given = attribute(one, "Timestamp");
    let at = Timestamp::parse_iso8601(given).ok_or_else(|| {
        refusals::bad_policy(format!(
            "The Timestamp attribute of the Expiration policy isn't valid: {given}"
        ))
    })?;
    match at.millis > now.millis {
        true => Ok(Some(at.millis)),
        false => Err(refusals::bad_policy(format!(
            "The Timestamp attribute of the Expiration policy must be in the future: {given}"
        ))),
    }
}

fn clause(given: &Map<String, Value>, expiration: Option<i64>) -> Result<Clause, Fault> {
    let action = match text(given, "Type") {
        "Expiration" => Action::Expire {
            at_millis: expiration.unwrap_or(i64::MAX),
        },
        "ExpirationNotification" => {
            let before = span(given, "Before")?;
            let expiration = expiration.ok_or_else(|| {
                refusals::incompatible_policies(
                    "An ExpirationNotification policy requires an Expiration policy.",
                )
            })?;
            Action::Warn {
                at_millis: expiration.saturating_sub(before),
            }
        }
        "NoChangeNotification" => Action::Remind {
            after_millis: span(given, "After")?,
        },
        other => return Err(refusals::bad_policy_type(other)),
    };
    if text(given, "Version") != "1.0" {
        return Err(refusals::bad_policy(
            "The Version of a policy must be \"1.0\".",
        ));
    }
    Ok(Clause {
        text: Value::Object(given.clone()).to_string(),
        action,
        is_done: false,
    })
}

/// So many days or hours, in milliseconds.
fn span(given: &Map<String, Value>, name: &str) -> Result<i64, Fault> {
    let unit = match attribute(given, "Unit") {
        "Days" => Some(DAY_MILLIS),
        "Hours" => Some(HOUR_MILLIS),
        _ => None,
    };
    let count: Option<u32> = attribute(given, name).parse().ok();
    let span = unit.zip(count.filter(|count| *count > 0));
    let (unit, count) = span.ok_or_else(|| {
        let kind = text(given, "Type");
        refusals::bad_policy(format!(
            "The {name} and Unit attributes of the {kind} policy must be a positive number, and \
             Days or Hours."
        ))
    })?;
    Ok(unit.saturating_mul(i64::from(count)))
}

fn text<'a>(given: &'a Map<String, Value>, name: &str) -> &'a str {
    given.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn attribute<'a>(given: &'a Map<String, Value>, name: &str) -> &'a str {
    let attributes = given.get("Attributes").and_then(Value::as_object);
    attributes.map_or("", |attributes| text(attributes, name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wire::Protocol;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_767_225_600);

    fn policy(kind: &str, attributes: &Value) -> Value {
        json!({ "Type": kind, "Version": "1.0", "Attributes": attributes })
    }

    fn expiration() -> Value {
        policy(
            "Expiration",
            &json!({ "Timestamp": "2026-01-31T00:00:00.000Z" }),
        )
    }

    #[test]
    fn policies_say_what_is_done_and_when() {
        let given = json!([
            expiration(),
            policy(
                "ExpirationNotification",
                &json!({ "Before": "15", "Unit": "Days" })
            ),
            policy(
                "NoChangeNotification",
                &json!({ "After": "6", "Unit": "Hours" })
            ),
        ]);
        let parsed = parse(&given.to_string(), NOW).ok().expect("policies");
        let expires = NOW.millis + 30 * DAY_MILLIS;
        let due: Vec<_> = parsed.iter().map(|it| it.due_millis(NOW.millis)).collect();
        let expected = [
            expires,
            expires - 15 * DAY_MILLIS,
            NOW.millis + 6 * HOUR_MILLIS,
        ];
        assert_eq!(due, expected.map(Some));
        assert_eq!(next_due(&parsed, NOW.millis), Some(expected[2]));
        assert!(parsed[0].deletes_by(expires) && !parsed[0].deletes_by(expires - 1));
        let done: Vec<_> = parsed
            .into_iter()
            .map(|it| Clause {
                is_done: true,
                ..it
            })
            .collect();
        assert_eq!(next_due(&done, NOW.millis), None);
        let again = renewed(&done);
        assert_eq!(
            again.iter().map(|it| it.is_done).collect::<Vec<_>>(),
            [true, true, false]
        );
        for none in ["[]", "[{}]"] {
            assert_eq!(parse(none, NOW).ok(), Some(Vec::new()), "{none}");
        }
    }

    #[test]
    fn other_policies_are_refused() {
        let many = vec![
            policy(
                "NoChangeNotification",
                &json!({ "After": "1", "Unit": "Days" })
            );
            11
        ];
        let warning = policy(
            "ExpirationNotification",
            &json!({ "Before": "1", "Unit": "Days" }),
        );
        for (given, code) in [
            (json!({}), "InvalidPolicyAttributeException"),
            (json!([1]), "InvalidPolicyAttributeException"),
            (json!(many), "PoliciesLimitExceededException"),
            (
                json!([policy("Deletion", &json!({}))]),
                "InvalidPolicyTypeException",
            ),
            (
                json!([{ "Type": "Expiration" }]),
                "InvalidPolicyAttributeException",
            ),
            (
                json!([expiration(), expiration()]),
                "IncompatiblePolicyException",
            ),
            (json!([warning]), "IncompatiblePolicyException"),
            (
                json!([policy(
                    "Expiration",
                    &json!({ "Timestamp": "2025-12-31T00:00:00Z" })
                )]),
                "InvalidPolicyAttributeException",
            ),
            (
                json!([policy(
                    "NoChangeNotification",
                    &json!({ "After": "0", "Unit": "Days" })
                )]),
                "InvalidPolicyAttributeException",
            ),
            (
                json!([policy(
                    "NoChangeNotification",
                    &json!({ "After": "1", "Unit": "Weeks" })
                )]),
                "InvalidPolicyAttributeException",
            ),
            (
                json!([{ "Type": "NoChangeNotification", "Version": "2.0",
                    "Attributes": { "After": "1", "Unit": "Days" } }]),
                "InvalidPolicyAttributeException",
            ),
        ] {
            let refused = parse(&given.to_string(), NOW).err();
            let refused = refused.map(|fault| fault.code(Protocol::Json11));
            assert_eq!(refused, Some(code), "{given}");
        }
    }
}
