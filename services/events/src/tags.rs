//! Tags of buses and rules.

use api::events::Tag;
use wire::Fault;

use crate::refusals;

/// The most tags of a resource ("Tagging", EventBridge user guide).
const MOST: usize = 50;

/// The tags of a request as pairs. Refuses reserved keys, and keys that occur twice.
pub(crate) fn pairs(tags: Vec<Tag>) -> Result<Vec<(String, String)>, Fault> {
    let mut pairs: Vec<_> = tags.into_iter().map(|tag| (tag.key, tag.value)).collect();
    pairs.sort();
    let mut neighbours = pairs.array_windows::<2>();
    if neighbours.any(|[(one, _), (other, _)]| one == other) {
        return Err(refusals::duplicate_tag());
    }
    let is_reserved = |(key, _): &(String, String)| {
        key.get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
    };
    match pairs.iter().any(is_reserved) {
        true => Err(refusals::reserved_tag()),
        false => Ok(pairs),
    }
}

/// Sets `new` tags beside and over those that there are.
pub(crate) fn merge(
    known: &mut Vec<(String, String)>,
    new: Vec<(String, String)>,
) -> Result<(), Fault> {
    known.retain(|(key, _)| !new.iter().any(|(other, _)| other == key));
    known.extend(new);
    known.sort();
    match known.len() > MOST {
        true => Err(refusals::too_many()),
        false => Ok(()),
    }
}

/// The pairs as AWS shows them.
pub(crate) fn shown(tags: &[(String, String)]) -> Vec<Tag> {
    let tags = tags.iter().map(|(key, value)| Tag {
        key: key.clone(),
        value: value.clone(),
    });
    tags.collect()
}
