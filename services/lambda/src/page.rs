//! Lists in pages (`Marker`, `MaxItems`).

use platform::Result;

use crate::refusals;

/// How many items a page has at most (ListFunctions).
const MOST: usize = 50;

/// The page of `items`, sorted by `key`, that begins behind `marker`, and the marker of the next one
/// if there is one. A marker is the last item's key in hexadecimal digits.
pub(crate) fn page<T>(
    mut items: Vec<T>,
    key: impl Fn(&T) -> String,
    marker: Option<&str>,
    at_most: Option<i32>,
) -> Result<(Vec<T>, Option<String>)> {
    if let Some(marker) = marker.filter(|marker| !marker.is_empty()) {
        let last = decode(marker).ok_or_else(|| refusals::invalid("Invalid marker."))?;
        items.retain(|item| key(item) > last);
    }
    let asked = at_most.and_then(|most| usize::try_from(most).ok());
    let most = asked.map_or(MOST, |asked| asked.min(MOST));
    let is_cut = items.len() > most;
    items.truncate(most);
    let last = items.last().filter(|_| is_cut).map(key);
    let marker = last.map(|last| last.bytes().map(|byte| format!("{byte:02x}")).collect());
    Ok((items, marker))
}

fn decode(marker: &str) -> Option<String> {
    let (pairs, rest) = marker.as_bytes().as_chunks::<2>();
    let byte = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
    String::from_utf8(bytes.filter(|_| rest.is_empty())?).ok()
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn pages_follow_each_other() {
        let items: Vec<u32> = (0..120).collect();
        let key = |item: &u32| format!("{item:05}");
        let (mut seen, mut marker) = (Vec::new(), None::<String>);
        loop {
            let found = page(items.clone(), key, marker.as_deref(), Some(10_000));
            let (some, next) = found.unwrap_or_else(|_| panic!("a page"));
            assert!(some.len() <= 50);
            seen.extend(some);
            match next {
                Some(next) => marker = Some(next),
                None => break,
            }
        }
        assert_eq!(seen, items);
        for bad in ["x", "0", "zz", "ff"] {
            assert!(page(items.clone(), key, Some(bad), None).is_err(), "{bad}");
        }
    }
}
