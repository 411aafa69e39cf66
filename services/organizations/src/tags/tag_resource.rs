//! `organizations:TagResource`: gives tags beside and over those that there are.

use api::organizations::TagResourceRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{About, Reach, permit};
use crate::{refusals, tags};

pub(crate) async fn tag_resource(ctx: &Ctx, req: TagResourceRequest) -> Result<Empty> {
    let new = tags::pairs(req.tags);
    let id = &req.resource_id;
    let about = About {
        tags: &new,
        ..About::id(id)
    };
    let permitted = permit(ctx, "organizations:TagResource", Reach::Delegated, about).await?;
    let mut organization = permitted.draft();
    if !tags::is_taggable(&organization, id, permitted.policy().is_ok()) {
        return Err(refusals::no_target());
    }
    tags::check(&new)?;
    let known = organization.tags.entry(id.clone()).or_default();
    for (key, value) in new {
        known.retain(|(other, _)| *other != key);
        known.push((key, value));
    }
    tags::check_count(known.len())?;
    organization.put(ctx).await;
    Ok(Empty)
}
