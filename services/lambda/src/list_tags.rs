//! `lambda:ListTags`: lists the tags of a function.

use api::lambda::{ListTagsRequest, ListTagsResponse};
use platform::{Ctx, Result};
use wire::Entries;

use crate::access::With;
use crate::tags;

pub(crate) async fn list_tags(ctx: &Ctx, req: ListTagsRequest) -> Result<ListTagsResponse> {
    let function = tags::tagged(ctx, "lambda:ListTags", &req.resource, With::default()).await?;
    Ok(ListTagsResponse {
        tags: Some(Entries(function.tags.clone())),
    })
}
