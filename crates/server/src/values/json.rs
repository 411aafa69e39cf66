//! JSON: an object whose members are texts, or objects with `type` and `value`.

use std::fmt;

use crypto::Secret;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use zeroize::Zeroizing;

use super::Entry;

/// The object, a line for each member.
pub(super) fn write(entries: &[Entry], typed: bool) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(capacity(entries)));
    text.push('{');
    for (nth, entry) in entries.iter().enumerate() {
        text.push_str(if nth == 0 { "\n  " } else { ",\n  " });
        member(entry, typed, &mut text);
    }
    text.push_str(if entries.is_empty() { "}\n" } else { "\n}\n" });
    text
}

/// Room for entries, however they are escaped: text that grows would leave copies behind.
pub(super) fn capacity(entries: &[Entry]) -> usize {
    let lengths = entries.iter();
    let lengths = lengths.map(|entry| entry.name.len() + entry.value.expose().len() + 16);
    6 * lengths.sum::<usize>() + 16
}

/// `"name": "value"`, or with the type.
pub(super) fn member(entry: &Entry, typed: bool, out: &mut String) {
    quote(&entry.name, out);
    out.push_str(": ");
    match &entry.kind {
        Some(kind) if typed => {
            out.push_str("{\"type\": ");
            quote(kind, out);
            out.push_str(", \"value\": ");
            quote(entry.value.expose(), out);
            out.push('}');
        }
        _ => quote(entry.value.expose(), out),
    }
}

/// A text in quotes, on one line.
pub fn quoted(text: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(6 * text.len() + 2));
    quote(text, &mut out);
    out
}

/// A text as JSON writes it, with everything escaped that YAML does not let stand for itself
/// (YAML 1.2.2, 5.1).
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}' => out.push_str(&format!("\\u{:04x}", u32::from(letter))),
            letter => out.push(letter),
        }
    }
    out.push('"');
}

/// The entries of a file.
pub(super) fn read(text: &str) -> Result<Vec<Entry>, String> {
    // What the parser says of a wrong type or name would quote the file.
    let parsed: Result<Members, _> = serde_json::from_str(text);
    let members = parsed.map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        match error.is_data() {
            true => format!(
                "{place}: the file is to be an object whose members are texts, or objects with the texts \
                 `type` and `value`"
            ),
            false => format!("{place}: this is no JSON"),
        }
    })?;
    let members = members.0.into_iter();
    Ok(members
        .map(|(name, Member { value, kind })| Entry { name, value, kind })
        .collect())
}

/// The members of an object, in their order, whatever is there twice included.
struct Members(Vec<(String, Member)>);

struct Member {
    value: Secret<String>,
    kind: Option<String>,
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MemberVisitor)
    }
}

struct MemberVisitor;

impl<'de> Visitor<'de> for MemberVisitor {
    type Value = Member;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a text, or an object with the texts `type` and `value`")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Member, E> {
        Ok(Member {
            value: Secret::new(text.to_owned()),
            kind: None,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Member, A::Error> {
        let (mut value, mut kind) = (None, None);
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "value" => value = Some(Secret::new(map.next_value()?)),
                "type" => kind = Some(map.next_value()?),
                _ => return Err(A::Error::custom("unknown member")),
            }
        }
        let value = value.ok_or_else(|| A::Error::missing_field("value"))?;
        Ok(Member { value, kind })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::entry;
    use super::*;

    #[test]
    fn members_are_written_in_their_order() {
        let mut secret = entry("db/password", "a\"\\\u{85}😀");
        secret.kind = Some("SecureString".to_owned());
        let entries = [entry("z", "1"), secret];
        let text = "{\n  \"z\": \"1\",\n  \"db/password\": \"a\\\"\\\\\\u0085😀\"\n}\n";
        assert_eq!(*write(&entries, false), text);
        let text = write(&entries, true);
        assert!(text.contains("\"db/password\": {\"type\": \"SecureString\", \"value\": \"a"));
        assert!(text.contains("\"z\": \"1\""));
        assert_eq!(*write(&[], true), "{}\n");
    }

    #[test]
    fn only_texts_are_values() {
        let entries = read(r#"{"a":{"value":"1","type":"String"},"b":"2"}"#).unwrap();
        assert_eq!(entries.first().unwrap().kind.as_deref(), Some("String"));
        for text in [
            "[]",
            "{\"a\":1}",
            "{\"a\":true}",
            "{\"a\":null}",
            "{\"a\":{}}",
            "{\"a\":{\"type\":\"String\"}}",
            "{\"a\":{\"value\":\"1\",\"b\":\"2\"}}",
            "{\"a\":\"1\"} {}",
        ] {
            let error = read(text).err().unwrap();
            assert!(error.starts_with("line 1, column "), "{text}: {error}");
        }
    }
}
