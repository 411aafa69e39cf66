//! `lambda:DeleteFunctionConcurrency`: gives back what was reserved for a function.

use api::lambda::DeleteFunctionConcurrencyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access;

pub(crate) async fn delete_function_concurrency(
    ctx: &Ctx,
    req: DeleteFunctionConcurrencyRequest,
) -> Result<Empty> {
    let action = "lambda:DeleteFunctionConcurrency";
    let function = access::function(ctx, action, &req.function_name, None).await?;
    let mut record = function.draft();
    record.reserved_concurrency = None;
    ctx.put(function.place.key(), record).await;
    Ok(Empty)
}
