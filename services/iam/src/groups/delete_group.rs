//! `iam:DeleteGroup`: deletes a group that has neither users nor policies left.

use api::iam::{DeleteConflictException, DeleteGroupRequest};
use platform::{Ctx, Result};
use wire::Empty;

use crate::account::AccountRecord;
use crate::groups::members;
use crate::groups::record::{self, GroupRecord};
use crate::target::require;

pub(crate) async fn delete_group(ctx: &Ctx, req: DeleteGroupRequest) -> Result<Empty> {
    let permitted = record::named(ctx, req.group_name)
        .await?
        .permit(ctx, "iam:DeleteGroup")
        .await?;
    let group = require(permitted)?;
    let permissions = &group.permissions;
    let left = if !members::of(ctx, &group).await?.is_empty() {
        Some("remove users from group")
    } else if !permissions.attached.is_empty() {
        Some("detach all policies")
    } else {
        (!permissions.inline.is_empty()).then_some("delete policies")
    };
    if let Some(what) = left {
        let message = format!("Cannot delete entity, must {what} first.");
        return Err(DeleteConflictException::new(message).into());
    }
    ctx.delete::<GroupRecord>(&GroupRecord::key(&group.account, &group.name))
        .await;
    let mut account = AccountRecord::clone(&*AccountRecord::of_caller(ctx).await?);
    account.groups = account.groups.saturating_sub(1);
    account.put(ctx).await;
    Ok(Empty)
}
