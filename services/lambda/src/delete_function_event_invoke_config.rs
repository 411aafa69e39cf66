//! `lambda:DeleteFunctionEventInvokeConfig`: has events for a function handled as usual again.

use api::lambda::DeleteFunctionEventInvokeConfigRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::event_invoke;
use crate::function::EventInvokeRecord;

pub(crate) async fn delete_function_event_invoke_config(
    ctx: &Ctx,
    req: DeleteFunctionEventInvokeConfigRequest,
) -> Result<Empty> {
    let action = "lambda:DeleteFunctionEventInvokeConfig";
    let named = (req.function_name.as_str(), req.qualifier.as_deref());
    let (asked, _) = event_invoke::asked(ctx, action, named).await?;
    let key = EventInvokeRecord::key(&asked.place, asked.qualifier.as_deref());
    if ctx.get::<EventInvokeRecord>(&key).await?.is_none() {
        return Err(event_invoke::no_config(&asked).into());
    }
    ctx.delete::<EventInvokeRecord>(&key).await;
    Ok(Empty)
}
