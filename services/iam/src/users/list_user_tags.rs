//! `iam:ListUserTags`: shows the tags of a user.

use api::iam::{ListUserTagsRequest, ListUserTagsResponse};
use platform::{Ctx, Result};

use crate::page::Wanted;
use crate::tags::{self, Case};
use crate::users::subject::{self, Subject};

pub(crate) async fn list_user_tags(
    ctx: &Ctx,
    req: ListUserTagsRequest,
) -> Result<ListUserTagsResponse> {
    let permitted = Subject::named(ctx, req.user_name)
        .await?
        .permit(ctx, "iam:ListUserTags")
        .await?;
    let user = subject::user(permitted)?;
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = tags::list(Case::Ignored, &user.tags, &wanted);
    Ok(ListUserTagsResponse {
        tags: Some(paged.items),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
