//! `lambda:GetRuntimeManagementConfig`: shows when a version gets new versions of its runtime.

use api::lambda::{
    GetRuntimeManagementConfigRequest, GetRuntimeManagementConfigResponse, UpdateRuntimeOn,
};
use platform::{Ctx, Result};

use crate::{access, configuration};

pub(crate) async fn get_runtime_management_config(
    ctx: &Ctx,
    req: GetRuntimeManagementConfigRequest,
) -> Result<GetRuntimeManagementConfigResponse> {
    let action = "lambda:GetRuntimeManagementConfig";
    let (name, qualifier) = (req.function_name.as_str(), req.qualifier.as_deref());
    let function = access::function(ctx, action, name, qualifier).await?;
    let version = configuration::version(ctx, &function).await?;
    Ok(GetRuntimeManagementConfigResponse {
        update_runtime_on: UpdateRuntimeOn::parse(&version.update_runtime_on),
        function_arn: Some(function.place.qualified(Some(&version.version))),
        runtime_version_arn: version.runtime_version.clone(),
    })
}
