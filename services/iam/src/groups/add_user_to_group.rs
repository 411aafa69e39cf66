//! `iam:AddUserToGroup`: puts a user into a group.

use api::iam::{AddUserToGroupRequest, LimitExceededException};
use platform::{Ctx, Result};
use wire::Empty;

use crate::groups::{members, record};
use crate::target::{Entity, require};
use crate::users::UserRecord;

/// The most groups of one user ("IAM and AWS STS quotas").
const QUOTA: usize = 10;

pub(crate) async fn add_user_to_group(ctx: &Ctx, req: AddUserToGroupRequest) -> Result<Empty> {
    let permitted = record::named(ctx, req.group_name)
        .await?
        .permit(ctx, "iam:AddUserToGroup")
        .await?;
    // The permission is one on the group; about the user, AWS asks none.
    let group = require(permitted)?;
    let key = UserRecord::key(ctx.account(), &req.user_name);
    let user = ctx.get::<UserRecord>(&key).await?;
    let user = user.ok_or_else(|| UserRecord::absent(&req.user_name))?;
    if members::is_in(&user, &group) {
        return Ok(Empty);
    }
    if user.groups.len() >= QUOTA {
        let message = format!("Cannot exceed quota for GroupsPerUser: {QUOTA}");
        return Err(LimitExceededException::new(message).into());
    }
    let mut user = UserRecord::clone(&user);
    user.groups.push(group.name.to_ascii_lowercase());
    user.put(ctx).await;
    Ok(Empty)
}
