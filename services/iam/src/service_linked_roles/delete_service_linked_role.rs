//! `iam:DeleteServiceLinkedRole`: deletes the role of a service that needs it no more.

use api::iam::{DeleteServiceLinkedRoleRequest, DeleteServiceLinkedRoleResponse};
use platform::{Ctx, Result};

use crate::roles::{RoleRecord, remove};
use crate::service_linked_roles::record::{RoleDeletionRecord, RoleInUse};
use crate::target::{Entity, require};

pub(crate) async fn delete_service_linked_role(
    ctx: &Ctx,
    req: DeleteServiceLinkedRoleRequest,
) -> Result<DeleteServiceLinkedRoleResponse> {
    let target = RoleRecord::target(ctx, req.role_name).await?;
    let role = require(target.permit(ctx, "iam:DeleteServiceLinkedRole").await?)?;
    let service = role.linked_service.as_deref();
    let service = service.ok_or_else(|| RoleRecord::absent(&role.name))?;

    let failure = use_of(ctx, service).await?;
    if failure.is_none() {
        remove(ctx, &role).await?;
    }
    let (name, uuid) = (&role.name, ctx.new_uuid()?);
    let task_id = format!("task/aws-service-role/{service}/{name}/{uuid}");
    let key = RoleDeletionRecord::key(ctx.account(), &task_id);
    ctx.put(key, RoleDeletionRecord { failure }).await;
    Ok(DeleteServiceLinkedRoleResponse {
        deletion_task_id: Some(task_id),
    })
}

/// What the service still needs its role for.
async fn use_of(ctx: &Ctx, service: &str) -> Result<Option<RoleInUse>> {
    if service != "organizations.amazonaws.com" {
        return Ok(None);
    }
    let membership = ctx.membership(ctx.account()).await?;
    Ok(membership.map(|member| {
        let (manager, id) = (&member.management_account, &member.organization_id);
        RoleInUse {
            reason: "The account is a member of an organization.".to_owned(),
            region: ctx.region.clone(),
            resource: format!("arn:aws:organizations::{manager}:organization/{id}"),
        }
    }))
}
