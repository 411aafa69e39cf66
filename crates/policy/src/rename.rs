//! The principals of a document as its text names them, and the same text with other names.
//!
//! A service keeps users and roles by their unique ids and shows them by their ARNs ("AWS JSON
//! policy elements: Principal", IAM user guide). Only the names change; every other byte stays.

use std::ops::Range;

/// Every value of type `AWS` in the `Principal` and `NotPrincipal` elements of a document that
/// [`Policy::parse`](crate::Policy::parse) accepted, in document order.
pub fn named_principals(document: &str) -> Vec<String> {
    let spans = spans(document).into_iter();
    spans.filter_map(|span| text(document, span)).collect()
}

/// The document with other names for its principals of type `AWS`: `rename` gives the new name, or
/// `None` to leave a name as it is written.
pub fn rename_principals(document: &str, rename: impl Fn(&str) -> Option<String>) -> String {
    let mut renamed = String::with_capacity(document.len());
    let mut copied = 0;
    for span in spans(document) {
        let new = text(document, span.clone()).and_then(|name| rename(&name));
        if let Some(new) = new {
            renamed.push_str(document.get(copied..span.start).unwrap_or_default());
            renamed.push_str(&serde_json::Value::String(new).to_string());
            copied = span.end;
        }
    }
    renamed.push_str(document.get(copied..).unwrap_or_default());
    renamed
}

/// The text of a string with its quotes.
fn text(document: &str, span: Range<usize>) -> Option<String> {
    serde_json::from_str(document.get(span)?).ok()
}

/// What a value is for, by its place in the document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Document,
    Statements,
    Principals,
    Names,
    Elsewhere,
}

impl Place {
    /// The place of the member `key` of an object at this place.
    fn member(self, key: &str) -> Self {
        match (self, key) {
            (Self::Document, "Statement") => Self::Statements,
            (Self::Statements, "Principal" | "NotPrincipal") => Self::Principals,
            (Self::Principals, "AWS") => Self::Names,
            _ => Self::Elsewhere,
        }
    }
}

/// An object or list that is open.
struct Open {
    place: Place,
    is_object: bool,
    /// The place of the value that follows the key; none before a key.
    value: Option<Place>,
}

impl Open {
    fn place_of_next(&self) -> Place {
        match (self.is_object, self.value) {
            (true, value) => value.unwrap_or(Place::Elsewhere),
            (false, _) => self.place,
        }
    }
}

/// Where the names are, with their quotes. One pass without recursion: the depth of a document is
/// its author's choice.
fn spans(document: &str) -> Vec<Range<usize>> {
    let bytes = document.as_bytes();
    let (mut spans, mut open, mut at) = (Vec::new(), Vec::<Open>::new(), 0);
    while let Some(byte) = bytes.get(at) {
        let place = open.last().map_or(Place::Document, Open::place_of_next);
        let start = at;
        at += 1;
        match byte {
            b'{' | b'[' => open.push(Open {
                place,
                is_object: *byte == b'{',
                value: None,
            }),
            b'}' | b']' => drop(open.pop()),
            b',' => {
                if let Some(around) = open.last_mut() {
                    around.value = None;
                }
            }
            b'"' => {
                at = end_of_string(bytes, start);
                match open.last_mut() {
                    Some(around) if around.is_object && around.value.is_none() => {
                        let key = text(document, start..at).unwrap_or_default();
                        around.value = Some(around.place.member(&key));
                    }
                    _ if place == Place::Names => spans.push(start..at),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    spans
}

/// Behind the closing quote of the string that opens at `start`.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{ "Version":"2012-10-17", "AWS": "a",
  "Statement" : [ {"Effect":"Allow", "Principal" : { "Service": "b.c", "AWS":["arn:1", "\u0061rn:2"] },
    "Condition": {"StringLike": {"AWS": "arn:1", "Principal": ["arn:1"]}}, "Action": "\"AWS\":\"arn:1\"" },
  {"\u004eotPrincipal":{"AWS" :"arn:1"}, "Sid":"AWS"}, {"Principal":"*"} ] }"#;

    #[test]
    fn names_are_found_where_principals_stand_and_nowhere_else() {
        assert_eq!(named_principals(DOCUMENT), ["arn:1", "arn:2", "arn:1"]);
        let single = r#"{"Statement":{"Principal":{"AWS":"x"}}}"#;
        assert_eq!(named_principals(single), ["x"]);
        for nothing in [
            "",
            "{",
            "[\"AWS\"]",
            "\"",
            r#"{"Principal":{"AWS":"x"}}"#,
            "]]}}\"\\",
        ] {
            assert!(named_principals(nothing).is_empty(), "{nothing}");
        }
    }

    #[test]
    fn only_the_names_change() {
        let renamed = rename_principals(DOCUMENT, |name| {
            (name == "arn:1").then(|| "AIDA\"1".to_owned())
        });
        let expected = DOCUMENT
            .replace(r#"["arn:1", "#, r#"["AIDA\"1", "#)
            .replace(r#""AWS" :"arn:1""#, r#""AWS" :"AIDA\"1""#);
        assert_eq!(renamed, expected);
        assert_eq!(rename_principals(DOCUMENT, |_| None), DOCUMENT);
    }
}
