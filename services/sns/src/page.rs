//! Lists in pages (`NextToken`).

use platform::Result;

use crate::refusals;

/// How many items a page has (ListTopics, ListSubscriptions).
const MOST: usize = 100;

/// The page of `arns`, which are in their order, that begins behind `token`, and the token of the
/// next one if there is one. A token is the last ARN in hexadecimal digits.
pub(crate) fn page(
    mut arns: Vec<String>,
    token: Option<&str>,
) -> Result<(Vec<String>, Option<String>)> {
    if let Some(token) = token {
        let last = decode(token).ok_or_else(|| refusals::bad("NextToken"))?;
        arns.retain(|arn| *arn > last);
    }
    let is_cut = arns.len() > MOST;
    arns.truncate(MOST);
    let last = arns.last().filter(|_| is_cut);
    let token = last.map(|last| last.bytes().map(|byte| format!("{byte:02x}")).collect());
    Ok((arns, token))
}

fn decode(token: &str) -> Option<String> {
    let (pairs, rest) = token.as_bytes().as_chunks::<2>();
    let byte = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
    let bytes = bytes.filter(|bytes| rest.is_empty() && !bytes.is_empty())?;
    String::from_utf8(bytes).ok()
}
