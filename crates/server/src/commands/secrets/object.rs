//! Secrets that are JSON objects, such as `{"username": "u", "password": "p"}`.

use std::fmt;

use crypto::Secret;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::values::{Entry, quoted};

/// The members of an object, in their order, borrowed from its text.
pub(in crate::commands) struct Object<'t>(Vec<(String, &'t RawValue)>);

impl<'t> Object<'t> {
    /// The object that a text is, if it is one and names nothing twice.
    pub(in crate::commands) fn of(text: &'t str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The values of all members; the error is the name of one that is no text, number or boolean.
    pub(in crate::commands) fn entries(&self) -> Result<Vec<Entry>, String> {
        let entry = |(name, value): &(String, &RawValue)| match text_of(value) {
            Some(value) => Ok(Entry {
                name: name.clone(),
                value,
                kind: None,
            }),
            None => Err(name.clone()),
        };
        self.0.iter().map(entry).collect()
    }

    /// The names of all members.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The member of this name, in JSON.
    pub(in crate::commands) fn member(&self, name: &str) -> Option<&'t RawValue> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| *value)
    }

    /// The text of this object with other members: those that are there change their values.
    pub(super) fn with(&self, entries: &[Entry]) -> Zeroizing<String> {
        let known: usize = self
            .0
            .iter()
            .map(|(name, value)| 6 * name.len() + value.get().len() + 8)
            .sum();
        let given = |entry: &Entry| 6 * (entry.name.len() + entry.value.expose().len()) + 8;
        let length = known + entries.iter().map(given).sum::<usize>() + 2;
        let mut text = Zeroizing::new(String::with_capacity(length));
        let mut member = |name: &str, value: &str| {
            let sign = if text.is_empty() { '{' } else { ',' };
            text.push(sign);
            text.push_str(&quoted(name));
            text.push(':');
            text.push_str(value);
        };
        for (name, value) in &self.0 {
            match entries.iter().find(|entry| entry.name == *name) {
                Some(entry) => member(name, &quoted(entry.value.expose())),
                None => member(name, value.get()),
            }
        }
        for entry in entries {
            if self.member(&entry.name).is_none() {
                member(&entry.name, &quoted(entry.value.expose()));
            }
        }
        let end = if text.is_empty() { "{}" } else { "}" };
        text.push_str(end);
        text
    }
}

/// A text as it is, a number or boolean as it is written.
pub(in crate::commands) fn text_of(value: &RawValue) -> Option<Secret<String>> {
    let json = value.get();
    match json.as_bytes().first()? {
        b'"' => serde_json::from_str(json).ok().map(Secret::new),
        b'{' | b'[' | b'n' => None,
        _ => Some(Secret::new(json.to_owned())),
    }
}

impl<'de: 't, 't> Deserialize<'de> for Object<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor).map(Object)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members: Self::Value = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
            if members.iter().any(|(known, _)| *known == name) {
                return Err(A::Error::custom("a name is there twice"));
            }
            members.push((name, value));
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, value: &str) -> Entry {
        Entry {
            name: name.to_owned(),
            value: Secret::new(value.to_owned()),
            kind: None,
        }
    }

    #[test]
    fn texts_numbers_and_booleans_have_texts() {
        let object = Object::of(r#"{ "u":"a\"b", "port": 5432, "x":1.50,"t":true}"#).unwrap();
        let entries = object.entries().unwrap();
        let seen: Vec<(&str, &str)> = entries
            .iter()
            .map(|entry| (entry.name.as_str(), entry.value.expose().as_str()))
            .collect();
        let expected = [
            ("u", "a\"b"),
            ("port", "5432"),
            ("x", "1.50"),
            ("t", "true"),
        ];
        assert_eq!(seen, expected);
        for other in ["null", "[1]", r#"{"a":"b"}"#] {
            let text = format!(r#"{{"a":"b","c":{other}}}"#);
            let refused = Object::of(&text).unwrap().entries().err();
            assert_eq!(refused.as_deref(), Some("c"), "{other}");
        }
    }

    #[test]
    fn what_is_no_object_is_none() {
        for text in [
            "",
            "a",
            "\"a\"",
            "[]",
            "5",
            "{",
            r#"{"a":1,"a":2}"#,
            "{} {}",
        ] {
            assert!(Object::of(text).is_none(), "{text}");
        }
    }

    #[test]
    fn members_change_in_their_places_and_others_follow() {
        let object = Object::of(r#"{"a":"1","n": {"k": [1]},"b":2}"#).unwrap();
        let text = object.with(&[entry("c\"", "x\ny"), entry("b", "3")]);
        assert_eq!(*text, r#"{"a":"1","n":{"k": [1]},"b":"3","c\"":"x\ny"}"#);
        assert_eq!(*Object::of("{}").unwrap().with(&[]), "{}");
    }
}
