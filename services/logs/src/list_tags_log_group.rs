//! `logs:ListTagsLogGroup`: shows the tags of a log group; the older of two ways.

use api::logs::{ListTagsLogGroupRequest, ListTagsLogGroupResponse};
use platform::{Ctx, Result};
use wire::Entries;

use crate::access::{self, Tagging, Target};

pub(crate) async fn list_tags_log_group(
    ctx: &Ctx,
    req: ListTagsLogGroupRequest,
) -> Result<ListTagsLogGroupResponse> {
    let target = Target::named(ctx, &req.log_group_name);
    let asked = (&target, false);
    let group = access::tags_of(ctx, "logs:ListTagsLogGroup", asked, Tagging::Shows).await?;
    Ok(ListTagsLogGroupResponse {
        tags: Some(Entries(group.tags.clone())),
    })
}
