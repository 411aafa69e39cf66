//! Everything about a signature that can be tested without a key.

use super::RequestHead;
use super::error::SignatureError;
use super::instant;
use super::presented::{Algorithm, Form, Presented};
use crate::value::Timestamp;

/// How far the signer's clock may be off, in both directions.
const TOLERANCE_SECS: i64 = 15 * 60;

const TERMINATOR: &str = "aws4_request";

impl Presented<'_> {
    /// Tests all that needs no key: the time, the scope (which must name `expected_service`,
    /// the service that the request was routed to), that `host` is signed, and that every
    /// `x-amz-*` header which arrived is signed. `now` is the time here.
    ///
    /// # Errors
    ///
    /// The first test that fails.
    pub fn check(
        &self,
        head: &RequestHead<'_>,
        expected_service: &str,
        now: Timestamp,
    ) -> Result<(), SignatureError> {
        self.check_time(now)?;
        if !self.is_signed("host") {
            return Err(SignatureError::HostNotSigned);
        }
        self.check_scope(expected_service)?;
        self.check_coverage(head)
    }

    /// Whether the signature was made for `region`, which for SigV4A means that one of the
    /// patterns in its region set matches.
    pub fn covers_region(&self, region: &str) -> bool {
        match self.algorithm {
            Algorithm::V4 => self.region == region,
            Algorithm::V4a => self
                .region_patterns()
                .any(|pattern| matches(pattern, region)),
        }
    }

    fn check_time(&self, now: Timestamp) -> Result<(), SignatureError> {
        let latest = now.plus_secs(TOLERANCE_SECS);
        if self.signed_at > latest {
            return Err(SignatureError::NotYetCurrent {
                signed_at: instant::basic(self.signed_at).as_str().to_owned(),
                limit: instant::basic(latest).as_str().to_owned(),
                now: instant::basic(now).as_str().to_owned(),
                window: span(TOLERANCE_SECS),
            });
        }
        let good_for = match self.form {
            Form::Header => TOLERANCE_SECS,
            Form::Query { expires_secs } => i64::from(expires_secs),
        };
        let earliest = now.plus_secs(-good_for);
        if self.signed_at < earliest {
            return Err(SignatureError::Expired {
                signed_at: instant::basic(self.signed_at).as_str().to_owned(),
                limit: instant::basic(earliest).as_str().to_owned(),
                now: instant::basic(now).as_str().to_owned(),
                window: span(good_for),
            });
        }
        Ok(())
    }

    fn check_scope(&self, expected_service: &str) -> Result<(), SignatureError> {
        let mut sentences = Vec::new();
        if !self.has_valid_region() {
            sentences.push("Credential should be scoped to a valid region.".to_owned());
        }
        if self.service != expected_service {
            sentences.push(format!(
                "Credential should be scoped to correct service: '{expected_service}'."
            ));
        }
        if self.terminator != TERMINATOR {
            sentences.push(format!(
                "Credential should be scoped with a valid terminator: '{TERMINATOR}'."
            ));
        }
        let signed_at = instant::basic(self.signed_at);
        if !signed_at.is_on(&self.date) {
            let (signed_at, day) = (signed_at.as_str(), signed_at.day());
            sentences.push(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date \
                 from HTTP: '{}' != '{day}', from '{signed_at}'.",
                self.date
            ));
        }
        if sentences.is_empty() {
            return Ok(());
        }
        Err(SignatureError::Scope {
            sentences: sentences.join(" "),
        })
    }

    /// Walks the headers that arrived, not those that were signed: one that was slipped in
    /// later is in the first set only.
    fn check_coverage(&self, head: &RequestHead<'_>) -> Result<(), SignatureError> {
        let mut headers: Vec<String> = head
            .headers
            .keys()
            .map(http::HeaderName::as_str)
            .filter(|name| name.starts_with("x-amz-") && !self.is_signed(name))
            .map(str::to_owned)
            .collect();
        if headers.is_empty() {
            return Ok(());
        }
        headers.sort_unstable();
        Err(SignatureError::HeadersNotSigned { headers })
    }

    fn is_signed(&self, name: &str) -> bool {
        self.signed_headers.has(name)
    }

    fn has_valid_region(&self) -> bool {
        let is_name = |text: &str, also: u8| {
            let valid = |byte: u8| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == also
            };
            (1..=64).contains(&text.len()) && text.bytes().all(valid)
        };
        match self.algorithm {
            Algorithm::V4 => is_name(&self.region, b'-'),
            Algorithm::V4a => self.region_patterns().all(|pattern| is_name(pattern, b'*')),
        }
    }

    fn region_patterns(&self) -> impl Iterator<Item = &str> {
        self.region.split(',').map(str::trim)
    }
}

/// Whether `text` matches `pattern`, in which `*` stands for any run of characters. Each part
/// between stars is taken at its first place, which finds a match whenever there is one.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else {
            return false;
        };
        rest = after;
    }
    rest.ends_with(last)
}

/// `15 min.`, or seconds where it is no whole number of minutes.
fn span(seconds: i64) -> String {
    if seconds % 60 == 0 {
        format!("{} min.", seconds / 60)
    } else {
        format!("{seconds} sec.")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stars_match_any_run() {
        for (pattern, text) in [
            ("*", "us-east-1"),
            ("us-east-1", "us-east-1"),
            ("us-*", "us-west-2"),
            ("*-1", "us-east-1"),
            ("us-*-1", "us-gov-east-1"),
            ("u*e*1", "us-east-1"),
            ("**", ""),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "us-east-1"),
            ("us", "us-east-1"),
            ("us-*", "eu-west-1"),
            ("us-*-2", "us-east-1"),
            ("us-east-1*1", "us-east-1"),
            ("*x*", "us-east-1"),
            ("us-east-1", "us-east-12"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    proptest! {
        #[test]
        fn a_star_can_replace_any_part(text in "[a-c]{0,8}", start in 0usize..8, length in 0usize..8) {
            let start = start.min(text.len());
            let end = (start + length).min(text.len());
            let pattern = format!("{}*{}", &text[..start], &text[end..]);
            prop_assert!(matches(&pattern, &text), "{} {}", pattern, text);
        }

        #[test]
        fn matching_agrees_with_trying_everything(pattern in "[ab*]{0,6}", text in "[ab]{0,6}") {
            prop_assert_eq!(matches(&pattern, &text), tries(pattern.as_bytes(), text.as_bytes()));
        }
    }

    fn tries(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((b'*', pattern)), None) => tries(pattern, text),
            (Some((b'*', shorter)), Some((_, rest))) => {
                tries(shorter, text) || tries(pattern, rest)
            }
            (Some((a, pattern)), Some((b, text))) => a == b && tries(pattern, text),
            _ => false,
        }
    }
}
