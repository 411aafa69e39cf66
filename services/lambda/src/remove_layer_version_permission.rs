//! `lambda:RemoveLayerVersionPermission`: takes a statement from the policy of a version of a layer.

use api::lambda::{RemoveLayerVersionPermissionRequest, ResourceNotFoundException};
use platform::{Ctx, Result};
use wire::Empty;

use crate::{layer_policy, permissions};

pub(crate) async fn remove_layer_version_permission(
    ctx: &Ctx,
    req: RemoveLayerVersionPermissionRequest,
) -> Result<Empty> {
    let action = "lambda:RemoveLayerVersionPermission";
    let named = (req.layer_name.as_str(), req.version_number);
    let (place, version) = layer_policy::subject(ctx, action, named).await?;
    if version.statements.is_empty() {
        return Err(layer_policy::no_policy().into());
    }
    let mut statements = version.statements.clone();
    if !permissions::remove(&mut statements, &req.statement_id) {
        let id = &req.statement_id;
        let text = format!("Statement {id} is not found in resource policy.");
        return Err(ResourceNotFoundException::new(text).into());
    }
    layer_policy::check_revision(&version, req.revision_id.as_deref())?;
    layer_policy::set(ctx, (&place, &version), statements).await?;
    Ok(Empty)
}
