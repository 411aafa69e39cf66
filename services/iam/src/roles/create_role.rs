//! `iam:CreateRole`: makes a role without any permission.

use api::iam::{
    CreateRoleRequest, CreateRoleResponse, InvalidInputException, LimitExceededException,
};
use platform::{Ctx, Derived, Result};

use crate::account::AccountRecord;
use crate::attachments;
use crate::ids::{Prefix, unique_id};
use crate::permissions::{Holding, Permissions};
use crate::roles::record::{self, RoleRecord};
use crate::roles::trust;
use crate::tags::{self, Case};
use crate::target::{Asked, EntityKeys, Place};

/// The most roles of an account ("IAM and AWS STS quotas").
pub(crate) const QUOTA: u32 = 1000;
/// The longest session of a role that does not say, in seconds.
pub(crate) const DEFAULT_SESSION_SECONDS: i32 = 3600;
/// Paths below which only AWS makes roles; policies tell those roles by them.
const RESERVED_PATHS: [&str; 2] = ["/aws-service-role/", "/aws-reserved/"];

pub(crate) async fn create_role(ctx: &Ctx, req: CreateRoleRequest) -> Result<CreateRoleResponse> {
    let path = req.path.unwrap_or_else(|| "/".to_owned());
    let tags = tags::pairs(req.tags);
    let boundary = req.permissions_boundary.as_deref();
    authorize(ctx, (&path, &req.role_name), boundary, &tags).await?;

    check_path(&path)?;
    tags::check(Case::Ignored, &tags)?;
    let trust = trust::bound(ctx, &req.assume_role_policy_document).await?;
    let mut permissions = Permissions::default();
    if let Some(arn) = boundary {
        attachments::set_boundary(ctx, &mut permissions, Holding::Role, arn).await?;
    }
    record::check_free(ctx, &req.role_name).await?;
    count(ctx).await?;

    let role = RoleRecord {
        account: ctx.account().to_owned(),
        name: req.role_name,
        path,
        role_id: unique_id(Prefix::Role, ctx.random())?,
        created_millis: ctx.now.whole_secs().millis,
        description: req.description.unwrap_or_default(),
        max_session_seconds: req.max_session_duration.unwrap_or(DEFAULT_SESSION_SECONDS),
        trust,
        tags,
        permissions,
        linked_service: None,
        assumable: Derived::default(),
    };
    let response = CreateRoleResponse {
        role: Some(role.created(ctx).await?),
    };
    role.put_new(ctx).await;
    Ok(response)
}

async fn authorize(
    ctx: &Ctx,
    (path, name): (&str, &str),
    boundary: Option<&str>,
    tags: &[(String, String)],
) -> Result<()> {
    let arn = record::arn(ctx.account(), path, name);
    let asked = Asked {
        boundary,
        tags,
        ..Asked::default()
    };
    let keys = EntityKeys::<RoleRecord>::of(None, &asked);
    let create = ctx.authorize("iam:CreateRole", Place::new(ctx, arn.clone()));
    create.keys(&keys).request_tags(tags).decide().await?;
    if !tags.is_empty() {
        // Tags grant access by attribute, so giving them takes a permission of its own.
        let tag = ctx.authorize("iam:TagRole", Place::new(ctx, arn));
        tag.request_tags(tags).decide().await?;
    }
    Ok(())
}

fn check_path(path: &str) -> Result<()> {
    let reserved = RESERVED_PATHS
        .iter()
        .find(|reserved| path.starts_with(*reserved));
    let Some(reserved) = reserved else {
        return Ok(());
    };
    let message = format!("Cannot create roles with the reserved path {reserved}");
    Err(InvalidInputException::new(message).into())
}

/// Counts one more role of the account, if there may be one more.
async fn count(ctx: &Ctx) -> Result<()> {
    let account = AccountRecord::of_caller(ctx).await?;
    if account.roles >= QUOTA {
        let message = format!("Cannot exceed quota for RolesPerAccount: {QUOTA}");
        return Err(LimitExceededException::new(message).into());
    }
    AccountRecord {
        roles: account.roles + 1,
        ..AccountRecord::clone(&account)
    }
    .put(ctx)
    .await;
    Ok(())
}
