//! Lists in pages (`NextToken`, `MaxResults`).

use std::fmt::Write as _;

use platform::Result;

use crate::refusals;

/// How many items a page has unless the caller asks for fewer; the most that it may ask for.
const DEFAULT_ITEMS: usize = 20;

/// What a caller asks for.
pub(crate) struct Wanted {
    /// The token that the page before ended with.
    pub(crate) next_token: Option<String>,
    /// At most so many items, 1 to 20.
    pub(crate) max_results: Option<i32>,
}

/// One page of a list, and the token of the next one if there is one.
pub(crate) type Paged<T> = (Vec<T>, Option<String>);

/// The page of `items` that was asked for, in the order of `key`, which is unique. An item that
/// comes or goes between two calls never shifts the rest.
pub(crate) fn page<T>(
    mut items: Vec<T>,
    key: impl Fn(&T) -> String,
    wanted: &Wanted,
) -> Result<Paged<T>> {
    items.sort_by_cached_key(&key);
    if let Some(token) = &wanted.next_token {
        let last = decode(token).ok_or_else(refusals::bad_token)?;
        items.retain(|item| key(item) > last);
    }
    let limit = wanted.max_results.and_then(|max| usize::try_from(max).ok());
    let limit = limit.unwrap_or(DEFAULT_ITEMS).max(1);
    let truncated = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| truncated);
    let token = last.map(|last| encode(&key(last)));
    Ok((items, token))
}

/// A token is the last key in hexadecimal digits, so that it looks like nothing to build on.
fn encode(key: &str) -> String {
    key.bytes().fold(String::new(), |mut token, byte| {
        let _ = write!(token, "{byte:02x}");
        token
    })
}

fn decode(token: &str) -> Option<String> {
    let (pairs, rest) = token.as_bytes().as_chunks::<2>();
    let byte = |pair: &[u8; 2]| {
        let digits = str::from_utf8(pair).ok()?;
        u8::from_str_radix(digits, 16).ok()
    };
    let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
    let bytes = bytes.filter(|bytes| rest.is_empty() && !bytes.is_empty())?;
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pages_together_are_the_sorted_list(
            names in prop::collection::btree_set("[a-zé]{1,4}", 0..40),
            size in 1..7i32,
        ) {
            let sorted: Vec<String> = names.iter().cloned().collect();
            let shuffled: BTreeSet<_> = names.iter().map(|name| (name.len(), name.clone())).collect();
            let items: Vec<String> = shuffled.into_iter().map(|(_, name)| name).collect();
            let (mut seen, mut next_token) = (Vec::new(), None);
            loop {
                let wanted = Wanted { next_token, max_results: Some(size) };
                let Ok((page, token)) = page(items.clone(), String::clone, &wanted) else {
                    return Err(TestCaseError::fail("a token of ours is refused"));
                };
                prop_assert!(page.len() <= size as usize);
                seen.extend(page);
                next_token = token;
                if next_token.is_none() {
                    break;
                }
            }
            prop_assert_eq!(seen, sorted);
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for token in ["", "a", "zz", "ff", "616"] {
            let wanted = Wanted {
                next_token: Some(token.to_owned()),
                max_results: None,
            };
            assert!(
                page(vec!["a".to_owned()], String::clone, &wanted).is_err(),
                "{token}"
            );
        }
    }
}
