//! `organizations:UntagResource`: takes tags away.

use api::organizations::UntagResourceRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{About, Reach, permit};
use crate::{refusals, tags};

pub(crate) async fn untag_resource(ctx: &Ctx, req: UntagResourceRequest) -> Result<Empty> {
    let id = &req.resource_id;
    let about = About {
        tag_keys: &req.tag_keys,
        ..About::id(id)
    };
    let permitted = permit(ctx, "organizations:UntagResource", Reach::Delegated, about).await?;
    let mut organization = permitted.draft();
    if !tags::is_taggable(&organization, id, permitted.policy().is_ok()) {
        return Err(refusals::no_target());
    }
    for key in &req.tag_keys {
        tags::check_key(key)?;
    }
    if let Some(known) = organization.tags.get_mut(id) {
        known.retain(|(key, _)| !req.tag_keys.contains(key));
    }
    organization.tags.retain(|_, tags| !tags.is_empty());
    organization.put(ctx).await;
    Ok(Empty)
}
