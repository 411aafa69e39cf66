//! `lambda:GetLayerVersionPolicy`: shows the policy of a version of a layer.

use api::lambda::{GetLayerVersionPolicyRequest, GetLayerVersionPolicyResponse};
use platform::{Ctx, Result};

use crate::{layer_policy, permissions};

pub(crate) async fn get_layer_version_policy(
    ctx: &Ctx,
    req: GetLayerVersionPolicyRequest,
) -> Result<GetLayerVersionPolicyResponse> {
    let action = "lambda:GetLayerVersionPolicy";
    let named = (req.layer_name.as_str(), req.version_number);
    let (_, version) = layer_policy::subject(ctx, action, named).await?;
    if version.statements.is_empty() {
        return Err(layer_policy::no_policy().into());
    }
    let document = permissions::document(&version.statements);
    Ok(GetLayerVersionPolicyResponse {
        policy: Some(ctx.show_principals(&document).await?),
        revision_id: Some(version.revision_id.clone()),
    })
}
