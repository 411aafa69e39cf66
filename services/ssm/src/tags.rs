//! Tags of parameters (AddTagsToResource).

use std::sync::Arc;

use api::ssm::{InvalidResourceId, ResourceTypeForTagging, Tag, TooManyTagsError};
use platform::{Ctx, Result};
use wire::Fault;

use crate::access::{self, Asked};
use crate::names::{self, Place, begins_with};
use crate::parameter::ParameterRecord;
use crate::refusals;

/// The most tags of a parameter.
const MOST: usize = 50;

/// Tags as pairs.
pub(crate) fn pairs(tags: Vec<Tag>) -> Vec<(String, String)> {
    tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

/// Sets `new` tags beside and over those that there are, sorted by key.
pub(crate) fn merge(
    known: &mut Vec<(String, String)>,
    new: Vec<(String, String)>,
) -> Result<(), Fault> {
    if new.iter().any(|(key, _)| begins_with(key, "aws:")) {
        return Err(refusals::invalid(
            "aws: prefixed tag key names are not allowed for external use.",
        ));
    }
    for (at, (key, _)) in new.iter().enumerate() {
        if new.iter().take(at).any(|(other, _)| other == key) {
            return Err(refusals::invalid(format!(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive: {key}"
            )));
        }
    }
    known.retain(|(key, _)| !new.iter().any(|(other, _)| other == key));
    known.extend(new);
    known.sort();
    match known.len() > MOST {
        true => Err(TooManyTagsError::bare()),
        false => Ok(()),
    }
}

/// The parameter that a request about tags names, if the caller may do this to it. Of other types
/// of resources there are none.
pub(crate) async fn tagged(
    ctx: &Ctx,
    action: &'static str,
    (kind, id): (ResourceTypeForTagging, &str),
    asked: Asked<'_>,
) -> Result<(Place, Arc<ParameterRecord>)> {
    let place = names::own(ctx, id).ok();
    let place = place.filter(|_| kind == ResourceTypeForTagging::Parameter);
    let Some(place) = place else {
        access::everything(ctx, action).await?;
        return Err(InvalidResourceId::bare().into());
    };
    let found = access::parameter(ctx, action, &place, asked).await?;
    let found = found.filter(|it| it.name == place.name && !it.has_expired(ctx.now.millis));
    let record = found.ok_or_else(InvalidResourceId::bare)?;
    Ok((place, record))
}
