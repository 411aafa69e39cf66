//! The members of an object, looked at where they stand: for who wants a few members of many texts,
//! such as the events of the journal, and need not understand the others.

use std::borrow::Cow;

use memchr::{memchr2, memchr3};

/// The members of a JSON object: names and values as they are written, in their order.
///
/// What is between the quotation marks and brackets of a value is not checked. A text that is no
/// object in other ways ends the members early, and [`is_whole`](Self::is_whole) says so.
pub struct Members<'a> {
    rest: &'a str,
    is_first: bool,
    is_whole: bool,
}

impl<'a> Members<'a> {
    /// The members of the object that `text` is.
    pub fn of(text: &'a str) -> Self {
        let rest = trimmed(text).strip_prefix('{');
        Self {
            rest: rest.unwrap_or_default(),
            is_first: true,
            is_whole: false,
        }
    }

    /// Whether the object ended where the last member did, and the text with it.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    fn member(&mut self) -> Option<(&'a str, &'a str)> {
        let rest = std::mem::take(&mut self.rest);
        let rest = trimmed(rest);
        if let Some(behind) = rest.strip_prefix('}') {
            self.is_whole = trimmed(behind).is_empty();
            return None;
        }
        let rest = match std::mem::take(&mut self.is_first) {
            true => rest,
            false => trimmed(rest.strip_prefix(',')?),
        };
        let (name, rest) = rest.split_at_checked(end_of_text(rest)?)?;
        let rest = trimmed(trimmed(rest).strip_prefix(':')?);
        let (value, rest) = rest.split_at_checked(end_of_value(rest)?)?;
        self.rest = rest;
        Some((name.get(1..name.len() - 1)?, value))
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        self.member()
    }
}

/// The text that a value is, given as it is written; none for other values.
pub fn text(value: &str) -> Option<Cow<'_, str>> {
    let between = value.strip_prefix('"')?.strip_suffix('"')?;
    match between.contains('\\') {
        true => serde_json::from_str(value).ok().map(Cow::Owned),
        false => Some(between.into()),
    }
}

fn trimmed(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\n', '\r'])
}

/// Behind which byte the value ends that `text` begins with.
fn end_of_value(text: &str) -> Option<usize> {
    match text.as_bytes().first()? {
        b'"' => end_of_text(text),
        b'{' => end_of_nested(text, b'{', b'}'),
        b'[' => end_of_nested(text, b'[', b']'),
        _ => {
            let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
            let length = text.bytes().take_while(|byte| is_part(byte)).count();
            (length > 0).then_some(length)
        }
    }
}

/// Behind which byte the text ends, quotation marks and all, that `text` begins with.
fn end_of_text(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = (bytes.first() == Some(&b'"')).then_some(1)?;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Behind which byte the object or list ends that `text` begins with. Brackets of the other kind
/// need not be looked at: between two of one kind they are in pairs.
fn end_of_nested(text: &str, begin: u8, end: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    loop {
        at += memchr3(b'"', begin, end, bytes.get(at..)?)?;
        let found = *bytes.get(at)?;
        if found == b'"' {
            at += end_of_text(text.get(at..)?)?;
            continue;
        }
        at += 1;
        depth = match found == begin {
            true => depth + 1,
            false => depth - 1,
        };
        if depth == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn read(text: &str) -> Option<Vec<(String, String)>> {
        let mut members = Members::of(text);
        let found = members.by_ref();
        let found = found.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let found = found.collect();
        members.is_whole().then_some(found)
    }

    fn tree() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            "[a\"\\\\{}\\[\\],:\u{e4}\n]{0,8}".prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            Just(Value::Null),
        ];
        scalar.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-c{}\"]{0,3}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn members_are_those_that_a_whole_reader_finds(
            known in prop::collection::btree_map("[a-c]{1,3}", tree(), 0..5),
            is_spaced in any::<bool>(),
        ) {
            let object: Value = Value::Object(known.clone().into_iter().collect());
            let written = match is_spaced {
                true => serde_json::to_string_pretty(&object),
                false => serde_json::to_string(&object),
            };
            let found = read(&written.expect("JSON")).expect("an object");
            prop_assert_eq!(found.len(), known.len());
            for (name, value) in found {
                let value: Value = serde_json::from_str(&value).expect("a value");
                prop_assert_eq!(Some(&value), known.get(&name));
                let written = value.to_string();
                let read = text(&written).map(Cow::into_owned);
                prop_assert_eq!(read.as_deref(), value.as_str());
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[{}\\[\\]\":,a1 \\\\]{0,24}") {
            let is_object = serde_json::from_str::<serde_json::Map<String, Value>>(&text).is_ok();
            prop_assert!(!is_object || read(&text).is_some(), "{}", text);
        }
    }

    #[test]
    fn what_is_no_object_is_not_whole() {
        for text in [
            "",
            "x",
            "[]",
            "{",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":1",
            "{\"a\":\"",
            "{\"a\":[}",
            "{\"a\":1,}",
            "{,}",
            "{\"a\":1 \"b\":2}",
            "{}x",
            "{\"a\":}",
            "{\"a\":\"\\",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read(" { } "), Some(Vec::new()));
    }
}
