//! Lists in the order of names, page by page.

use platform::Result;

use crate::refusals;

/// How many items a page has unless the caller asks for fewer; the most that it may ask for.
const MOST: usize = 50;

/// The page of `items` that begins behind `token`, and the token of the next one. `key` is unique
/// and in the order of the items; an item that comes or goes shifts no other.
pub(crate) fn page<T>(
    items: Vec<T>,
    key: impl Fn(&T) -> String,
    token: Option<&str>,
    limit: Option<i32>,
) -> Result<(Vec<T>, Option<String>)> {
    page_of(items, key, token, (limit, MOST))
}

/// The same, where a page may have `most` items.
pub(crate) fn page_of<T>(
    mut items: Vec<T>,
    key: impl Fn(&T) -> String,
    token: Option<&str>,
    (limit, most): (Option<i32>, usize),
) -> Result<(Vec<T>, Option<String>)> {
    items.sort_by_cached_key(&key);
    if let Some(token) = token {
        let last = decode(token).ok_or_else(refusals::bad_token)?;
        items.retain(|item| key(item) > last);
    }
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.unwrap_or(most).clamp(1, most);
    let is_cut = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| is_cut);
    let token = last.map(|last| encode(&key(last)));
    Ok((items, token))
}

/// A token is the last key in hexadecimal digits.
fn encode(key: &str) -> String {
    let digits = key.bytes().map(|byte| format!("{byte:02x}"));
    digits.collect()
}

fn decode(token: &str) -> Option<String> {
    let (pairs, rest) = token.as_bytes().as_chunks::<2>();
    let byte = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
    let bytes = bytes.filter(|bytes| rest.is_empty() && !bytes.is_empty())?;
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_together_are_the_list() {
        let all: Vec<_> = (0..123).map(|number| format!("/é/{number:03}")).collect();
        for size in [None, Some(1), Some(7), Some(50), Some(1000)] {
            let (mut seen, mut token) = (Vec::new(), None);
            loop {
                let paged = page(all.clone(), String::clone, token.as_deref(), size);
                let Ok((items, next)) = paged else {
                    panic!("a token of ours is refused");
                };
                assert!(items.len() <= 50);
                seen.extend(items);
                token = next;
                if token.is_none() {
                    break;
                }
            }
            assert_eq!(seen, all);
        }
        for token in ["", "a", "zz", "ff", "616"] {
            assert!(page(all.clone(), String::clone, Some(token), None).is_err());
        }
    }
}
