//! `lambda:GetFunctionEventInvokeConfig`: shows how events for a function are handled.

use api::lambda::{FunctionEventInvokeConfig, GetFunctionEventInvokeConfigRequest};
use platform::{Ctx, Result};

use crate::event_invoke;
use crate::function::EventInvokeRecord;

pub(crate) async fn get_function_event_invoke_config(
    ctx: &Ctx,
    req: GetFunctionEventInvokeConfigRequest,
) -> Result<FunctionEventInvokeConfig> {
    let action = "lambda:GetFunctionEventInvokeConfig";
    let named = (req.function_name.as_str(), req.qualifier.as_deref());
    let (asked, _) = event_invoke::asked(ctx, action, named).await?;
    let key = EventInvokeRecord::key(&asked.place, asked.qualifier.as_deref());
    let found = ctx.get::<EventInvokeRecord>(&key).await?;
    let found = found.ok_or_else(|| event_invoke::no_config(&asked))?;
    Ok(found.shown(&asked.place))
}
