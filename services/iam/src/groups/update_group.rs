//! `iam:UpdateGroup`: gives a group another name or path.

use api::iam::UpdateGroupRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::groups::members;
use crate::groups::record::{self, GroupRecord};
use crate::target::{Place, require};

pub(crate) async fn update_group(ctx: &Ctx, req: UpdateGroupRequest) -> Result<Empty> {
    let (found, target) = record::found(ctx, req.group_name.clone()).await?;
    let permitted = target.permit(ctx, "iam:UpdateGroup").await?;
    // The permission covers what the group is and what it becomes.
    let path = found.as_ref().map(|group| group.path.as_str());
    let path = req.new_path.as_deref().or(path).unwrap_or("/");
    let name = req.new_group_name.as_deref().unwrap_or(&req.group_name);
    let becoming = Place::new(ctx, record::arn(ctx.account(), path, name));
    ctx.authorize("iam:UpdateGroup", becoming).decide().await?;

    let group = require(permitted)?;
    let name = req.new_group_name.unwrap_or_else(|| group.name.clone());
    if !name.eq_ignore_ascii_case(&group.name) {
        record::check_free(ctx, &name).await?;
        members::rename_group(ctx, &group, &name).await?;
    }
    let renamed = GroupRecord {
        name,
        path: req.new_path.unwrap_or_else(|| group.path.clone()),
        ..GroupRecord::clone(&group)
    };
    ctx.delete::<GroupRecord>(&GroupRecord::key(&group.account, &group.name))
        .await;
    renamed.put(ctx).await;
    Ok(Empty)
}
