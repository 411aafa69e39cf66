//! `iam:RemoveUserFromGroup`: takes a user out of a group.

use api::iam::RemoveUserFromGroupRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::groups::{members, record};
use crate::target::{Entity, require};
use crate::users::UserRecord;

pub(crate) async fn remove_user_from_group(
    ctx: &Ctx,
    req: RemoveUserFromGroupRequest,
) -> Result<Empty> {
    let permitted = record::named(ctx, req.group_name)
        .await?
        .permit(ctx, "iam:RemoveUserFromGroup")
        .await?;
    // The permission is one on the group; about the user, AWS asks none.
    let key = UserRecord::key(ctx.account(), &req.user_name);
    let user = ctx.get::<UserRecord>(&key).await?;
    let user = user.ok_or_else(|| UserRecord::absent(&req.user_name))?;
    let group = require(permitted)?;
    if members::is_in(&user, &group) {
        let mut user = UserRecord::clone(&user);
        user.groups
            .retain(|name| !name.eq_ignore_ascii_case(&group.name));
        user.put(ctx).await;
    }
    Ok(Empty)
}
