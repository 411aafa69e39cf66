//! `lambda:GetFunctionConcurrency`: shows what is reserved for a function.

use api::lambda::{GetFunctionConcurrencyRequest, GetFunctionConcurrencyResponse};
use platform::{Ctx, Result};

use crate::access;

pub(crate) async fn get_function_concurrency(
    ctx: &Ctx,
    req: GetFunctionConcurrencyRequest,
) -> Result<GetFunctionConcurrencyResponse> {
    let action = "lambda:GetFunctionConcurrency";
    let function = access::function(ctx, action, &req.function_name, None).await?;
    let reserved = function.reserved_concurrency;
    Ok(GetFunctionConcurrencyResponse {
        reserved_concurrent_executions: reserved.and_then(|it| i32::try_from(it).ok()),
    })
}
