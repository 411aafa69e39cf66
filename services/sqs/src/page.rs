//! Lists in pages (`NextToken`, `MaxResults`).

use platform::Result;

use crate::refusals;

/// How many items an answer has at most.
const MOST: usize = 1000;

/// The page of `names`, which are in their order, that begins behind `token`, and the token of the
/// next one, which only those get who ask for pages.
pub(crate) fn page(
    mut names: Vec<String>,
    token: Option<&str>,
    asked: Option<i32>,
) -> Result<(Vec<String>, Option<String>)> {
    let limit = match asked {
        None => MOST,
        Some(asked) => {
            let limit = usize::try_from(asked).ok();
            let limit = limit.filter(|limit| (1..=MOST).contains(limit));
            limit.ok_or_else(|| {
                let reason = "MaxResults must be an integer between 1 and 1000.";
                refusals::bad_value("MaxResults", &asked.to_string(), reason)
            })?
        }
    };
    if let Some(token) = token {
        let last = decode(token);
        let last = last.ok_or_else(|| refusals::invalid("Invalid NextToken value."))?;
        names.retain(|name| *name > last);
    }
    let is_cut = names.len() > limit && asked.is_some();
    names.truncate(limit);
    let last = names.last().filter(|_| is_cut);
    let token = last.map(|last| encode(last));
    Ok((names, token))
}

/// A token is the last name in hexadecimal digits.
fn encode(name: &str) -> String {
    let digits = name.bytes().map(|byte| format!("{byte:02x}"));
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
        let all: Vec<_> = (0..23).map(|number| format!("queue-{number:02}")).collect();
        for size in 1..30 {
            let (mut seen, mut token) = (Vec::new(), None);
            loop {
                let paged = page(all.clone(), token.as_deref(), Some(size)).ok();
                let (names, next) = paged.expect("a token of ours");
                assert!(names.len() <= size as usize);
                seen.extend(names);
                token = next;
                if token.is_none() {
                    break;
                }
            }
            assert_eq!(seen, all);
        }
        for (token, size) in [
            (Some("zz"), None),
            (Some(""), None),
            (None, Some(0)),
            (None, Some(1001)),
        ] {
            assert!(page(all.clone(), token, size).is_err());
        }
    }
}
