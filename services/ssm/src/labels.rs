//! Labels of versions ("Working with parameter labels", Systems Manager user guide).

use std::sync::Arc;

use platform::{Ctx, Result};

use crate::access::{self, Asked};
use crate::names::{Place, Reference, begins_with};
use crate::parameter::ParameterRecord;
use crate::refusals;

/// The most labels of a version.
pub(crate) const MOST: usize = 10;

/// The parameter whose labels are to change, if the caller may do this to it, and the version with
/// this number.
pub(crate) async fn labelled(
    ctx: &Ctx,
    action: &'static str,
    name: &str,
    version: Option<i64>,
) -> Result<(Place, Arc<ParameterRecord>, i64)> {
    let reference = Reference::without_selector(ctx, name)?;
    if reference.by_arn {
        return Err(refusals::bad_name().into());
    }
    let found = access::parameter(ctx, action, &reference.place, Asked::default()).await?;
    let found = found.filter(|found| found.is_meant(&reference, ctx.now.millis));
    let record = found.ok_or_else(refusals::no_parameter)?;
    let number = version.unwrap_or(record.current.number);
    match (record.oldest..=record.current.number).contains(&number) {
        true => Ok((reference.place, record, number)),
        false => Err(refusals::no_version(&record.name, number).into()),
    }
}

/// Whether a text can be a label.
pub(crate) fn is_label(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    !text.is_empty()
        && text.bytes().all(is_letter)
        && !text.starts_with(|first: char| first.is_ascii_digit())
        && !begins_with(text, "aws")
        && !begins_with(text, "ssm")
}

#[cfg(test)]
mod tests {
    use super::is_label;

    #[test]
    fn labels_are_as_documented() {
        for (text, is_good) in [
            ("prod", true),
            ("_a.B-9", true),
            ("", false),
            ("1a", false),
            ("awsome", false),
            ("SSM", false),
            ("a b", false),
            ("ä", false),
        ] {
            assert_eq!(is_label(text), is_good, "{text}");
        }
    }
}
