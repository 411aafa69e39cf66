//! Webhooks as targets of destinations: `arn:aws:logs:REGION:ACCOUNT:webhook:https://host/path`.
//!
//! AWS has no such target: there a stream of Kinesis takes the events, and something else sends
//! them on (decision 17).

use platform::partition;

/// The most bytes of a URL.
const MOST_BYTES: usize = 2048;

/// The URL that a target's ARN names, if it is that of a webhook of this account and Region.
pub(crate) fn url<'a>(target_arn: &'a str, account: &str, region: &str) -> Option<&'a str> {
    let start = format!("arn:{}:logs:{region}:{account}:webhook:", partition(region));
    let url = target_arn.strip_prefix(&start)?;
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, _) = rest.split_at(end);
    // What stands in front of an `@` is a password, which no answer and no record may show.
    let is_plain = !host.is_empty() && !host.contains('@') && url.len() <= MOST_BYTES;
    let is_visible = url
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'#');
    (is_plain && is_visible).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_the_own_account_alone() {
        let url = |arn: &str| url(arn, "111122223333", "eu-west-2").map(str::to_owned);
        let arn = |rest: &str| format!("arn:aws:logs:eu-west-2:111122223333:webhook:{rest}");
        for good in [
            "https://collector.example",
            "https://collector.example:8443/a/b?c=d:e",
            "http://[2001:db8::1]/",
        ] {
            assert_eq!(url(&arn(good)).as_deref(), Some(good));
        }
        let long = format!("https://a/{}", "x".repeat(MOST_BYTES));
        for wrong in [
            "",
            "https://",
            "https:///path",
            "https://user:word@host/",
            "https://host/a b",
            "https://host/#part",
            "ftp://host/",
            "https://h\u{f6}st/",
            &long,
        ] {
            assert_eq!(url(&arn(wrong)), None, "{wrong}");
        }
        for (one, other) in [("eu-west-2", "eu-west-1"), ("111122223333", "444455556666")] {
            assert_eq!(url(&arn("https://host/").replace(one, other)), None);
        }
    }
}
