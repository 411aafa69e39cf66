//! `iam:CreateGroup`: makes a group without users or permissions.

use api::iam::{CreateGroupRequest, CreateGroupResponse, LimitExceededException};
use platform::{Ctx, Result};

use crate::account::AccountRecord;
use crate::groups::record::{self, GroupRecord};
use crate::ids::{Prefix, unique_id};
use crate::permissions::Permissions;
use crate::target::Place;

/// The most groups of an account ("IAM and AWS STS quotas").
const QUOTA: u32 = 300;

pub(crate) async fn create_group(
    ctx: &Ctx,
    req: CreateGroupRequest,
) -> Result<CreateGroupResponse> {
    let path = req.path.unwrap_or_else(|| "/".to_owned());
    let place = Place::new(ctx, record::arn(ctx.account(), &path, &req.group_name));
    ctx.authorize("iam:CreateGroup", place).decide().await?;

    record::check_free(ctx, &req.group_name).await?;
    let mut account = AccountRecord::clone(&*AccountRecord::of_caller(ctx).await?);
    if account.groups >= QUOTA {
        let message = format!("Cannot exceed quota for GroupsPerAccount: {QUOTA}");
        return Err(LimitExceededException::new(message).into());
    }
    account.groups += 1;
    account.put(ctx).await;
    let group = GroupRecord {
        account: ctx.account().to_owned(),
        name: req.group_name,
        path,
        group_id: unique_id(Prefix::Group, ctx.random())?,
        created_millis: ctx.now.whole_secs().millis,
        permissions: Permissions::default(),
    };
    let response = CreateGroupResponse {
        group: Some(group.shown()),
    };
    group.put(ctx).await;
    Ok(response)
}
