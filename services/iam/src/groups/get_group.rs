//! `iam:GetGroup`: shows a group and who is in it.

use api::iam::{GetGroupRequest, GetGroupResponse};
use platform::{Ctx, Result};

use crate::groups::{members, record};
use crate::page::{Wanted, page};
use crate::target::require;

pub(crate) async fn get_group(ctx: &Ctx, req: GetGroupRequest) -> Result<GetGroupResponse> {
    let permitted = record::named(ctx, req.group_name)
        .await?
        .permit(ctx, "iam:GetGroup")
        .await?;
    let group = require(permitted)?;
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = page(members::of(ctx, &group).await?, |user| &user.name, &wanted);
    Ok(GetGroupResponse {
        group: Some(group.shown()),
        users: Some(paged.items.iter().map(|user| user.listed()).collect()),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
