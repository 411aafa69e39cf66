//! Names and ARNs of secrets ("What's in a Secrets Manager secret?", and "Finding a secret from a
//! partial ARN", user guide).

use platform::{Ctx, is_account, partition};
use serde::{Deserialize, Serialize};
use store::Key;
use wire::Fault;

use crate::refusals;

/// How many random characters end an ARN, behind a hyphen.
pub(crate) const SUFFIX_LEN: usize = 6;
/// The most characters of a name.
const MOST_IN_NAME: usize = 512;
/// Stands for the random characters of a secret that does not exist.
pub(crate) const UNKNOWN_SUFFIX: &str = "??????";

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
}

impl Place {
    /// The secret of this name that the caller's account has in the call's Region.
    pub(crate) fn own(ctx: &Ctx, name: &str) -> Self {
        Self {
            account: ctx.account().to_owned(),
            region: ctx.region.clone(),
            name: name.to_owned(),
        }
    }

    /// The secret of the same name in another Region.
    pub(crate) fn in_region(&self, region: &str) -> Self {
        Self {
            region: region.to_owned(),
            ..self.clone()
        }
    }

    /// Where the record is.
    pub(crate) fn key(&self) -> Key {
        Key::new(&self.account, &self.region, [self.name.as_str()])
    }

    /// The ARN of the secret with these random characters.
    pub(crate) fn arn(&self, suffix: &str) -> String {
        let Self {
            account,
            region,
            name,
        } = self;
        let partition = partition(region);
        // Every call makes some, and the formatting machinery takes its time.
        [
            "arn:",
            partition,
            ":secretsmanager:",
            region,
            ":",
            account,
            ":secret:",
            name,
            "-",
            suffix,
        ]
        .concat()
    }
}

/// A secret as a request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) place: Place,
    /// The random characters, where an ARN has them.
    pub(crate) suffix: Option<String>,
    /// What the caller wrote.
    pub(crate) text: String,
}

impl Reference {
    /// Reads a name, an ARN, or an ARN without the random characters.
    ///
    /// An ARN that ends in a hyphen and six characters is a whole one, whatever names there are.
    pub(crate) fn parse(ctx: &Ctx, text: &str) -> Result<Self, Fault> {
        let (place, suffix) = match text.starts_with("arn:") {
            false => (Place::own(ctx, text), None),
            true => of_arn(text).ok_or_else(refusals::bad_name)?,
        };
        check(&place.name)?;
        Ok(Self {
            place,
            suffix,
            text: text.to_owned(),
        })
    }

    /// The ARN for decisions about a secret that does not exist.
    pub(crate) fn unknown_arn(&self) -> String {
        let suffix = self.suffix.as_deref();
        self.place.arn(suffix.unwrap_or(UNKNOWN_SUFFIX))
    }
}

/// Refuses a name with other characters than names have (CreateSecret, `Name`).
pub(crate) fn check(name: &str) -> Result<(), Fault> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+=.@-!".contains(&byte);
    let is_name = !name.is_empty() && name.len() <= MOST_IN_NAME && name.bytes().all(is_part);
    match is_name {
        true => Ok(()),
        false => Err(refusals::bad_name()),
    }
}

/// The place that an ARN names, and the random characters where it has them.
pub(crate) fn of_arn(arn: &str) -> Option<(Place, Option<String>)> {
    let mut parts = arn.splitn(7, ':');
    let (head, split, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, account, kind) = (parts.next()?, parts.next()?, parts.next()?);
    let named = parts.next()?;
    let is_secret = head == "arn"
        && split == partition(region)
        && service == "secretsmanager"
        && kind == "secret"
        && is_account(account);
    let (name, suffix) = match split_suffix(named) {
        Some((name, suffix)) => (name, Some(suffix.to_owned())),
        None => (named, None),
    };
    is_secret.then(|| {
        let place = Place {
            account: account.to_owned(),
            region: region.to_owned(),
            name: name.to_owned(),
        };
        (place, suffix)
    })
}

fn split_suffix(named: &str) -> Option<(&str, &str)> {
    let (name, suffix) = named.rsplit_once('-')?;
    let is_suffix =
        suffix.len() == SUFFIX_LEN && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_suffix && !name.is_empty()).then_some((name, suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(named: &str) -> Option<(String, Option<String>)> {
        let arn = format!("arn:aws:secretsmanager:us-east-1:111122223333:secret:{named}");
        of_arn(&arn).map(|(place, suffix)| (place.name, suffix))
    }

    #[test]
    fn six_characters_behind_a_hyphen_are_the_random_ones() {
        let whole = |name: &str, suffix: &str| Some((name.to_owned(), Some(suffix.to_owned())));
        let part = |name: &str| Some((name.to_owned(), None));
        assert_eq!(parsed("a/b-AbC123"), whole("a/b", "AbC123"));
        assert_eq!(parsed("my-secret"), whole("my", "secret"));
        assert_eq!(parsed("my-secret-AbC123"), whole("my-secret", "AbC123"));
        assert_eq!(parsed("a/b"), part("a/b"));
        assert_eq!(parsed("a-b"), part("a-b"));
        assert_eq!(parsed("a-b_cdef"), part("a-b_cdef"));
        assert_eq!(parsed("-AbC123"), part("-AbC123"));
    }

    #[test]
    fn other_arns_name_no_secret() {
        for arn in [
            "arn:aws:ssm:us-east-1:111122223333:secret:a",
            "arn:aws-cn:secretsmanager:us-east-1:111122223333:secret:a",
            "arn:aws:secretsmanager:us-east-1:1:secret:a",
            "arn:aws:secretsmanager:us-east-1:111122223333:a",
        ] {
            assert_eq!(of_arn(arn), None, "{arn}");
        }
    }

    #[test]
    fn names_have_few_characters() {
        for name in ["a", "A9/_+=.@-!", &"n".repeat(512)] {
            assert!(check(name).is_ok(), "{name}");
        }
        for name in ["", "a b", "a:b", "a?", "\u{e9}", &"n".repeat(513)] {
            assert!(check(name).is_err(), "{name}");
        }
    }
}
