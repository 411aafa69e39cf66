//! `lambda:PutFunctionRecursionConfig`: says what becomes of loops that a function is in.

use api::lambda::{PutFunctionRecursionConfigRequest, PutFunctionRecursionConfigResponse};
use platform::{Ctx, Result};

use crate::access;

pub(crate) async fn put_function_recursion_config(
    ctx: &Ctx,
    req: PutFunctionRecursionConfigRequest,
) -> Result<PutFunctionRecursionConfigResponse> {
    let action = "lambda:PutFunctionRecursionConfig";
    let function = access::function(ctx, action, &req.function_name, None).await?;
    let mut record = function.draft();
    record.recursive_loop = Some(req.recursive_loop.as_str().to_owned());
    ctx.put(function.place.key(), record).await;
    Ok(PutFunctionRecursionConfigResponse {
        recursive_loop: Some(req.recursive_loop),
    })
}
