//! `iam:CreateInstanceProfile`: makes an instance profile without a role.

use api::iam::{
    CreateInstanceProfileRequest, CreateInstanceProfileResponse, EntityAlreadyExistsException,
    LimitExceededException,
};
use platform::{Ctx, Result};

use crate::account::AccountRecord;
use crate::ids::{Prefix, unique_id};
use crate::instance_profiles::record::{self, InstanceProfileRecord};
use crate::tags::{self, Case};
use crate::target::Place;

/// The most instance profiles of an account ("IAM and AWS STS quotas").
pub(crate) const QUOTA: u32 = 1000;

pub(crate) async fn create_instance_profile(
    ctx: &Ctx,
    req: CreateInstanceProfileRequest,
) -> Result<CreateInstanceProfileResponse> {
    let name = req.instance_profile_name;
    let path = req.path.unwrap_or_else(|| "/".to_owned());
    let tags = tags::pairs(req.tags);
    let place = || Place::new(ctx, record::arn(ctx.account(), &path, &name));
    let create = ctx.authorize("iam:CreateInstanceProfile", place());
    create.request_tags(&tags).decide().await?;
    if !tags.is_empty() {
        // Tags grant access by attribute, so giving them takes a permission of its own.
        let tag = ctx.authorize("iam:TagInstanceProfile", place());
        tag.request_tags(&tags).decide().await?;
    }

    tags::check(Case::Ignored, &tags)?;
    let key = InstanceProfileRecord::key(ctx.account(), &name);
    if ctx.get::<InstanceProfileRecord>(&key).await?.is_some() {
        let message = format!("Instance Profile {name} already exists.");
        return Err(EntityAlreadyExistsException::new(message).into());
    }
    count(ctx).await?;
    let profile = InstanceProfileRecord {
        account: ctx.account().to_owned(),
        name,
        path,
        profile_id: unique_id(Prefix::InstanceProfile, ctx.random())?,
        created_millis: ctx.now.whole_secs().millis,
        tags,
        role: None,
    };
    let response = CreateInstanceProfileResponse {
        instance_profile: Some(profile.described(ctx).await?),
    };
    profile.put(ctx).await;
    Ok(response)
}

/// Counts one more instance profile of the account, if there may be one more.
async fn count(ctx: &Ctx) -> Result<()> {
    let account = AccountRecord::of_caller(ctx).await?;
    if account.instance_profiles >= QUOTA {
        let message = format!("Cannot exceed quota for InstanceProfilesPerAccount: {QUOTA}");
        return Err(LimitExceededException::new(message).into());
    }
    AccountRecord {
        instance_profiles: account.instance_profiles + 1,
        ..AccountRecord::clone(&account)
    }
    .put(ctx)
    .await;
    Ok(())
}
