//! What of an event CloudTrail tells. The journal knows which resources every call touched; the
//! management events of some services do not list them.

use std::borrow::Cow;

use wire::json::Members;

/// How the member begins that only the journal has. It is the last one of its event.
pub(crate) const BEGIN: &str = r#""touched":["#;

const NAME: &str = "touched";

/// An event of the journal as CloudTrail tells it.
pub fn told(event: &[u8]) -> Cow<'_, [u8]> {
    let kept = end(event).and_then(|end| event.get(..end));
    match kept {
        Some(kept) => Cow::Owned([kept, b"}"].concat()),
        None => Cow::Borrowed(event),
    }
}

/// Makes an event of the journal one that CloudTrail tells.
pub fn tell(event: &mut Vec<u8>) {
    if let Some(end) = end(event) {
        event.truncate(end);
        event.push(b'}');
    }
}

/// Where the members that CloudTrail knows end, if there are others.
fn end(event: &[u8]) -> Option<usize> {
    // No other event ends with a list: the rest need not be read.
    let text = str::from_utf8(event.strip_suffix(b"]}").map(|_| event)?).ok()?;
    let (_, list) = Members::of(text).find(|(name, _)| *name == NAME)?;
    let last = format!(r#","{NAME}":{list}}}"#);
    text.strip_suffix(&last).map(str::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(event: &str, expected: &str) {
        assert_eq!(told(event.as_bytes()), expected.as_bytes());
        let mut event = event.as_bytes().to_vec();
        tell(&mut event);
        assert_eq!(event, expected.as_bytes());
    }

    #[test]
    fn the_list_is_cut_off() {
        check(
            r#"{"a":{"b":"c"},"touched":[{"ARN":"arn:x","accountId":"1"}]}"#,
            r#"{"a":{"b":"c"}}"#,
        );
    }

    #[test]
    fn what_is_called_so_inside_is_left() {
        for event in [
            r#"{"a":{"b":"c"}}"#,
            r#"{"a":{"touched":["x"]}}"#,
            r#"{"a":[{"touched":["x"]}]}"#,
            r#"{"a":"\",\"touched\":[]","b":["x"]}"#,
            r#"{"touched":["x"],"b":["x"]}"#,
            "[]}",
            "",
        ] {
            check(event, event);
        }
    }
}
