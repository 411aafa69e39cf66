//! `iam:DeleteGroupPolicy`: deletes an inline policy of a group.

use api::iam::DeleteGroupPolicyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::groups::record::{self, GroupRecord};
use crate::target::require;

pub(crate) async fn delete_group_policy(ctx: &Ctx, req: DeleteGroupPolicyRequest) -> Result<Empty> {
    let permitted = record::named(ctx, req.group_name)
        .await?
        .permit(ctx, "iam:DeleteGroupPolicy")
        .await?;
    let mut group = GroupRecord::clone(&*require(permitted)?);
    let removed = group.permissions.remove_inline(&req.policy_name);
    removed.ok_or_else(|| record::no_such_policy(&req.policy_name))?;
    group.put(ctx).await;
    Ok(Empty)
}
