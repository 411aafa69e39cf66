//! `iam:CreateUser`: makes a user without any permission.

use api::iam::{CreateUserRequest, CreateUserResponse, LimitExceededException};
use platform::{Ctx, Result};

use crate::account::AccountRecord;
use crate::attachments;
use crate::ids::{Prefix, unique_id};
use crate::permissions::{Holding, Permissions};
use crate::tags::{self, Case};
use crate::target::{Asked, EntityKeys, Place};
use crate::users::record::{self, UserRecord};

/// The most users of an account ("IAM and AWS STS quotas").
const QUOTA: u32 = 5000;

pub(crate) async fn create_user(ctx: &Ctx, req: CreateUserRequest) -> Result<CreateUserResponse> {
    let CreateUserRequest {
        path,
        user_name,
        permissions_boundary,
        tags,
    } = req;
    let path = path.unwrap_or_else(|| "/".to_owned());
    let tags = tags::pairs(tags);

    let arn = record::arn(ctx.account(), &path, &user_name);
    let asked = Asked {
        boundary: permissions_boundary.as_deref(),
        tags: &tags,
        ..Asked::default()
    };
    let keys = EntityKeys::<UserRecord>::of(None, &asked);
    let create = ctx.authorize("iam:CreateUser", Place::new(ctx, arn.clone()));
    create.keys(&keys).request_tags(&tags).decide().await?;
    if !tags.is_empty() {
        // Tags grant access by attribute, so giving them takes a permission of its own.
        ctx.authorize("iam:TagUser", Place::new(ctx, arn))
            .request_tags(&tags)
            .decide()
            .await?;
    }

    tags::check(Case::Ignored, &tags)?;
    let mut permissions = Permissions::default();
    if let Some(arn) = &permissions_boundary {
        attachments::set_boundary(ctx, &mut permissions, Holding::User, arn).await?;
    }
    record::check_free(ctx, &user_name).await?;
    count(ctx).await?;

    let user = UserRecord {
        account: ctx.account().to_owned(),
        name: user_name,
        path,
        user_id: unique_id(Prefix::User, ctx.random())?,
        created_millis: ctx.now.whole_secs().millis,
        tags,
        permissions,
        access_keys: Vec::new(),
        groups: Vec::new(),
    };
    let response = CreateUserResponse {
        user: Some(user.described()),
    };
    user.put_named(ctx).await;
    Ok(response)
}

/// Counts one more user of the account, if there may be one more.
async fn count(ctx: &Ctx) -> Result<()> {
    let account = AccountRecord::of_caller(ctx).await?;
    if account.users >= QUOTA {
        let message = format!("Cannot exceed quota for UsersPerAccount: {QUOTA}");
        return Err(LimitExceededException::new(message).into());
    }
    AccountRecord {
        users: account.users + 1,
        ..AccountRecord::clone(&account)
    }
    .put(ctx)
    .await;
    Ok(())
}
