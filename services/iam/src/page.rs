//! Lists in pages (`Marker`, `MaxItems`, `IsTruncated`).

/// How many items a page has unless the caller says otherwise.
const DEFAULT_ITEMS: usize = 100;

/// What a caller asks for.
pub(crate) struct Wanted {
    /// The marker that the page before ended with.
    pub(crate) marker: Option<String>,
    /// At most so many items, 1 to 1000.
    pub(crate) max_items: Option<i32>,
}

/// One page of a list.
pub(crate) struct Paged<T> {
    /// The items, by name.
    pub(crate) items: Vec<T>,
    /// Where the next page begins, if there is one: the last name of this one.
    pub(crate) marker: Option<String>,
}

/// The page of `items` that was asked for, sorted by name without regard to case. Since names are
/// unique in that order, items that come or go between two calls never shift the rest.
pub(crate) fn page<T>(mut items: Vec<T>, name: fn(&T) -> &str, wanted: &Wanted) -> Paged<T> {
    items.sort_by_cached_key(|item| folded(name(item)));
    if let Some(marker) = wanted.marker.as_deref().map(folded) {
        items.retain(|item| folded(name(item)) > marker);
    }
    first(items, name, wanted)
}

/// The page of `items` that was asked for, in the order in which they come; for lists whose items
/// do not change places. A marker that names none of them ends the list.
pub(crate) fn page_in_order<T>(
    mut items: Vec<T>,
    name: fn(&T) -> &str,
    wanted: &Wanted,
) -> Paged<T> {
    if let Some(marker) = wanted.marker.as_deref() {
        let position = items.iter().position(|item| name(item) == marker);
        let seen = position.map_or(items.len(), |position| position + 1);
        items.drain(..seen);
    }
    first(items, name, wanted)
}

fn first<T>(mut items: Vec<T>, name: fn(&T) -> &str, wanted: &Wanted) -> Paged<T> {
    let limit = wanted
        .max_items
        .and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.unwrap_or(DEFAULT_ITEMS).max(1);
    let truncated = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| truncated);
    let marker = last.map(|last| name(last).to_owned());
    Paged { items, marker }
}

fn folded(name: &str) -> String {
    name.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pages_together_are_the_sorted_list(
            names in prop::collection::vec("[A-Za-z0-9+=,.@_-]{1,4}", 0..40),
            size in 1..7i32,
        ) {
            let unique: BTreeMap<String, String> =
                names.into_iter().map(|name| (name.to_ascii_lowercase(), name)).collect();
            let sorted: Vec<String> = unique.into_values().collect();
            let mut reversed = sorted.clone();
            reversed.reverse();
            let (mut seen, mut marker) = (Vec::new(), None);
            loop {
                let wanted = Wanted { marker, max_items: Some(size) };
                let paged = page(reversed.clone(), |name| name, &wanted);
                prop_assert!(paged.items.len() <= size as usize);
                seen.extend(paged.items);
                marker = paged.marker;
                if marker.is_none() {
                    break;
                }
            }
            prop_assert_eq!(seen, sorted);
        }
    }

    #[test]
    fn a_page_that_ends_the_list_has_no_marker() {
        let items = vec!["b", "a"];
        let wanted = Wanted {
            marker: None,
            max_items: Some(2),
        };
        let paged = page(items, |name| name, &wanted);
        assert_eq!((paged.items, paged.marker), (vec!["a", "b"], None));
    }
}
