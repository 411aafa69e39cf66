//! `lambda:PutFunctionConcurrency`: reserves part of the account's concurrency for a function.

use api::lambda::{Concurrency, PutFunctionConcurrencyRequest};
use platform::{Ctx, Result};

use crate::{access, concurrency, refusals};

pub(crate) async fn put_function_concurrency(
    ctx: &Ctx,
    req: PutFunctionConcurrencyRequest,
) -> Result<Concurrency> {
    let action = "lambda:PutFunctionConcurrency";
    let function = access::function(ctx, action, &req.function_name, None).await?;
    if function.qualifier.is_some() {
        return Err(refusals::invalid(
            "This operation is permitted on Lambda functions only. Aliases and versions do not \
             support this operation. Please specify either a function name or an unqualified \
             function ARN.",
        )
        .into());
    }
    let place = &function.place;
    let wanted = u32::try_from(req.reserved_concurrent_executions).unwrap_or_default();
    let limit = concurrency::limit(ctx, &place.account, &place.region).await?;
    let others = concurrency::reserved(ctx, (&place.account, &place.region), &place.name).await?;
    let left = limit.saturating_sub(others).checked_sub(wanted);
    if left.is_none_or(|left| left < concurrency::LEAST_UNRESERVED) {
        let least = concurrency::LEAST_UNRESERVED;
        return Err(refusals::invalid(format!(
            "Specified ReservedConcurrentExecutions for function decreases account's \
             UnreservedConcurrentExecution below its minimum value of [{least}]."
        ))
        .into());
    }
    let mut record = function.draft();
    record.reserved_concurrency = Some(wanted);
    ctx.put(place.key(), record).await;
    Ok(Concurrency {
        reserved_concurrent_executions: Some(req.reserved_concurrent_executions),
    })
}
