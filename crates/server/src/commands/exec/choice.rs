//! What `--secret` says: `NAME`, `NAME:KEY`, `NAME:KEY=VARIABLE` or `NAME:=VARIABLE`.

use std::str::FromStr;

use crate::values::is_variable;

/// How many parts an ARN of a secret has.
const PARTS_OF_ARN: usize = 7;

/// A secret, and what of it is given.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// The name or ARN.
    pub(super) secret: String,
    /// What of it.
    pub(super) pick: Pick,
}

/// What of a secret is given. Where no variable is named, one is made.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pick {
    /// Each key of an object, or the whole.
    All,
    /// The whole.
    Whole(Option<String>),
    /// One key.
    Key(String, Option<String>),
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = match text.starts_with("arn:") {
            true => PARTS_OF_ARN,
            false => 1,
        };
        let mut colons = text.match_indices(':').map(|(place, _)| place);
        let end = colons.nth(parts - 1);
        let (secret, rest) = match end.and_then(|end| text.split_at_checked(end)) {
            Some((secret, rest)) => (secret, rest.strip_prefix(':')),
            None => (text, None),
        };
        if secret.is_empty() {
            return Err(format!("`{text}` names no secret: write NAME:KEY=VARIABLE"));
        }
        // Names of variables hold no `=`; keys may.
        let pick = rest.map(|rest| match rest.rsplit_once('=') {
            Some((key, variable)) if is_variable(variable) => (key, Some(variable.to_owned())),
            _ => (rest, None),
        });
        let pick = match pick {
            None => Pick::All,
            Some(("", variable)) => Pick::Whole(variable),
            Some((key, variable)) => Pick::Key(key.to_owned(), variable),
        };
        Ok(Self {
            secret: secret.to_owned(),
            pick,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_taken_apart() {
        let check = |text: &str, secret: &str, pick: Pick| {
            let secret = secret.to_owned();
            assert_eq!(text.parse(), Ok(Choice { secret, pick }), "{text}");
        };
        let key = |key: &str, variable: Option<&str>| {
            Pick::Key(key.to_owned(), variable.map(str::to_owned))
        };
        check("a/b", "a/b", Pick::All);
        check("a=b", "a=b", Pick::All);
        check("a:k", "a", key("k", None));
        check("a:k=V", "a", key("k", Some("V")));
        check("a:k=l=V_1", "a", key("k=l", Some("V_1")));
        check("a:k=1", "a", key("k=1", None));
        check("a:k:l", "a", key("k:l", None));
        check("a:", "a", Pick::Whole(None));
        check("a:=V", "a", Pick::Whole(Some("V".to_owned())));
        let arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:a-AbC123";
        check(arn, arn, Pick::All);
        check(&format!("{arn}:k=V"), arn, key("k", Some("V")));
        for wrong in ["", ":k", ":"] {
            assert!(wrong.parse::<Choice>().is_err(), "{wrong}");
        }
    }
}
