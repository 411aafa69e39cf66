//! The list of the headers that a signature covers.

use std::borrow::Cow;

use super::arrived::Arrived;
use super::error::SignatureError;
use super::pieces::pieces;

/// The names in canonical order: lower case, sorted, each once, joined by `;`.
pub(super) struct SignedHeaders<'a> {
    text: Cow<'a, str>,
    /// Where each name ends in the text.
    ends: Vec<usize>,
}

impl<'a> SignedHeaders<'a> {
    /// Reads a list as it was sent. Each header must have arrived: a name without a header would
    /// let somebody add that header later.
    pub(super) fn read(text: &'a str, arrived: &Arrived<'_>) -> Result<Self, SignatureError> {
        match Self::in_order(text, arrived) {
            Some(signed) => Ok(signed),
            None => Self::put_in_order(text, arrived),
        }
    }

    /// A list that is in canonical order.
    pub(super) fn canonical(text: &'a str) -> Self {
        let mut end = 0;
        let ends = pieces(text, b';').map(|name| {
            let this = end + name.len();
            end = this + 1;
            this
        });
        Self {
            ends: ends.collect(),
            text: Cow::Borrowed(text),
        }
    }

    /// The text, if it is in canonical order as it stands and all headers arrived. Signers send it
    /// so.
    fn in_order(text: &'a str, arrived: &Arrived<'_>) -> Option<Self> {
        let mut ends = Vec::with_capacity(16);
        let (mut before, mut end) = ("", 0);
        for name in pieces(text, b';') {
            // The names of headers that arrived are in lower case, and none of them is empty.
            if name <= before || !arrived.has(name) {
                return None;
            }
            before = name;
            ends.push(end + name.len());
            end += name.len() + 1;
        }
        Some(Self {
            text: Cow::Borrowed(text),
            ends,
        })
    }

    fn put_in_order(text: &str, arrived: &Arrived<'_>) -> Result<Self, SignatureError> {
        let text = text.to_ascii_lowercase();
        let mut names: Vec<&str> = pieces(&text, b';').collect();
        for name in &names {
            if !arrived.has(name) {
                return Err(SignatureError::SignedHeaderAbsent {
                    name: (*name).to_owned(),
                });
            }
        }
        names.sort_unstable();
        let repeated = names.iter().zip(names.iter().skip(1)).find(|(a, b)| a == b);
        if let Some((name, _)) = repeated {
            return Err(SignatureError::Repeated {
                name: (*name).to_owned(),
            });
        }
        let joined = names.join(";");
        let ends = SignedHeaders::canonical(&joined).ends;
        Ok(Self {
            text: Cow::Owned(joined),
            ends,
        })
    }

    /// All names, joined by `;`.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// The names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let name = self.text.get(start..*end).unwrap_or_default();
            start = end + 1;
            name
        })
    }

    /// Whether `name` is among them.
    pub(super) fn has(&self, name: &str) -> bool {
        let mut start = 0;
        self.ends.iter().any(|end| {
            // Most names have another length: these need not be taken out of the text.
            let is_same = end - start == name.len() && self.text.get(start..*end) == Some(name);
            start = end + 1;
            is_same
        })
    }

    /// The same list, no longer part of the request.
    pub(super) fn into_owned<'b>(self) -> SignedHeaders<'b> {
        SignedHeaders {
            text: Cow::Owned(self.text.into_owned()),
            ends: self.ends,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_short_way_and_the_long_way_agree(
            names in prop::collection::vec("[a-bA-B]{0,2}", 0..5),
            sent in prop::collection::vec("[a-b]{1,2}", 0..6),
        ) {
            let mut map = HeaderMap::new();
            for name in &sent {
                let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
                map.insert(name, HeaderValue::from_static(""));
            }
            let (text, arrived) = (names.join(";"), Arrived::of(&map));
            let long = SignedHeaders::put_in_order(&text, &arrived);
            match (SignedHeaders::read(&text, &arrived), long) {
                (Ok(read), Ok(long)) => {
                    prop_assert_eq!(read.as_str(), long.as_str());
                    prop_assert!(read.names().all(|name| read.has(name)));
                    prop_assert!(["", "c", "aaa", "a;b"].iter().all(|absent| !read.has(absent)));
                    let names: Vec<&str> = read.names().collect();
                    let known: Vec<&str> = long.as_str().split(';').collect();
                    prop_assert_eq!(names, known);
                }
                (read, long) => prop_assert_eq!(read.err(), long.err()),
            }
        }
    }
}
