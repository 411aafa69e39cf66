//! Tags of keys.

use api::kms::{LimitExceededException, Tag, TagException};
use wire::Fault;

/// How many tags a key may have.
pub(crate) const MAX_PER_KEY: usize = 50;

/// The tags of a request as pairs, checked: a key occurs once and is not reserved.
pub(crate) fn from_request(tags: Vec<Tag>) -> Result<Vec<(String, String)>, Fault> {
    let mut pairs: Vec<(String, String)> = Vec::with_capacity(tags.len());
    for Tag { tag_key, tag_value } in tags {
        check_key(&tag_key)?;
        if !tag_key.chars().chain(tag_value.chars()).all(is_allowed) {
            return Err(TagException::new("Tags contain invalid characters."));
        }
        if pairs.iter().any(|(known, _)| *known == tag_key) {
            return Err(TagException::new("Duplicate tag keys found."));
        }
        pairs.push((tag_key, tag_value));
    }
    check_count(pairs.len())?;
    Ok(pairs)
}

/// Checks that a tag may be set or taken away by a customer.
pub(crate) fn check_key(key: &str) -> Result<(), Fault> {
    let is_reserved = key
        .get(..4)
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"));
    if is_reserved {
        return Err(TagException::new(
            "Tag keys must not begin with the reserved prefix \"aws:\".",
        ));
    }
    Ok(())
}

/// Sets `new` tags among `tags`; a known key keeps its place.
pub(crate) fn merge(tags: &mut Vec<(String, String)>, new: Vec<(String, String)>) {
    for (key, value) in new {
        match tags.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => *known = value,
            None => tags.push((key, value)),
        }
    }
}

/// Checks the quota.
pub(crate) fn check_count(count: usize) -> Result<(), Fault> {
    if count > MAX_PER_KEY {
        let text = format!("A KMS key can have at most {MAX_PER_KEY} tags.");
        return Err(LimitExceededException::new(text));
    }
    Ok(())
}

/// Letters, digits, spaces and `_ . / = + - : @` ("Tagging your AWS resources").
fn is_allowed(letter: char) -> bool {
    letter.is_alphanumeric() || letter == ' ' || "_./=+-:@".contains(letter)
}

#[cfg(test)]
mod tests {
    use wire::Protocol;

    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag {
            tag_key: key.to_owned(),
            tag_value: value.to_owned(),
        }
    }

    fn code(tags: Vec<Tag>) -> Option<&'static str> {
        from_request(tags)
            .err()
            .map(|fault| fault.code(Protocol::Json11))
    }

    #[test]
    fn tags_of_a_request_are_checked() {
        assert_eq!(
            code(vec![tag("a", "1"), tag("A", "2"), tag("Größe", "")]),
            None
        );
        assert_eq!(
            code(vec![tag("a", "1"), tag("a", "2")]),
            Some("TagException")
        );
        assert_eq!(code(vec![tag("aws:x", "1")]), Some("TagException"));
        assert_eq!(code(vec![tag("AWS:x", "1")]), Some("TagException"));
        assert_eq!(code(vec![tag("aws", "aws:")]), None);
        assert_eq!(code(vec![tag("a;b", "1")]), Some("TagException"));
        assert_eq!(code(vec![tag("a", "\n")]), Some("TagException"));
        let many = |count: usize| (0..count).map(|n| tag(&n.to_string(), "")).collect();
        assert_eq!(code(many(50)), None);
        assert_eq!(code(many(51)), Some("LimitExceededException"));
    }

    #[test]
    fn merging_keeps_places() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let mut tags = vec![pair("a", "1"), pair("b", "2")];
        merge(&mut tags, vec![pair("c", "3"), pair("a", "4")]);
        assert_eq!(tags, [pair("a", "4"), pair("b", "2"), pair("c", "3")]);
    }
}
