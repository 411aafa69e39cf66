//! `lambda:GetFunctionRecursionConfig`: shows what becomes of loops that a function is in.

use api::lambda::{
    GetFunctionRecursionConfigRequest, GetFunctionRecursionConfigResponse, RecursiveLoop,
};
use platform::{Ctx, Result};

use crate::access;

pub(crate) async fn get_function_recursion_config(
    ctx: &Ctx,
    req: GetFunctionRecursionConfigRequest,
) -> Result<GetFunctionRecursionConfigResponse> {
    let action = "lambda:GetFunctionRecursionConfig";
    let function = access::function(ctx, action, &req.function_name, None).await?;
    let set = function.recursive_loop.as_deref();
    let set = set.and_then(RecursiveLoop::parse);
    Ok(GetFunctionRecursionConfigResponse {
        recursive_loop: Some(set.unwrap_or(RecursiveLoop::Terminate)),
    })
}
