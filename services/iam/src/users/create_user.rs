//! `iam:CreateUser`: makes a user without any permission.

use std::borrow::Cow;

use api::iam::{
    CreateUserRequest, CreateUserResponse, EntityAlreadyExistsException, InvalidInputException,
    LimitExceededException, NoSuchEntityException,
};
use platform::{ConditionKeys, Ctx, Resource, Result};
use policy::Values;

use crate::account::AccountRecord;
use crate::ids::{Prefix, unique_id};
use crate::permissions::Permissions;
use crate::tags;
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

    let boundary = Boundary(permissions_boundary.as_deref());
    let arn = record::arn(ctx.account(), &path, &user_name);
    let place = |arn| NewUser {
        account: ctx.account().to_owned(),
        arn,
    };
    let create = ctx.authorize("iam:CreateUser", place(arn.clone()));
    create.keys(&boundary).request_tags(&tags).decide().await?;
    if !tags.is_empty() {
        // Tags grant access by attribute, so giving them takes a permission of its own.
        ctx.authorize("iam:TagUser", place(arn))
            .request_tags(&tags)
            .decide()
            .await?;
    }

    tags::check(&tags)?;
    if let Some(arn) = &permissions_boundary {
        return Err(no_boundary(arn));
    }
    if ctx
        .get::<UserRecord>(&UserRecord::key(ctx.account(), &user_name))
        .await?
        .is_some()
    {
        let message = format!("User with name {user_name} already exists.");
        return Err(EntityAlreadyExistsException::new(message).into());
    }
    count(ctx).await?;

    let user = UserRecord {
        account: ctx.account().to_owned(),
        name: user_name,
        path,
        user_id: unique_id(Prefix::User, ctx.random())?,
        created_millis: ctx.now.whole_secs().millis,
        tags,
        permissions: Permissions::default(),
        access_keys: Vec::new(),
        groups: Vec::new(),
    };
    let response = CreateUserResponse {
        user: Some(user.described()),
    };
    user.put(ctx).await;
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

/// A permissions boundary is a managed policy, and there are none.
fn no_boundary(arn: &str) -> platform::Error {
    let of_iam = arn
        .strip_prefix("arn:aws:iam::")
        .and_then(|rest| rest.split_once(':'));
    let is_policy = of_iam.is_some_and(|(account, name)| {
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        (is_account || account == "aws") && name.starts_with("policy/")
    });
    if is_policy {
        let message = format!("Scope ARN: {arn} does not exist or is not attachable.");
        return NoSuchEntityException::new(message).into();
    }
    InvalidInputException::new(format!("ARN {arn} is not valid.")).into()
}

/// The place of a user that does not exist yet.
struct NewUser {
    account: String,
    arn: String,
}

impl Resource for NewUser {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }
}

/// The condition key `iam:PermissionsBoundary`.
struct Boundary<'a>(Option<&'a str>);

impl ConditionKeys for Boundary<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let arn = self.0.filter(|_| key == "iam:permissionsboundary")?;
        Some(Values::from(arn.to_owned()))
    }
}
