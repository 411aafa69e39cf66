//! `organizations:ListTagsForResource`: shows the tags of a thing.

use api::organizations::{ListTagsForResourceRequest, ListTagsForResourceResponse, Tag};
use platform::{Ctx, Result};

use crate::access::{About, Reach, permit};
use crate::page::{Wanted, page};
use crate::policies::managed;
use crate::{refusals, tags};

pub(crate) async fn list_tags_for_resource(
    ctx: &Ctx,
    req: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse> {
    let id = &req.resource_id;
    let action = "organizations:ListTagsForResource";
    let permitted = permit(ctx, action, Reach::Reader, About::id(id)).await?;
    let organization = permitted.organization();
    let is_managed = managed::of_id(id).is_some() && permitted.policy().is_ok();
    if !is_managed && !tags::is_taggable(organization, id, permitted.policy().is_ok()) {
        return Err(refusals::no_target());
    }
    let tags = organization.tags.get(id).cloned().unwrap_or_default();
    let wanted = Wanted {
        next_token: req.next_token,
        max_results: None,
    };
    let (tags, next_token) = page(tags, |(key, _)| key.clone(), &wanted)?;
    let shown = |(key, value)| Tag { key, value };
    Ok(ListTagsForResourceResponse {
        tags: Some(tags.into_iter().map(shown).collect()),
        next_token,
    })
}
