//! The wildcards of `parse`: each takes as little as it can, the last one of all takes the rest.

/// A text with wildcards.
#[derive(Debug)]
pub(crate) struct Glob {
    /// What stands between the wildcards: one more than there are of them.
    parts: Vec<String>,
}

impl Glob {
    pub(crate) fn new(text: &str) -> Self {
        Self {
            parts: text.split('*').map(str::to_owned).collect(),
        }
    }

    /// What the wildcards stand for, where the text is found. No part that fits later could fit
    /// where the first one that fits does not, so nothing is tried twice.
    pub(crate) fn find<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        let (first, others) = self.parts.split_first()?;
        let mut rest = text.get(text.find(first)? + first.len()..)?;
        let mut found = Vec::with_capacity(others.len());
        for (nth, part) in others.iter().enumerate() {
            let is_last = nth + 1 == others.len();
            let end = match is_last && part.is_empty() {
                true => rest.len(),
                false => rest.find(part.as_str())?,
            };
            found.push(rest.get(..end)?);
            rest = rest.get(end + part.len()..)?;
        }
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_take_as_little_as_they_can() {
        let check = |glob: &str, text, expected: Option<&[&str]>| {
            assert_eq!(
                Glob::new(glob).find(text).as_deref(),
                expected,
                "{glob} {text}"
            );
        };
        check(
            "user=*, method:*",
            "x user=a, method:b c",
            Some(&["a", "b c"]),
        );
        check("[*] *", "[E] text", Some(&["E", "text"]));
        check("*", "all", Some(&["all"]));
        check("* b", "a b b", Some(&["a"]));
        check("a*a", "aa", Some(&[""]));
        check("a*b", "b a", None);
        check("**", "ab", Some(&["", "ab"]));
        check("é*é", "xéyé", Some(&["y"]));
    }
}
