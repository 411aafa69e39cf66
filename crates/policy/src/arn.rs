//! ARN patterns: matched segment by segment.
//!
//! `arn:partition:service:region:account:resource`. A wildcard in one of the
//! first five segments stays within it; in the last it also spans colons
//! (IAM user guide, "Resource"). So `arn:aws:s3:::*` is every bucket, and no
//! object name with colons in it can pass for another account's resource.

use crate::condition::Conditions;
use crate::pattern::{Pattern, Syntax};

pub(crate) const SEGMENTS: usize = 6;

/// The place of the account among the segments.
const ACCOUNT: usize = 4;

/// A compiled pattern of ARNs, or `*`.
#[derive(Debug, Clone)]
pub(crate) struct ArnPattern(Shape);

#[derive(Debug, Clone)]
enum Shape {
    /// `*`, or a literal ARN.
    Whole(Pattern),
    /// Exactly six; the last takes the rest of the ARN.
    Segments(Box<[Pattern]>),
}

impl ArnPattern {
    /// Whether what it matches is all in accounts that it names.
    pub(crate) fn names_account(&self) -> bool {
        match &self.0 {
            Shape::Whole(whole) => whole.literal().is_some(),
            Shape::Segments(segments) => {
                let account = segments.get(ACCOUNT).and_then(Pattern::literal);
                account.is_some_and(|account| !account.is_empty())
            }
        }
    }

    /// A pattern of the `Resource` element. What lacks of its six segments may
    /// be anything: `arn:aws:sqs` is `arn:aws:sqs:*:*:*` (IAM user guide,
    /// "Resource", incomplete ARNs).
    pub(crate) fn resource(text: &str, variables: bool) -> Result<Self, String> {
        let syntax = Syntax {
            wildcards: true,
            variables,
            fold: false,
        };
        let segments = split(text, variables);
        let whole = Pattern::parse(text, syntax)?;
        let complete = segments.len() == SEGMENTS;
        if text == "*" || (complete && whole.literal().is_some()) {
            return Ok(Self(Shape::Whole(whole)));
        }
        let missing = std::iter::repeat_n("*", SEGMENTS.saturating_sub(segments.len()));
        let segments = segments
            .into_iter()
            .chain(missing)
            .map(|segment| Pattern::parse(segment, syntax));
        Ok(Self(Shape::Segments(segments.collect::<Result<_, _>>()?)))
    }

    /// A value of an ARN condition operator: `*`, or six segments. `None` for
    /// anything else, which no ARN can match.
    pub(crate) fn condition(text: &str, variables: bool) -> Result<Option<Self>, String> {
        let complete = text == "*" || split(text, variables).len() == SEGMENTS;
        if complete {
            Self::resource(text, variables).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Whether it is `*`.
    pub(crate) fn is_any(&self) -> bool {
        matches!(&self.0, Shape::Whole(pattern) if pattern.is_any())
    }

    pub(crate) fn matches(&self, arn: &str, conditions: &dyn Conditions) -> bool {
        let patterns = match &self.0 {
            Shape::Whole(pattern) => return pattern.matches(arn, conditions),
            Shape::Segments(patterns) => patterns,
        };
        let mut segments = arn.splitn(SEGMENTS, ':');
        patterns.iter().all(|pattern| {
            segments
                .next()
                .is_some_and(|segment| pattern.matches(segment, conditions))
        })
    }
}

/// Whether `text` has the six segments of an ARN.
pub(crate) fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.splitn(SEGMENTS, ':').count() == SEGMENTS
}

/// Whether `text` is an account id: twelve digits.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// At most six segments; colons inside `${..}` do not separate.
pub(crate) fn split(text: &str, variables: bool) -> Vec<&str> {
    let mut segments = Vec::new();
    let (mut start, mut inside, mut previous) = (0, false, ' ');
    for (at, character) in text.char_indices() {
        match character {
            '{' if variables && previous == '$' => inside = true,
            '}' => inside = false,
            ':' if !inside && segments.len() + 1 < SEGMENTS => {
                segments.extend(text.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
        previous = character;
    }
    segments.extend(text.get(start..));
    segments
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::condition::Values;

    struct Nothing;

    impl Conditions for Nothing {
        fn values(&self, _: &str) -> Option<Values<'_>> {
            None
        }
    }

    fn resource(pattern: &str, arn: &str) -> bool {
        ArnPattern::resource(pattern, true)
            .unwrap()
            .matches(arn, &Nothing)
    }

    #[test]
    fn wildcards_stay_within_their_segment_except_in_the_last() {
        let arn = "arn:aws:logs:us-east-1:111111111111:log-group:a:log-stream:b";
        assert!(resource("*", arn));
        assert!(resource("arn:aws:logs:*:*:*", arn));
        assert!(resource("arn:*:logs:us-*:111111111111:log-group:*:b", arn));
        assert!(resource("arn:aws:logs:*", arn));
        assert!(!resource("arn:aws:logs:*:222222222222:*", arn));
        assert!(resource("arn:aws:logs", arn));
        assert!(resource("arn:aws:logs:us-east-1:111111111111", arn));
        assert!(!resource("arn:aws:log", arn));
        assert!(!resource("arn:aws:logs:*:log-stream:b", arn));
        let forged = "arn:aws:s3:::mine/x:222222222222:theirs/y";
        assert!(!resource("arn:aws:s3:*:222222222222:theirs/*", forged));
    }

    #[test]
    fn colons_of_variables_do_not_separate() {
        let pattern = "arn:aws:s3:::bkt/${aws:username, 'a:b'}/*";
        assert!(resource(pattern, "arn:aws:s3:::bkt/a:b/x"));
        assert!(!resource(pattern, "arn:aws:s3:::bkt/a/x"));
        let early = "arn:aws:s3:${aws:RequestedRegion, 'eu-west-1'}:1:b*";
        assert!(resource(early, "arn:aws:s3:eu-west-1:1:bkt"));
        assert!(!resource(early, "arn:aws:s3:eu-west-2:1:bkt"));
    }

    #[test]
    fn only_braces_of_variables_keep_colons_together() {
        assert_eq!(split("a:${b:c}:d", true), ["a", "${b:c}", "d"]);
        assert_eq!(split("a:${b:c}:d", false), ["a", "${b", "c}", "d"]);
        assert_eq!(split("a:{b:c}:d", true), ["a", "{b", "c}", "d"]);
        assert_eq!(split("a:$b{c:d", true), ["a", "$b{c", "d"]);
    }

    #[test]
    fn an_arn_has_its_word_and_its_segments() {
        assert!(is_arn("arn:aws:s3:::bkt/a:b"));
        assert!(!is_arn("urn:aws:s3:::bkt"));
        assert!(!is_arn("arn:aws:s3::"));
    }

    #[test]
    fn condition_values_need_all_segments() {
        assert!(ArnPattern::condition("arn:aws:*", true).unwrap().is_none());
        assert!(ArnPattern::condition("*", true).unwrap().is_some());
        assert!(
            ArnPattern::condition("arn:aws:iam::*:user/*", true)
                .unwrap()
                .is_some()
        );
    }

    #[test]
    fn no_arn_matches_only_a_star() {
        assert!(resource("*", "*"));
        assert!(!resource("arn:aws:s3:::*", "*"));
        assert!(!resource("arn:*:*:*:*:*", "*"));
    }
}
