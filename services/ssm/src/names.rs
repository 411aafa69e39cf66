//! Names and ARNs of parameters, and what may follow them ("Parameter name requirements and
//! constraints", Systems Manager user guide).

use std::fmt;

use platform::{Ctx, is_account, partition};
use store::Key;
use wire::Fault;

use crate::refusals;

/// How deep a hierarchy may be, the parameter itself with it.
const MOST_LEVELS: usize = 15;
/// The most characters of an ARN, and thereby of a name (PutParameter, `Name`).
const MOST_IN_ARN: usize = 1011;
/// What names of AWS's own parameters begin with.
pub(crate) const PUBLIC: &str = "/aws/service/";
/// What names begin with that stand for secrets of Secrets Manager.
pub(crate) const SECRETS: &str = "/aws/reference/secretsmanager/";

/// Where a parameter is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) account: String,
    pub(crate) region: String,
    /// The name. Of a name without hierarchy an ARN does not tell whether it begins with a slash.
    pub(crate) name: String,
}

impl Place {
    /// The parameter of this name that the caller's account has in the call's Region.
    pub(crate) fn own(ctx: &Ctx, name: &str) -> Self {
        Self {
            account: ctx.account().to_owned(),
            region: ctx.region.clone(),
            name: name.to_owned(),
        }
    }

    /// The ARN. AWS's own parameters belong to no account.
    pub(crate) fn arn(&self) -> String {
        let Self {
            account,
            region,
            name,
        } = self;
        let account = match name.starts_with(PUBLIC) {
            true => "",
            false => account,
        };
        let name = name.strip_prefix('/').unwrap_or(name);
        let partition = partition(region);
        // Every call makes some, and the formatting machinery takes its time.
        [
            "arn:",
            partition,
            ":ssm:",
            region,
            ":",
            account,
            ":parameter/",
            name,
        ]
        .concat()
    }

    /// The parameter of this ARN.
    pub(crate) fn of_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let (head, split, service) = (parts.next()?, parts.next()?, parts.next()?);
        let (region, account) = (parts.next()?, parts.next()?);
        let name = parts.next()?.strip_prefix("parameter/")?;
        let is_parameter = head == "arn"
            && service == "ssm"
            && split == partition(region)
            && (is_account(account) || account.is_empty())
            && !name.starts_with('/');
        is_parameter.then(|| Self {
            account: account.to_owned(),
            region: region.to_owned(),
            name: format!("/{name}"),
        })
    }

    /// Where the record is.
    pub(crate) fn key(&self) -> Key {
        let name = self.name.strip_prefix('/').unwrap_or(&self.name);
        let (path, leaf) = name.rsplit_once('/').unwrap_or(("", name));
        level(&self.account, &self.region, path).with(leaf)
    }
}

/// What stands directly at this level of the hierarchy. A segment is never empty, so that an empty
/// one can stand between a level and its parameters: whatever is deeper has another prefix.
pub(crate) fn level(account: &str, region: &str, path: &str) -> Key {
    below(account, region, path).with("")
}

/// What stands below this level of the hierarchy, however deep.
pub(crate) fn below(account: &str, region: &str, path: &str) -> Key {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    Key::new(account, region, segments)
}

/// The version of a parameter that a reader asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Selector {
    Version(i64),
    Label(String),
}

impl Selector {
    fn parse(text: &str) -> Self {
        match text.parse() {
            Ok(version) => Self::Version(version),
            Err(_) => Self::Label(text.to_owned()),
        }
    }
}

/// As answers show it.
impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => write!(f, ":{version}"),
            Self::Label(label) => write!(f, ":{label}"),
        }
    }
}

/// A parameter as a reader names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) place: Place,
    pub(crate) selector: Option<Selector>,
    /// Whether the name may begin with a slash or not.
    pub(crate) by_arn: bool,
}

impl Reference {
    /// A name or an ARN, with a version or a label behind it.
    pub(crate) fn parse(ctx: &Ctx, text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        let (place, selector, by_arn) = if text.starts_with("arn:") {
            let mut parts = text.splitn(7, ':');
            let arn: Vec<&str> = parts.by_ref().take(6).collect();
            let place = Place::of_arn(&arn.join(":")).ok_or_else(refusals::bad_name)?;
            (place, parts.next(), true)
        } else {
            let (name, selector) = match text.split_once(':') {
                Some((name, selector)) => (name, Some(selector)),
                None => (text, None),
            };
            (Place::own(ctx, name), selector, false)
        };
        let wrong = match is_secret(&place.name) {
            // Of the name, Secrets Manager decides.
            true => selector
                .is_some_and(|it| !is_selector(it))
                .then(refusals::bad_secret_selector),
            false => (!is_name(&place.name) || selector.is_some_and(|it| !is_selector(it)))
                .then(refusals::bad_name),
        };
        if let Some(wrong) = wrong {
            return Err(wrong);
        }
        Ok(Self {
            place,
            selector: selector.map(Selector::parse),
            by_arn,
        })
    }

    /// Whether it stands for a secret of Secrets Manager.
    pub(crate) fn is_secret(&self) -> bool {
        is_secret(&self.place.name)
    }

    /// The same, where no version can be chosen.
    pub(crate) fn without_selector(ctx: &Ctx, text: &str) -> Result<Self, Fault> {
        let parsed = Self::parse(ctx, text)?;
        match parsed.selector {
            Some(_) => Err(refusals::bad_name()),
            None => Ok(parsed),
        }
    }
}

/// The caller's own parameter of this name, where no ARN can be given.
pub(crate) fn own(ctx: &Ctx, name: &str) -> Result<Place, Fault> {
    let name = name.trim();
    match is_name(name) {
        true => Ok(Place::own(ctx, name)),
        false => Err(refusals::bad_name()),
    }
}

/// Checks the name of a parameter that is to be made or changed.
pub(crate) fn check_new(place: &Place) -> Result<(), Fault> {
    let name = place.name.as_str();
    check_unreserved(name)?;
    let bare = name.strip_prefix('/').unwrap_or(name);
    if begins_with(bare, "ssm") {
        return Err(refusals::bad_name());
    }
    if name.contains('/') && !name.starts_with('/') {
        return Err(refusals::not_fully_qualified());
    }
    if !is_name(name) {
        return Err(refusals::bad_name());
    }
    if place.arn().chars().count() > MOST_IN_ARN {
        return Err(refusals::name_too_long(MOST_IN_ARN));
    }
    match bare.split('/').count() > MOST_LEVELS {
        true => Err(refusals::too_deep()),
        false => Ok(()),
    }
}

/// Checks that a parameter is none of AWS's own, which nobody makes or deletes.
pub(crate) fn check_unreserved(name: &str) -> Result<(), Fault> {
    let name = name.trim();
    match begins_with(name.strip_prefix('/').unwrap_or(name), "aws") {
        true => Err(refusals::reserved_name(name)),
        false => Ok(()),
    }
}

/// Checks a path whose parameters are asked for.
pub(crate) fn check_path(path: &str) -> Result<(), Fault> {
    let inner = path.strip_prefix('/').ok_or_else(refusals::bad_path)?;
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    match inner.is_empty() || inner.split('/').all(is_segment) {
        true => Ok(()),
        false => Err(refusals::bad_path()),
    }
}

fn is_secret(name: &str) -> bool {
    name.strip_prefix(SECRETS)
        .is_some_and(|secret| !secret.is_empty())
}

/// A name whose hierarchy, if it has one, begins with a slash.
pub(crate) fn is_name(name: &str) -> bool {
    let inner = name.strip_prefix('/');
    let is_qualified = inner.is_some() || !name.contains('/');
    is_qualified && inner.unwrap_or(name).split('/').all(is_segment)
}

fn is_segment(segment: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    !segment.is_empty() && segment.bytes().all(is_letter)
}

fn is_selector(text: &str) -> bool {
    text.len() <= 128 && is_segment(text)
}

/// Whether `text` begins with `start`, in upper or lower case.
pub(crate) fn begins_with(text: &str, start: &str) -> bool {
    let begins = text.get(..start.len());
    begins.is_some_and(|begins| begins.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(name: &str) -> Place {
        Place {
            account: "111122223333".to_owned(),
            region: "eu-west-2".to_owned(),
            name: name.to_owned(),
        }
    }

    #[test]
    fn new_names_are_as_documented() {
        let deep = "/l".repeat(15);
        let too_deep = "/l".repeat(16);
        let rest = 1011 - "arn:aws:ssm:eu-west-2:111122223333:parameter/".len();
        let (long, too_long) = ("n".repeat(rest), "n".repeat(rest + 1));
        for (name, code) in [
            ("a", None),
            ("/a", None),
            ("/Dev/Production/East/Project-ABC/My_Parameter.1", None),
            ("/a/../b", None),
            (&*deep, None),
            (&*long, None),
            (&*too_deep, Some("HierarchyLevelLimitExceededException")),
            (&*too_long, Some("ValidationException")),
            ("a/b", Some("ValidationException")),
            ("/", Some("ValidationException")),
            ("", Some("ValidationException")),
            ("//a", Some("ValidationException")),
            ("/a//b", Some("ValidationException")),
            ("/a/", Some("ValidationException")),
            ("a b", Some("ValidationException")),
            ("/ä", Some("ValidationException")),
            ("a:1", Some("ValidationException")),
            ("ssm", Some("ValidationException")),
            ("/SSM-x/y", Some("ValidationException")),
            ("awslimits", Some("AccessDeniedException")),
            ("/AWS/service/x", Some("AccessDeniedException")),
        ] {
            let refused = check_new(&place(name)).err();
            let refused = refused.map(|fault| fault.code(wire::Protocol::Json11));
            assert_eq!(refused, code, "{name}");
        }
    }

    #[test]
    fn an_arn_names_a_parameter_or_nothing() {
        let arn = "arn:aws:ssm:eu-west-2:111122223333:parameter/a/b";
        assert_eq!(Place::of_arn(arn), Some(place("/a/b")));
        for other in [
            "arn:aws:ssm:eu-west-2:111122223333:document/a",
            "arn:aws:sqs:eu-west-2:111122223333:parameter/a",
            "arn:aws-cn:ssm:eu-west-2:111122223333:parameter/a",
            "arn:aws:ssm:eu-west-2:1:parameter/a",
            "arn:aws:ssm:eu-west-2:111122223333:parameter//a",
        ] {
            assert_eq!(Place::of_arn(other), None, "{other}");
        }
        let public = place("/aws/service/x").arn();
        assert_eq!(public, "arn:aws:ssm:eu-west-2::parameter/aws/service/x");
    }

    proptest! {
        #[test]
        fn a_level_holds_its_own_and_no_deeper_ones(
            path in prop::collection::vec("[ab]", 0..3), inner in prop::collection::vec("[ab]", 1..3)
        ) {
            let joined = path.join("/");
            let name = path.iter().chain(&inner).fold(String::new(), |all, it| all + "/" + it);
            let key = place(&name).key();
            let parts: Vec<&str> = key.parts().collect();
            let within = |prefix: &Key| {
                let prefix: Vec<&str> = prefix.parts().collect();
                parts.starts_with(&prefix)
            };
            prop_assert!(within(&below("111122223333", "eu-west-2", &joined)));
            let directly = within(&level("111122223333", "eu-west-2", &joined));
            prop_assert_eq!(directly, inner.len() == 1);
            prop_assert_eq!(Place::of_arn(&place(&name).arn()), Some(place(&name)));
        }
    }
}
