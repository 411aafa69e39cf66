//! Which subscriptions take a message ("Amazon SNS message filtering").

use api::sns::MessageAttributeValue;
use patterns::{Event, Pattern};
use platform::Result;
use serde_json::{Map, Value, json};
use wire::{Decimal, Entries, Excess, Fault};

use crate::refusals;
use crate::subscription::SubscriptionRecord;

/// The most names that a policy is about, and the most combinations of what it takes ("Filter policy
/// constraints").
const MOST_NAMES: usize = 5;
const MOST_COMBINATIONS: usize = 150;
/// The longest policy, in bytes.
const LONGEST: usize = 256 * 1024;

/// What filters are asked about: the attributes of a message, and what it says.
pub(crate) struct Matter {
    attributes: Option<Event>,
    /// None where it is no JSON object, which matches no filter.
    body: Option<Event>,
}

impl Matter {
    /// What filters are asked about a message with these [`attributes`], which says `text`.
    pub(crate) fn of(attributes: &str, text: &str) -> Self {
        Self {
            attributes: Event::parse(attributes).ok(),
            body: Event::parse(text).ok(),
        }
    }

    /// Whether the subscription takes the message.
    pub(crate) fn is_taken_by(&self, subscription: &SubscriptionRecord) -> Result<bool> {
        let Some(filter) = subscription.filter()? else {
            return Ok(true);
        };
        let about = match subscription.filters_body() {
            true => &self.body,
            false => &self.attributes,
        };
        Ok(about.as_ref().is_some_and(|event| filter.matches(event)))
    }
}

/// The attributes of a message as filters see them: the JSON text of an object. Bytes are passed over.
pub(crate) fn attributes(given: &Entries<MessageAttributeValue>) -> String {
    let texts = given
        .iter()
        .filter(|(_, value)| value.string_value.is_some());
    let members = texts.map(|(name, value)| (name.clone(), member(value)));
    Value::Object(members.collect::<Map<String, Value>>()).to_string()
}

/// An attribute as filters see it.
fn member(value: &MessageAttributeValue) -> Value {
    let text = value.string_value.as_deref().unwrap_or_default();
    match value.data_type.as_str() {
        "String.Array" => serde_json::from_str(text).unwrap_or(json!(text)),
        kind if kind == "Number" || kind.starts_with("Number.") => {
            serde_json::from_str(text).unwrap_or(json!(text))
        }
        _ => json!(text),
    }
}

/// Checks a policy by itself; the error says what is wrong.
pub(crate) fn check_policy(text: &str) -> Result<(), String> {
    if text.len() > LONGEST {
        return Err("Filter policy is too large".to_owned());
    }
    let parsed = serde_json::from_str::<Value>(text);
    let parsed = parsed.map_err(|_| "failed to parse JSON.".to_owned())?;
    match parsed.as_object() {
        None => Err("Filter must be an object".to_owned()),
        Some(policy) if policy.is_empty() => Ok(()),
        Some(_) => Pattern::parse(text)
            .map(|_| ())
            .map_err(|error| error.to_string()),
    }
}

/// Checks whether a policy fits what it is about; the error says what is wrong.
pub(crate) fn check_scope(text: &str, is_body: bool, scope: &str) -> Result<(), String> {
    let parsed = serde_json::from_str::<Map<String, Value>>(text).unwrap_or_default();
    let is_nested = parsed.values().any(Value::is_object);
    if is_nested && !is_body {
        return Err(format!(
            "Filter policy scope {scope} does not support nested filter policy"
        ));
    }
    let mut extent = Extent {
        names: 0,
        combinations: 1,
    };
    extent.add(&parsed, 1);
    if extent.names > MOST_NAMES {
        return Err(format!(
            "Filter policy can not have more than {MOST_NAMES} keys"
        ));
    }
    match extent.combinations > MOST_COMBINATIONS {
        true => Err("Filter policy is too complex".to_owned()),
        false => Ok(()),
    }
}

/// How much a policy asks for.
struct Extent {
    names: usize,
    /// The product, over all names, of how many values they may have times how deep they lie.
    combinations: usize,
}

impl Extent {
    fn add(&mut self, policy: &Map<String, Value>, depth: usize) {
        for (name, value) in policy {
            match value {
                Value::Object(nested) => self.add(nested, depth + 1),
                Value::Array(branches) if name == "$or" => {
                    for branch in branches.iter().filter_map(Value::as_object) {
                        self.add(branch, depth);
                    }
                }
                Value::Array(values) => {
                    self.names += 1;
                    let count = values.len().max(1) * depth;
                    self.combinations = self.combinations.saturating_mul(count);
                }
                _ => self.names += 1,
            }
        }
    }
}

/// Checks an attribute of a message (Publish, `MessageAttributes`).
pub(crate) fn check_attribute(name: &str, value: &MessageAttributeValue) -> Result<(), Fault> {
    let base = value.data_type.split('.').next().unwrap_or_default();
    check_name(name)?;
    let text = value.string_value.as_deref();
    let is_good = match base {
        "Binary" => value
            .binary_value
            .as_ref()
            .is_some_and(|bytes| !bytes.is_empty()),
        "String" | "Number" => text.is_some_and(|text| !text.is_empty()),
        _ => {
            return Err(refusals::parameter_value(format!(
                "The message attribute '{name}' has an invalid message attribute type, the set of \
                 supported type prefixes is Binary, Number, and String."
            )));
        }
    };
    let has_text = text.is_some_and(|text| !text.is_empty());
    let has_bytes = value.binary_value.as_ref().is_some_and(|it| !it.is_empty());
    if !is_good && (has_text || has_bytes) {
        let field = if base == "Binary" { base } else { "String" };
        return Err(refusals::parameter_value(format!(
            "The message attribute '{name}' with type '{}' must use field '{field}'.",
            value.data_type
        )));
    }
    if !is_good {
        return Err(refusals::parameter_value(format!(
            "The message attribute '{name}' must contain non-empty message attribute value for \
             message attribute type '{}'.",
            value.data_type
        )));
    }
    if text.is_some() && value.binary_value.is_some() {
        return Err(refusals::parameter_value(format!(
            "The message attribute '{name}' must contain a value of one kind alone."
        )));
    }
    check_number(name, value)
}

/// A policy as it is shown: without what stands between its tokens.
pub(crate) fn without_spaces(policy: &str) -> String {
    let (mut in_text, mut is_escaped) = (false, false);
    let mut kept = policy.to_owned();
    kept.retain(|next| {
        let keep = in_text || !next.is_ascii_whitespace();
        in_text ^= next == '"' && !is_escaped;
        is_escaped = in_text && next == '\\' && !is_escaped;
        keep
    });
    kept
}

/// Checks an attribute that is to be a number.
pub(crate) fn check_number(name: &str, value: &MessageAttributeValue) -> Result<(), Fault> {
    let Some(text) = number(value) else {
        return Ok(());
    };
    let Some(number) = Decimal::parse(text) else {
        return Err(refusals::parameter_value(format!(
            "Could not cast message attribute '{name}' value to number."
        )));
    };
    let wrong = match number.excess() {
        Some(Excess::Digits) => "must have less than 38 precision digits.",
        Some(Excess::Scale) => "scale must be 10^-128 and 10^126.",
        None => return Ok(()),
    };
    Err(refusals::parameter_value(format!(
        "Message attribute '{name}' number value [{text}] {wrong}"
    )))
}

/// The text of an attribute that is to be a number.
fn number(value: &MessageAttributeValue) -> Option<&str> {
    let base = value.data_type.split('.').next().unwrap_or_default();
    let text = value.string_value.as_deref().filter(|_| base == "Number");
    text.filter(|text| !text.is_empty())
}

/// Checks the name of an attribute of a message.
fn check_name(name: &str) -> Result<(), Fault> {
    let is_known = |letter: &char| letter.is_ascii_alphanumeric() || "_-.".contains(*letter);
    let text = if name.is_empty() || name.len() > 256 {
        "Length of message attribute name must be less than 256 bytes.".to_owned()
    } else if let Some(other) = name.chars().find(|letter| !is_known(letter)) {
        let code = u32::from(other);
        format!(
            "Invalid non-alphanumeric character '#x{code:X}' was found in the message attribute \
             name. Can only include alphanumeric characters, hyphens, underscores, or dots."
        )
    } else if name.starts_with('.') {
        "Invalid message attribute name starting with character '.' was found.".to_owned()
    } else if name.ends_with('.') {
        "Invalid message attribute name ending with character '.' was found.".to_owned()
    } else if name.contains("..") {
        "Message attribute name can not have successive '.' character.".to_owned()
    } else {
        return Ok(());
    };
    Err(refusals::parameter_value(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_kept_without_spaces() {
        let given = "{ \"a b\" :\n [ \"c \\\" d\", {\"prefix\": \" \\\\\" } ] }";
        let kept = r#"{"a b":["c \" d",{"prefix":" \\"}]}"#;
        assert_eq!(without_spaces(given), kept);
    }

    #[test]
    fn policies_have_an_extent() {
        let five = r#"{"a":["1"],"b":["1"],"c":["1"],"d":["1"],"e":["1"]}"#;
        assert_eq!(check_scope(five, false, ""), Ok(()));
        let six = r#"{"a":["1"],"b":["1"],"c":["1"],"d":["1"],"e":["1"],"f":["1"]}"#;
        assert!(check_scope(six, false, "").is_err());
        let nested = r#"{"a":{"b":["1"]}}"#;
        assert!(check_scope(nested, false, "MessageAttributes").is_err());
        assert_eq!(check_scope(nested, true, "MessageBody"), Ok(()));
        // The example of the developer guide: (4 x 3) x (3 x 2) x 3 = 216.
        let deep =
            r#"{"a":{"b":{"c":["1","2","3","4"]}},"d":{"e":["1","2","3"]},"f":["1","2","3"]}"#;
        assert!(check_scope(deep, true, "").is_err());
        let fits = r#"{"a":{"b":{"c":["1","2"]}},"d":{"e":["1","2","3"]},"f":["1","2","3"]}"#;
        assert_eq!(check_scope(fits, true, ""), Ok(()));
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        for bad in ["", "x", "[]", "7", r#"{"a":"b"}"#, r#"{"a":[{"what":1}]}"#] {
            assert!(check_policy(bad).is_err(), "{bad}");
        }
        assert_eq!(check_policy("{}"), Ok(()));
        assert_eq!(
            check_policy(r#"{"a":["b",{"prefix":"c"},{"numeric":[">",1]}]}"#),
            Ok(())
        );
    }
}
