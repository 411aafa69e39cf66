//! Which subscriptions take a message ("Amazon SNS message filtering").

use api::sns::MessageAttributeValue;
use patterns::Event;
use platform::Result;
use serde_json::{Map, Value, json};
use wire::{Entries, Fault};

use crate::refusals;
use crate::subscription::SubscriptionRecord;

/// What filters are asked about: the attributes of a message, and what it says.
pub(crate) struct Matter {
    attributes: Option<Event>,
    /// None where it is no JSON object, which matches no filter.
    body: Option<Event>,
}

impl Matter {
    /// What filters are asked about a message.
    pub(crate) fn of(attributes: &Entries<MessageAttributeValue>, text: &str) -> Self {
        let members = attributes.iter().map(|(name, value)| (name.clone(), member(value)));
        let members: Map<String, Value> = members.collect();
        Self {
            attributes: Event::parse(&Value::Object(members).to_string()).ok(),
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

/// An attribute as filters see it. Bytes match nothing.
fn member(value: &MessageAttributeValue) -> Value {
    let text = value.string_value.as_deref().unwrap_or_default();
    match value.data_type.as_str() {
        "Number" | "String.Array" => serde_json::from_str(text).unwrap_or(json!(text)),
        "Binary" => Value::Null,
        _ => json!(text),
    }
}

/// Checks an attribute of a message (Publish, `MessageAttributes`).
pub(crate) fn check_attribute(name: &str, value: &MessageAttributeValue) -> Result<(), Fault> {
    let base = value.data_type.split('.').next().unwrap_or_default();
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if name.is_empty() || name.len() > 256 || !name.bytes().all(is_letter) {
        return Err(refusals::bad("MessageAttributes.Name"));
    }
    let text = value.string_value.as_deref();
    let is_good = match base {
        "Binary" => value.binary_value.is_some() && text.is_none(),
        "String" => text.is_some_and(|text| !text.is_empty()) && value.binary_value.is_none(),
        "Number" => text.is_some_and(|text| text.parse::<f64>().is_ok()),
        _ => {
            return Err(refusals::bad(&format!(
                "The message attribute '{name}' has an invalid message attribute type, the set of \
                 supported type prefixes is Binary, Number, and String."
            )));
        }
    };
    match is_good {
        true => Ok(()),
        false => Err(refusals::bad(&format!(
            "The message attribute '{name}' must contain non-empty message attribute value for \
             message attribute type '{}'.",
            value.data_type
        ))),
    }
}
