//! Tags of queues ("Amazon SQS cost allocation tags", developer guide).

use wire::Fault;

use crate::refusals;

/// The most tags of a queue.
const MOST: usize = 50;

/// Sets `new` tags beside and over those that there are.
pub(crate) fn merge(
    known: &mut Vec<(String, String)>,
    new: Vec<(String, String)>,
) -> Result<(), Fault> {
    for (key, value) in &new {
        check(key, value)?;
    }
    known.retain(|(key, _)| !new.iter().any(|(other, _)| other == key));
    known.extend(new);
    known.sort();
    match known.len() > MOST {
        true => Err(refusals::invalid(format!(
            "Too many tags added for queue. The limit is {MOST}."
        ))),
        false => Ok(()),
    }
}

fn check(key: &str, value: &str) -> Result<(), Fault> {
    let is_reserved = key
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("aws:"));
    let is_letter = |character: char| {
        character.is_alphanumeric() || character.is_whitespace() || "_.:/=+-@".contains(character)
    };
    let is_good = (1..=128).contains(&key.chars().count())
        && value.chars().count() <= 256
        && key.chars().chain(value.chars()).all(is_letter);
    match (is_reserved, is_good) {
        (true, _) => Err(refusals::invalid(
            "System tags cannot be added or updated by requester.",
        )),
        (false, false) => Err(refusals::bad_value(
            "Tags",
            key,
            "Tag keys must be between 1 and 128 characters in length, and values between 0 and \
             256, of letters, numbers, spaces and _.:/=+-@.",
        )),
        (false, true) => Ok(()),
    }
}
