//! What the tag operations of all kinds of things do once they have their target.

use std::sync::Arc;

use api::iam::Tag;
use platform::{Ctx, Result};

use crate::page::{Paged, Wanted, page};
use crate::tags::{self, Case};
use crate::target::{Asked, Entity, Target, require};

/// A kind of thing whose tags have operations of their own.
pub(crate) trait Tagged: Entity {
    /// The same thing with other tags.
    fn with_tags(&self, tags: Vec<(String, String)>) -> Self;

    /// Stages this version.
    fn put(self, ctx: &Ctx) -> impl Future<Output = ()> + Send;
}

/// Gives tags beside and over those that there are.
pub(crate) async fn tag<T: Tagged>(
    ctx: &Ctx,
    target: Target<T>,
    action: &'static str,
    new: Vec<Tag>,
) -> Result<()> {
    let new = tags::pairs(new);
    let asked = Asked {
        tags: &new,
        ..Asked::default()
    };
    let thing = require(target.permit_with(ctx, action, &asked).await?)?;
    let mut tags = thing.tags().to_vec();
    tags::add(Case::Ignored, &mut tags, new)?;
    thing.with_tags(tags).put(ctx).await;
    Ok(())
}

/// Takes tags away; a key that there is none of is no error.
pub(crate) async fn untag<T: Tagged>(
    ctx: &Ctx,
    target: Target<T>,
    action: &'static str,
    keys: &[String],
) -> Result<()> {
    let asked = Asked {
        tag_keys: keys,
        ..Asked::default()
    };
    let thing = require(target.permit_with(ctx, action, &asked).await?)?;
    let mut tags = thing.tags().to_vec();
    tags::remove(Case::Ignored, &mut tags, keys);
    thing.with_tags(tags).put(ctx).await;
    Ok(())
}

/// A page of the tags, by key.
pub(crate) async fn list<T: Tagged>(
    ctx: &Ctx,
    target: Target<T>,
    action: &'static str,
    wanted: &Wanted,
) -> Result<Paged<Tag>> {
    let thing: Arc<T> = require(target.permit(ctx, action).await?)?;
    Ok(page(tags::shown(thing.tags()), |tag| &tag.key, wanted))
}

/// The tags by key, as operations show them that show more than tags.
pub(crate) fn sorted(tags: &[(String, String)]) -> Option<Vec<Tag>> {
    let mut shown = tags::shown(tags);
    shown.sort_by_cached_key(|tag| tag.key.to_lowercase());
    (!shown.is_empty()).then_some(shown)
}

/// The same for operations that show even that there are none.
pub(crate) fn sorted_or_none(tags: &[(String, String)]) -> Option<Vec<Tag>> {
    Some(sorted(tags).unwrap_or_default())
}

/// Decides whether the caller may make a thing and give it these tags, and refuses tags that
/// nothing may have.
///
/// Tags grant access by attribute, so giving them takes the permission `tag_action` besides.
pub(crate) async fn permit_new(
    ctx: &Ctx,
    arn: &str,
    (action, tag_action): (&'static str, &'static str),
    given: &[(String, String)],
) -> Result<()> {
    let place = || crate::target::Place::new(ctx, arn.to_owned());
    let create = ctx.authorize(action, place()).request_tags(given);
    create.decide().await?;
    if !given.is_empty() {
        let tag = ctx.authorize(tag_action, place()).request_tags(given);
        tag.decide().await?;
    }
    tags::check(Case::Ignored, given)?;
    Ok(())
}
