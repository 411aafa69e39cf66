//! What has tags and is named by its ARN: log groups and destinations.

use platform::{Ctx, Result};

use crate::access::{self, Tagging, Target};
use crate::destination::{DestinationPlace, DestinationRecord};
use crate::group::GroupRecord;
use crate::refusals;

/// The record of something that has tags, to be changed.
pub(crate) enum Tagged {
    Group(GroupRecord),
    Destination(DestinationRecord),
}

/// What has this ARN, if the caller may do this to its tags.
pub(crate) async fn reach(
    ctx: &Ctx,
    action: &'static str,
    arn: &str,
    tagging: Tagging<'_>,
) -> Result<Tagged> {
    if let Some(place) = DestinationPlace::of_arn(ctx, arn) {
        let found = place.reach(ctx, action, tagging).await?;
        let found = found.ok_or_else(refusals::no_resource)?;
        return Ok(Tagged::Destination(DestinationRecord::clone(&found)));
    }
    let target = Target::of_arn(ctx, arn).filter(|_| !arn.ends_with(":*"));
    let target = target.ok_or_else(|| refusals::invalid("Invalid resource ARN."))?;
    let group = access::tags_of(ctx, action, (&target, true), tagging).await?;
    Ok(Tagged::Group(group.record()))
}

impl Tagged {
    /// Its tags, sorted by key.
    pub(crate) fn tags(&mut self) -> &mut Vec<(String, String)> {
        match self {
            Self::Group(group) => &mut group.tags,
            Self::Destination(destination) => &mut destination.tags,
        }
    }

    /// Stages the record.
    pub(crate) async fn put(self, ctx: &Ctx) {
        match self {
            Self::Group(group) => group.put(ctx).await,
            Self::Destination(destination) => destination.put(ctx).await,
        }
    }
}
