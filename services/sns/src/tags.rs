//! Tags of topics.

use api::sns::TagLimitExceededException;
use wire::Fault;

use crate::refusals;

/// The most tags of a topic.
const MOST: usize = 50;

/// Sets `new` tags beside and over those that there are.
pub(crate) fn merge(
    known: &mut Vec<(String, String)>,
    new: Vec<(String, String)>,
) -> Result<(), Fault> {
    let is_reserved = |(key, _): &(String, String)| {
        key.get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
    };
    if new.iter().any(is_reserved) {
        let reason = "Caller is an end user and not allowed to mutate system tags";
        return Err(refusals::bad_because("Tags", reason));
    }
    known.retain(|(key, _)| !new.iter().any(|(other, _)| other == key));
    known.extend(new);
    known.sort();
    match known.len() > MOST {
        true => Err(TagLimitExceededException::new(
            "Could not complete request: tag quota of per resource exceeded",
        )),
        false => Ok(()),
    }
}
