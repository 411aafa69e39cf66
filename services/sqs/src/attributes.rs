//! Message attributes ("Amazon SQS message metadata", developer guide).

use api::sqs::MessageAttributeValue;
use wire::{Decimal, Entries, Excess, Fault};
use zeroize::Zeroizing;

use crate::message::{Attribute, AttributeValue};
use crate::refusals;

/// The most attributes of a message.
const MOST: usize = 10;
/// The longest name, and the longest type.
const LONGEST: usize = 256;

/// The attributes of a request, in the order of their names.
pub(crate) fn taken(given: Entries<MessageAttributeValue>) -> Result<Vec<Attribute>, Fault> {
    if given.0.len() > MOST {
        let count = given.0.len();
        return Err(refusals::invalid(format!(
            "Number of message attributes [{count}] exceeds the allowed maximum [{MOST}]."
        )));
    }
    let taken = given.0.into_iter().map(|(name, value)| one(name, value));
    let mut taken = taken.collect::<Result<Vec<_>, _>>()?;
    taken.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(taken)
}

fn one(name: String, given: MessageAttributeValue) -> Result<Attribute, Fault> {
    check_name(&name)?;
    if given.string_list_values.is_some() || given.binary_list_values.is_some() {
        let message = "Message attribute list values in SendMessage operation are not supported.";
        return Err(refusals::unsupported(message));
    }
    let data_type = given.data_type;
    let base = data_type.split('.').next().unwrap_or_default();
    if data_type.is_empty() {
        return Err(refusals::invalid(format!(
            "The message attribute '{name}' must contain non-empty message attribute type."
        )));
    }
    if !matches!(base, "String" | "Number" | "Binary") || data_type.len() > LONGEST {
        return Err(refusals::invalid(format!(
            "The type of message (user) attribute '{name}' is invalid. You must use only the \
             following supported type prefixes: Binary, Number, String."
        )));
    }
    let has_text = given
        .string_value
        .as_ref()
        .is_some_and(|text| !text.is_empty());
    let has_bytes = given
        .binary_value
        .as_ref()
        .is_some_and(|bytes| !bytes.is_empty());
    if !has_text && !has_bytes {
        return Err(empty(&name, base));
    }
    let value = match (base, given.string_value, given.binary_value) {
        ("Binary", None, Some(bytes)) if !bytes.is_empty() => {
            AttributeValue::Binary(bytes.to_vec())
        }
        ("String" | "Number", Some(text), None) if !text.is_empty() => AttributeValue::Text(text),
        _ => return Err(no_value(&name, &data_type)),
    };
    match &value {
        AttributeValue::Text(text) => {
            check_text(text).map_err(|_| no_value(&name, &data_type))?;
            if base == "Number" {
                check_number(&name, text)?;
            }
            Ok(Attribute {
                name,
                data_type,
                value,
            })
        }
        AttributeValue::Binary(_) => Ok(Attribute {
            name,
            data_type,
            value,
        }),
    }
}

fn check_number(name: &str, text: &str) -> Result<(), Fault> {
    let Some(number) = Decimal::parse(text) else {
        return Err(refusals::invalid(format!(
            "Can't cast the value of message (user) attribute '{name}' to a number."
        )));
    };
    let wrong = match number.excess() {
        Some(Excess::Digits) => "must contain fewer than 38 precision digits.",
        Some(Excess::Scale) => "must be between 10^-128 and 10^126.",
        None => return Ok(()),
    };
    Err(refusals::invalid(format!(
        "Message (user) attribute '{name}' number value [{text}] {wrong}"
    )))
}

/// The attributes as receivers get them: numbers in digits alone, with no more than they need.
pub(crate) fn kept(mut taken: Vec<Attribute>) -> Vec<Attribute> {
    for attribute in &mut taken {
        let is_number = attribute.data_type.split('.').next() == Some("Number");
        if let AttributeValue::Text(text) = &mut attribute.value
            && is_number
            && let Some(number) = Decimal::parse(text)
        {
            *text = number.plain();
        }
    }
    taken
}

/// A value that is not there, or is empty.
fn empty(name: &str, base: &str) -> Fault {
    refusals::invalid(format!(
        "Message (user) attribute '{name}' must contain a non-empty value of type '{base}'."
    ))
}

/// A value in the field of another type.
fn no_value(name: &str, data_type: &str) -> Fault {
    refusals::invalid(format!(
        "The message attribute '{name}' with type '{data_type}' must use field '{}'.",
        match data_type.starts_with("Binary") {
            true => "Binary",
            false => "String",
        }
    ))
}

fn check_name(name: &str) -> Result<(), Fault> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let lower = name.to_ascii_lowercase();
    let is_good = (1..=LONGEST).contains(&name.len())
        && name.bytes().all(is_letter)
        && !lower.starts_with("aws.")
        && !lower.starts_with("amazon.")
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..");
    match is_good {
        true => Ok(()),
        false => Err(refusals::invalid(format!(
            "Message (user) attribute name '{name}' is invalid: it can contain A-Z, a-z, 0-9, \
             underscore, hyphen, and period, must not start or end with a period, have periods in \
             succession, or begin with AWS. or Amazon."
        ))),
    }
}

/// Refuses characters that XML cannot hold (SendMessage, `MessageBody`); gives the first of them.
pub(crate) fn check_text(text: &str) -> Result<(), char> {
    let is_bad = |character: &char| {
        !matches!(
            character,
            '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..
        )
    };
    match text.chars().find(is_bad) {
        None => Ok(()),
        Some(bad) => Err(bad),
    }
}

impl Attribute {
    /// The attribute as receivers see it.
    pub(crate) fn shown(&self) -> (String, MessageAttributeValue) {
        let (text, bytes) = match &self.value {
            AttributeValue::Text(text) => (Some(text.clone()), None),
            AttributeValue::Binary(bytes) => (None, Some(Zeroizing::new(bytes.clone()))),
        };
        let value = MessageAttributeValue {
            string_value: text,
            binary_value: bytes,
            string_list_values: None,
            binary_list_values: None,
            data_type: self.data_type.clone(),
        };
        (self.name.clone(), value)
    }

    fn bytes(&self) -> &[u8] {
        match &self.value {
            AttributeValue::Text(text) => text.as_bytes(),
            AttributeValue::Binary(bytes) => bytes,
        }
    }
}

/// The MD5 sum of attributes in the order of their names: of each its name, type and value after
/// their lengths, and which transport type the value has ("Calculating the MD5 message digest for
/// message attributes", developer guide). None of no attribute.
pub(crate) fn md5<'a>(attributes: impl IntoIterator<Item = &'a Attribute>) -> Option<String> {
    let mut bytes = Vec::new();
    for attribute in attributes {
        push(&mut bytes, attribute.name.as_bytes());
        push(&mut bytes, attribute.data_type.as_bytes());
        bytes.push(match attribute.value {
            AttributeValue::Text(_) => 1,
            AttributeValue::Binary(_) => 2,
        });
        push(&mut bytes, attribute.bytes());
    }
    (!bytes.is_empty()).then(|| crypto::md5_sum([bytes.as_slice()]))
}

fn push(out: &mut Vec<u8>, piece: &[u8]) {
    // A message is never longer than a mebibyte.
    let length = u32::try_from(piece.len()).unwrap_or(u32::MAX);
    out.extend(length.to_be_bytes());
    out.extend(piece);
}

/// Whether a receiver that asks for `wanted` gets the attribute of this name (ReceiveMessage,
/// `MessageAttributeNames`).
pub(crate) fn is_wanted(wanted: &[String], name: &str) -> bool {
    wanted.iter().any(|wanted| match wanted.strip_suffix(".*") {
        _ if wanted == "All" || wanted == ".*" => true,
        Some(prefix) => name.starts_with(prefix),
        None => wanted == name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str, data_type: &str, value: &str) -> Attribute {
        Attribute {
            name: name.to_owned(),
            data_type: data_type.to_owned(),
            value: AttributeValue::Text(value.to_owned()),
        }
    }

    /// What Amazon SQS answers to a message with the one attribute `timestamp`.
    #[test]
    fn sums_are_those_of_aws() {
        let sum = md5([&text("timestamp", "Number", "1493147359900")]);
        assert_eq!(sum.as_deref(), Some("235c5c510d26fb653d073faed50ae77c"));
        assert_eq!(md5([]), None);
    }

    #[test]
    fn names_are_chosen_by_prefix() {
        let wanted = |wanted: &[&str], name| {
            let wanted: Vec<_> = wanted.iter().map(|text| (*text).to_owned()).collect();
            is_wanted(&wanted, name)
        };
        assert!(wanted(&["All"], "a"));
        assert!(wanted(&[".*"], "a"));
        assert!(wanted(&["b", "a"], "a"));
        assert!(wanted(&["bar.*"], "barn"));
        assert!(!wanted(&["bar.*"], "ba"));
        assert!(!wanted(&[], "a"));
    }

    #[test]
    fn texts_hold_what_xml_does() {
        assert_eq!(check_text("a\t\n\r \u{1f511}"), Ok(()));
        for bad in ['\0', '\u{b}', '\u{1f}', '\u{fffe}', '\u{ffff}'] {
            assert_eq!(check_text(&format!("a{bad}")), Err(bad));
        }
    }

    #[test]
    fn names_have_limits() {
        for bad in [
            "",
            ".a",
            "a.",
            "a..b",
            "AWS.a",
            "amazon.b",
            "a b",
            &"a".repeat(257),
        ] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
        assert!(check_name("a.b-c_9").is_ok());
    }
}
