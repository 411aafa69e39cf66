//! The headers of a request as a list.

use http::HeaderMap;

/// Up to this many headers, to look through all of them costs less than to sort them or to hash a
/// name.
const FEW: usize = 24;

/// The names and values that arrived, each name in lower case.
pub(super) struct Arrived<'a> {
    headers: Vec<(&'a str, &'a [u8])>,
    is_sorted: bool,
}

impl<'a> Arrived<'a> {
    /// One walk over the map. The values of a name stay in their order.
    pub(super) fn of(headers: &'a HeaderMap) -> Self {
        let mut list = Vec::with_capacity(headers.len());
        list.extend(
            headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_bytes())),
        );
        let is_sorted = list.len() > FEW;
        if is_sorted {
            list.sort_by_key(|(name, _)| *name);
        }
        Self {
            headers: list,
            is_sorted,
        }
    }

    /// The values of the header called `name`.
    #[inline]
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let range = match self.is_sorted {
            true => {
                let start = self.headers.partition_point(|(other, _)| *other < name);
                let end = self.headers.partition_point(|(other, _)| *other <= name);
                start..end
            }
            false => 0..self.headers.len(),
        };
        let candidates = self.headers.get(range).unwrap_or_default().iter();
        candidates
            .filter(move |(other, _)| *other == name)
            .map(|(_, value)| *value)
    }

    /// Whether there is a header called `name`.
    pub(super) fn has(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn lookups_find_what_the_map_finds(
            headers in prop::collection::vec(("[a-c-]{1,3}", "[a-z]{0,3}"), 0..60),
        ) {
            let mut map = HeaderMap::new();
            for (name, value) in &headers {
                let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
                map.append(name, HeaderValue::from_str(value).unwrap());
            }
            let arrived = Arrived::of(&map);
            for (name, _) in &headers {
                let found: Vec<&[u8]> = arrived.values(name).collect();
                let known: Vec<&[u8]> = map.get_all(name).iter().map(HeaderValue::as_bytes).collect();
                prop_assert_eq!(found, known);
            }
            for absent in ["", "d", "aaaa", "A", "a b"] {
                prop_assert_eq!(arrived.has(absent), false);
            }
        }
    }
}
