//! `iam:CreateServiceLinkedRole`: makes the role by which a service acts in the account.

use api::iam::{
    CreateServiceLinkedRoleRequest, CreateServiceLinkedRoleResponse, InvalidInputException,
};
use platform::{Ctx, Derived, Result};

use crate::account::AccountRecord;
use crate::attachments;
use crate::ids::{Prefix, unique_id};
use crate::permissions::Permissions;
use crate::roles::record::{self, RoleRecord};
use crate::service_linked_roles::table::{self, LinkedService};
use crate::target::{Asked, EntityKeys, Place};

/// The longest session of a service-linked role, in seconds.
const SESSION_SECONDS: i32 = 3600;

pub(crate) async fn create_service_linked_role(
    ctx: &Ctx,
    req: CreateServiceLinkedRoleRequest,
) -> Result<CreateServiceLinkedRoleResponse> {
    let principal = req.aws_service_name;
    let found = table::find(&principal);
    let name = found.map_or("", |service| service.role_name);
    let arn = record::arn(ctx.account(), &table::path(&principal), name);
    let asked = Asked {
        others: &[("awsservicename", &principal)],
        ..Asked::default()
    };
    let keys = EntityKeys::<RoleRecord>::of(None, &asked);
    let access = ctx.authorize("iam:CreateServiceLinkedRole", Place::new(ctx, arn));
    access.keys(&keys).decide().await?;

    let Some(service) = found else {
        let message = format!("Service {principal} does not support service-linked roles.");
        return Err(InvalidInputException::new(message).into());
    };
    if req.custom_suffix.is_some() {
        let message = format!("Custom suffix is not allowed for {principal}");
        return Err(InvalidInputException::new(message).into());
    }
    let key = RoleRecord::key(ctx.account(), service.role_name);
    if ctx.get::<RoleRecord>(&key).await?.is_some() {
        let name = service.role_name;
        let message = format!(
            "Service role name {name} has been taken in this account, please try a different \
             suffix."
        );
        return Err(InvalidInputException::new(message).into());
    }
    let role = make(ctx, service, req.description.unwrap_or_default()).await?;
    let response = CreateServiceLinkedRoleResponse {
        role: Some(role.created(ctx).await?),
    };
    role.put_new(ctx).await;
    Ok(response)
}

/// Makes and counts the role. The quota of roles does not bind service-linked ones.
async fn make(ctx: &Ctx, service: &LinkedService, description: String) -> Result<RoleRecord> {
    let mut permissions = Permissions::default();
    attachments::attach_for_service(ctx, &mut permissions, &service.policy_arn()).await?;
    let account = AccountRecord::of_caller(ctx).await?;
    AccountRecord {
        roles: account.roles + 1,
        ..AccountRecord::clone(&account)
    }
    .put(ctx)
    .await;
    Ok(RoleRecord {
        account: ctx.account().to_owned(),
        name: service.role_name.to_owned(),
        path: service.path(),
        role_id: unique_id(Prefix::Role, ctx.random())?,
        created_millis: ctx.now.whole_secs().millis,
        description,
        max_session_seconds: SESSION_SECONDS,
        trust: service.trust(),
        tags: Vec::new(),
        permissions,
        linked_service: Some(service.principal.to_owned()),
        assumable: Derived::default(),
    })
}
