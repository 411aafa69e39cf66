//! Names and ARNs of functions ("FunctionName", Lambda API reference): a name, a partial ARN
//! (`123456789012:function:name`) or an ARN, each with or without a qualifier behind a colon.

use api::lambda::{InvalidParameterValueException, ResourceNotFoundException};
use platform::{Ctx, is_account, is_region, partition};
use store::Key;
use wire::Fault;

/// The version that is not published, as AWS calls it.
pub(crate) const LATEST: &str = "$LATEST";
/// The longest name of a function, where no ARN stands around it.
const LONGEST: usize = 64;

/// Where a function is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FunctionPlace {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
}

impl FunctionPlace {
    /// The ARN, without a qualifier.
    pub(crate) fn arn(&self) -> String {
        let Self {
            account,
            region,
            name,
        } = self;
        let partition = partition(region);
        format!("arn:{partition}:lambda:{region}:{account}:function:{name}")
    }

    /// The ARN with a qualifier, if there is one.
    pub(crate) fn qualified(&self, qualifier: Option<&str>) -> String {
        match qualifier {
            None => self.arn(),
            Some(qualifier) => format!("{}:{qualifier}", self.arn()),
        }
    }

    /// Where its record is, and below that everything of the function.
    pub(crate) fn key(&self) -> Key {
        Key::new(&self.account, &self.region, [self.name.as_str()])
    }
}

/// A function, and what of it a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) place: FunctionPlace,
    /// A version or an alias; none where a request names the function alone.
    pub(crate) qualifier: Option<String>,
}

impl Asked {
    /// What a request names by its function's name and, where it has one, its qualifier.
    pub(crate) fn of(ctx: &Ctx, text: &str, qualifier: Option<&str>) -> Result<Self, Fault> {
        let mut asked = Self::in_region(text, (ctx.account(), &ctx.region))?;
        if let Some(qualifier) = qualifier {
            if asked
                .qualifier
                .as_deref()
                .is_some_and(|own| own != qualifier)
            {
                return Err(InvalidParameterValueException::new(
                    "The derived qualifier from the function name does not match the specified \
                     qualifier.",
                ));
            }
            asked.qualifier = Some(qualifier.to_owned());
        }
        Ok(asked)
    }

    /// What an ARN or a name means to an account in a Region.
    pub(crate) fn in_region(text: &str, (account, own): (&str, &str)) -> Result<Self, Fault> {
        let bad = || InvalidParameterValueException::new(format!("Invalid function name: {text}"));
        let mut parts: Vec<&str> = text.split(':').collect();
        if let ["arn", split, "lambda", ..] = *parts {
            if split != partition(own) {
                return Err(bad());
            }
            parts.drain(..3);
        }
        let mut account = account.to_owned();
        if let [region, _, ..] = *parts
            && is_region(region)
        {
            if region != own {
                return Err(elsewhere(region, own));
            }
            parts.remove(0);
        }
        if let [named, _, ..] = *parts
            && is_account(named)
        {
            named.clone_into(&mut account);
            parts.remove(0);
        }
        if let ["function", _, ..] = *parts {
            parts.remove(0);
        }
        let (name, qualifier) = match *parts {
            [name] => (name, None),
            [name, qualifier] => (name, Some(qualifier.to_owned())),
            _ => return Err(bad()),
        };
        check_name(name)?;
        let place = FunctionPlace {
            account,
            region: own.to_owned(),
            name: name.to_owned(),
        };
        Ok(Self { place, qualifier })
    }

    /// The ARN as the request qualifies it.
    pub(crate) fn arn(&self) -> String {
        self.place.qualified(self.qualifier.as_deref())
    }
}

/// Whether a qualifier is the name of an alias: it is not a number, and no version is called so.
pub(crate) fn is_alias(qualifier: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    qualifier.bytes().all(is_letter) && !qualifier.bytes().all(|byte| byte.is_ascii_digit())
}

fn check_name(name: &str) -> Result<(), Fault> {
    if name.len() > LONGEST {
        return Err(InvalidParameterValueException::new(format!(
            "1 validation error detected: Value '{name}' at 'functionName' failed to satisfy \
             constraint: Member must have length less than or equal to {LONGEST}"
        )));
    }
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    match !name.is_empty() && name.bytes().all(is_letter) {
        true => Ok(()),
        false => Err(InvalidParameterValueException::new(format!(
            "Invalid function name: {name}"
        ))),
    }
}

fn elsewhere(region: &str, own: &str) -> Fault {
    ResourceNotFoundException::new(format!(
        "Functions from '{region}' are not reachable in this region ('{own}')"
    ))
}
