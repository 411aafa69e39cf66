//! Tags of IAM's things. Their keys do not distinguish case and keep the case in which they were
//! given ("Tags for IAM resources"). Those of managed policies do distinguish it.

use std::collections::BTreeSet;

use api::iam::{InvalidInputException, LimitExceededException, Tag};
use wire::Fault;

use crate::page::{Paged, Wanted, page, page_in_order};

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

/// Whether two keys are the same that differ in case.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Ignored,
    Counts,
}

impl Case {
    fn fold(self, key: &str) -> String {
        match self {
            Self::Ignored => key.to_lowercase(),
            Self::Counts => key.to_owned(),
        }
    }
}

/// A page of the tags, by key.
pub(crate) fn list(case: Case, tags: &[(String, String)], wanted: &Wanted) -> Paged<Tag> {
    let mut tags = shown(tags);
    if case == Case::Ignored {
        return page(tags, |tag| &tag.key, wanted);
    }
    tags.sort_by(|one, other| one.key.cmp(&other.key));
    if let Some(marker) = &wanted.marker {
        tags.retain(|tag| tag.key > *marker);
    }
    let rest = Wanted {
        marker: None,
        max_items: wanted.max_items,
    };
    page_in_order(tags, |tag| &tag.key, &rest)
}

/// The value of the tag `key`, which may come in any case.
pub(crate) fn value<'a>(tags: &'a [(String, String)], key: &str) -> Option<&'a str> {
    let wanted = key.to_lowercase();
    let found = tags.iter().find(|(key, _)| key.to_lowercase() == wanted);
    found.map(|(_, value)| value.as_str())
}

/// Refuses tags that a request may not give.
pub(crate) fn check(case: Case, tags: &[(String, String)]) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    for (key, _) in tags {
        if key.to_lowercase().starts_with("aws:") {
            let message = "Tag keys beginning with aws: are reserved for internal use.";
            return Err(InvalidInputException::new(message));
        }
        if !seen.insert(case.fold(key)) {
            let message = match case {
                Case::Ignored => {
                    "Duplicate tag keys found. Please note that Tag keys are case insensitive."
                }
                Case::Counts => "Duplicate tag keys found.",
            };
            return Err(InvalidInputException::new(message));
        }
    }
    Ok(())
}

/// Gives `new` tags beside and over those that there are.
pub(crate) fn add(
    case: Case,
    tags: &mut Vec<(String, String)>,
    new: Vec<(String, String)>,
) -> Result<(), Fault> {
    check(case, &new)?;
    for (key, value) in new {
        let folded = case.fold(&key);
        tags.retain(|(known, _)| case.fold(known) != folded);
        tags.push((key, value));
    }
    if tags.len() > QUOTA {
        let message = "The number of tags has reached the maximum limit.";
        return Err(LimitExceededException::new(message));
    }
    Ok(())
}

/// Takes the tags of these keys away.
pub(crate) fn remove(case: Case, tags: &mut Vec<(String, String)>, keys: &[String]) {
    let folded: BTreeSet<String> = keys.iter().map(|key| case.fold(key)).collect();
    tags.retain(|(key, _)| !folded.contains(&case.fold(key)));
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
        assert!(add(Case::Ignored, &mut tags, vec![pair("TEAM", "blue")]).is_ok());
        assert_eq!(tags, [pair("b", "1"), pair("TEAM", "blue")]);
        assert_eq!(value(&tags, "team"), Some("blue"));
        remove(
            Case::Ignored,
            &mut tags,
            &["B".to_owned(), "absent".to_owned()],
        );
        assert_eq!(tags, [pair("TEAM", "blue")]);
    }

    #[test]
    fn reserved_repeated_and_too_many_tags_are_refused() {
        let twice = [pair("a", ""), pair("A", "")];
        for case in [Case::Ignored, Case::Counts] {
            assert!(check(case, &[pair("AWS:x", "")]).is_err());
            assert!(check(case, &[pair("a", ""), pair("a", "")]).is_err());
        }
        assert!(check(Case::Ignored, &twice).is_err());
        assert!(check(Case::Counts, &twice).is_ok());
        let many = |count: usize| {
            (0..count)
                .map(|index| pair(&format!("k{index}"), ""))
                .collect()
        };
        assert!(add(Case::Ignored, &mut Vec::new(), many(QUOTA)).is_ok());
        let over = add(Case::Ignored, &mut Vec::new(), many(QUOTA + 1)).err();
        assert_eq!(
            over.as_ref().and_then(Fault::message),
            Some("The number of tags has reached the maximum limit.")
        );
    }
}
