//! Tags of secrets (TagResource).

use api::secretsmanager::{LimitExceededException, Tag};
use wire::Fault;

use crate::refusals;

/// The most tags of a secret ("Tagging restrictions").
const MOST: usize = 50;
/// What only AWS's own tags begin with.
const RESERVED: &str = "aws:";

/// Tags as pairs.
pub(crate) fn pairs(tags: Vec<Tag>) -> Result<Vec<(String, String)>, Fault> {
    let mut pairs: Vec<(String, String)> = Vec::with_capacity(tags.len());
    for tag in tags {
        let key = tag.key.unwrap_or_default();
        if key.is_empty() {
            return Err(refusals::invalid("A tag must have a key."));
        }
        if is_reserved(&key) {
            return Err(refusals::invalid(
                "Tag keys that begin with aws: are reserved for system use.",
            ));
        }
        if pairs.iter().any(|(known, _)| *known == key) {
            return Err(refusals::invalid(format!(
                "The tag key {key} is specified more than once."
            )));
        }
        pairs.push((key, tag.value.unwrap_or_default()));
    }
    Ok(pairs)
}

/// Sets `new` tags beside and over those that there are, sorted by key.
pub(crate) fn merge(
    known: &mut Vec<(String, String)>,
    new: Vec<(String, String)>,
) -> Result<(), Fault> {
    known.retain(|(key, _)| !new.iter().any(|(other, _)| other == key));
    known.extend(new);
    known.sort();
    match known.len() > MOST {
        true => Err(LimitExceededException::new(format!(
            "You can't attach more than {MOST} tags to a secret."
        ))),
        false => Ok(()),
    }
}

/// Tags as answers show them; none where there are none.
pub(crate) fn shown(tags: &[(String, String)]) -> Option<Vec<Tag>> {
    let tag = |(key, value): &(String, String)| Tag {
        key: Some(key.clone()),
        value: Some(value.clone()),
    };
    (!tags.is_empty()).then(|| tags.iter().map(tag).collect())
}

fn is_reserved(key: &str) -> bool {
    let head = key.as_bytes().get(..RESERVED.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(RESERVED.as_bytes()))
}
