//! Tags of functions (TagResource).

use platform::{Ctx, Result};
use wire::{Entries, Fault};

use crate::access::{self, Function, With};
use crate::names::Asked;
use crate::refusals;

/// The most tags of a function ("Tagging restrictions").
const MOST: usize = 50;

/// The function of an ARN, if the caller may do this to its tags. Of what else can have tags there is
/// nothing here.
pub(crate) async fn tagged(
    ctx: &Ctx,
    action: &'static str,
    arn: &str,
    with: With<'_>,
) -> Result<Function> {
    let is_function = arn.split(':').nth(5) == Some("function");
    let asked = Asked::of(ctx, arn, None).ok().filter(|_| is_function);
    let Some(asked) = asked else {
        access::everything(ctx, action).await?;
        return Err(refusals::no_resource(arn).into());
    };
    let is_qualified = asked.qualifier.is_some();
    let function = access::existing(ctx, action, asked, with).await?;
    match is_qualified {
        false => Ok(function),
        true => Err(refusals::invalid(
            "Tags on function aliases and versions are not supported. Please specify a function ARN.",
        )
        .into()),
    }
}

/// Sets `new` tags beside and over those that there are, sorted by key.
pub(crate) fn set(
    known: &mut Vec<(String, String)>,
    new: Vec<(String, String)>,
) -> Result<(), Fault> {
    let is_reserved = |(key, _): &(String, String)| {
        key.get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
    };
    if new.iter().any(is_reserved) {
        return Err(refusals::invalid(
            "Tag keys that start with 'aws:' are reserved for system use.",
        ));
    }
    known.retain(|(key, _)| !new.iter().any(|(other, _)| other == key));
    known.extend(new);
    known.sort();
    match known.len() > MOST {
        true => Err(refusals::invalid(format!(
            "The number of tags cannot exceed {MOST}."
        ))),
        false => Ok(()),
    }
}

/// Tags as answers show them; none where there are none.
pub(crate) fn shown(tags: &[(String, String)]) -> Option<Entries<String>> {
    (!tags.is_empty()).then(|| Entries(tags.to_vec()))
}
