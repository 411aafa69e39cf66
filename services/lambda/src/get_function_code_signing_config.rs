//! `lambda:GetFunctionCodeSigningConfig`: names the configuration that a function's code is signed
//! under, if there is one.

use api::lambda::{GetFunctionCodeSigningConfigRequest, GetFunctionCodeSigningConfigResponse};
use platform::{Ctx, Result};

use crate::access;

pub(crate) async fn get_function_code_signing_config(
    ctx: &Ctx,
    req: GetFunctionCodeSigningConfigRequest,
) -> Result<GetFunctionCodeSigningConfigResponse> {
    let action = "lambda:GetFunctionCodeSigningConfig";
    let function = access::function(ctx, action, &req.function_name, None).await?;
    Ok(GetFunctionCodeSigningConfigResponse {
        code_signing_config_arn: function.code_signing.clone(),
        function_name: Some(function.name.clone()),
    })
}
