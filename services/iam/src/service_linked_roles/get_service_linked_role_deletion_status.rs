//! `iam:GetServiceLinkedRoleDeletionStatus`: says what became of a deletion.

use api::iam::{
    DeletionTaskFailureReasonType, DeletionTaskStatusType,
    GetServiceLinkedRoleDeletionStatusRequest, GetServiceLinkedRoleDeletionStatusResponse,
    InvalidInputException, NoSuchEntityException, RoleUsageType,
};
use platform::{Ctx, Result};

use crate::roles::record;
use crate::service_linked_roles::record::{RoleDeletionRecord, RoleInUse};
use crate::service_linked_roles::table;
use crate::target::Place;

pub(crate) async fn get_service_linked_role_deletion_status(
    ctx: &Ctx,
    req: GetServiceLinkedRoleDeletionStatusRequest,
) -> Result<GetServiceLinkedRoleDeletionStatusResponse> {
    let task_id = req.deletion_task_id;
    let named = role_of(&task_id);
    let (service, role) = named.unwrap_or_default();
    let arn = record::arn(ctx.account(), &table::path(service), role);
    let access = ctx.authorize(
        "iam:GetServiceLinkedRoleDeletionStatus",
        Place::new(ctx, arn),
    );
    access.decide().await?;

    if named.is_none() {
        let message = format!("Deletion task id {task_id} is not valid.");
        return Err(InvalidInputException::new(message).into());
    }
    let key = RoleDeletionRecord::key(ctx.account(), &task_id);
    let Some(task) = ctx.get::<RoleDeletionRecord>(&key).await? else {
        let message = format!("Deletion task {task_id} cannot be found.");
        return Err(NoSuchEntityException::new(message).into());
    };
    let status = match task.failure {
        None => DeletionTaskStatusType::Succeeded,
        Some(_) => DeletionTaskStatusType::Failed,
    };
    Ok(GetServiceLinkedRoleDeletionStatusResponse {
        status: Some(status),
        reason: task.failure.as_ref().map(reason),
    })
}

/// Service and role in `task/aws-service-role/service/role/uuid`.
fn role_of(task_id: &str) -> Option<(&str, &str)> {
    let rest = task_id.strip_prefix("task/aws-service-role/")?;
    let mut parts = rest.split('/');
    let (service, role, uuid) = (parts.next()?, parts.next()?, parts.next()?);
    let is_whole = parts.next().is_none() && ![service, role, uuid].contains(&"");
    is_whole.then_some((service, role))
}

fn reason(failure: &RoleInUse) -> DeletionTaskFailureReasonType {
    let usage = RoleUsageType {
        region: Some(failure.region.clone()),
        resources: Some(vec![failure.resource.clone()]),
    };
    DeletionTaskFailureReasonType {
        reason: Some(failure.reason.clone()),
        role_usage_list: Some(vec![usage]),
    }
}
