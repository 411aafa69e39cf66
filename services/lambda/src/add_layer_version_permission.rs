//! `lambda:AddLayerVersionPermission`: lets an account, an organization or everybody use a version of
//! a layer.

use api::lambda::{AddLayerVersionPermissionRequest, AddLayerVersionPermissionResponse};
use platform::{Ctx, Result};

use crate::permissions::{self, Condition, Effect, Principal, Statement};
use crate::{layer_policy, refusals};

pub(crate) async fn add_layer_version_permission(
    ctx: &Ctx,
    req: AddLayerVersionPermissionRequest,
) -> Result<AddLayerVersionPermissionResponse> {
    let action = "lambda:AddLayerVersionPermission";
    let named = (req.layer_name.as_str(), req.version_number);
    let (place, version) = layer_policy::subject(ctx, action, named).await?;
    if req.organization_id.is_some() && req.principal != "*" {
        return Err(
            refusals::invalid("An organization can be given only with the principal *.").into(),
        );
    }
    let mut condition = Condition::default();
    condition.equal("aws:PrincipalOrgID", req.organization_id.as_deref());
    let statement = Statement {
        sid: req.statement_id,
        effect: Effect::Allow,
        principal: Principal::of(&req.principal, &ctx.region)?,
        action: req.action,
        resource: place.version_arn(version.version),
        condition,
    };
    let mut statements = version.statements.clone();
    let shown = permissions::add(ctx, &mut statements, &statement).await?;
    layer_policy::check_revision(&version, req.revision_id.as_deref())?;
    let revision = layer_policy::set(ctx, (&place, &version), statements).await?;
    Ok(AddLayerVersionPermissionResponse {
        statement: Some(shown),
        revision_id: Some(revision),
    })
}
