//! Tags of IAM's things. Their keys do not distinguish case and keep the case in which they were
//! given ("Tags for IAM resources").

use std::collections::BTreeSet;

use api::iam::{InvalidInputException, LimitExceededException, Tag};
use wire::Fault;

use crate::page::{Paged, Wanted, page};

/// The most tags of one thing.
pub(crate) const QUOTA: usize = 50;

/// Keys and values of a request.
pub(crate) fn pairs(tags: Vec<Tag>) -> Vec<(String, String)> {
    tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

/// The tags as AWS shows them.
pub(crate) fn shown(tags: &[(String, String)]) -> Vec<Tag> {
    let tag = |(key, value): &(String, String)| Tag {
        key: key.clone(),
        value: value.clone(),
    };
    tags.iter().map(tag).collect()
}

/// The tags as AWS shows them, or none at all.
pub(crate) fn shown_if_any(tags: &[(String, String)]) -> Option<Vec<Tag>> {
    (!tags.is_empty()).then(|| shown(tags))
}

/// A page of the tags, by key.
pub(crate) fn list(tags: &[(String, String)], wanted: &Wanted) -> Paged<Tag> {
    page(shown(tags), |tag| &tag.key, wanted)
}

/// The value of the tag `key`, which may come in any case.
pub(crate) fn value<'a>(tags: &'a [(String, String)], key: &str) -> Option<&'a str> {
    let wanted = key.to_lowercase();
    let found = tags.iter().find(|(key, _)| key.to_lowercase() == wanted);
    found.map(|(_, value)| value.as_str())
}

/// Refuses tags that a request may not give.
pub(crate) fn check(tags: &[(String, String)]) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    for (key, _) in tags {
        let folded = key.to_lowercase();
        if folded.starts_with("aws:") {
            let message = "Tag keys beginning with aws: are reserved for internal use.";
            return Err(InvalidInputException::new(message));
        }
        if !seen.insert(folded) {
            let message =
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(InvalidInputException::new(message));
        }
    }
    Ok(())
}

/// Gives `new` tags beside and over those that there are.
pub(crate) fn add(
    tags: &mut Vec<(String, String)>,
    new: Vec<(String, String)>,
) -> Result<(), Fault> {
    check(&new)?;
    for (key, value) in new {
        let folded = key.to_lowercase();
        tags.retain(|(known, _)| known.to_lowercase() != folded);
        tags.push((key, value));
    }
    if tags.len() > QUOTA {
        let message = format!("The number of tags has reached the maximum limit: {QUOTA}");
        return Err(LimitExceededException::new(message));
    }
    Ok(())
}

/// Takes the tags of these keys away.
pub(crate) fn remove(tags: &mut Vec<(String, String)>, keys: &[String]) {
    let folded: BTreeSet<String> = keys.iter().map(|key| key.to_lowercase()).collect();
    tags.retain(|(key, _)| !folded.contains(&key.to_lowercase()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn keys_do_not_distinguish_case_and_keep_the_newest() {
        let mut tags = vec![pair("Team", "red"), pair("b", "1")];
        assert!(add(&mut tags, vec![pair("TEAM", "blue")]).is_ok());
        assert_eq!(tags, [pair("b", "1"), pair("TEAM", "blue")]);
        assert_eq!(value(&tags, "team"), Some("blue"));
        remove(&mut tags, &["B".to_owned(), "absent".to_owned()]);
        assert_eq!(tags, [pair("TEAM", "blue")]);
    }

    #[test]
    fn reserved_repeated_and_too_many_tags_are_refused() {
        assert!(check(&[pair("AWS:x", "")]).is_err());
        assert!(check(&[pair("a", ""), pair("A", "")]).is_err());
        let many = |count: usize| {
            (0..count)
                .map(|index| pair(&format!("k{index}"), ""))
                .collect()
        };
        assert!(add(&mut Vec::new(), many(QUOTA)).is_ok());
        assert!(add(&mut Vec::new(), many(QUOTA + 1)).is_err());
    }
}
