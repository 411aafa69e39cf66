//! `lambda:UpdateFunctionEventInvokeConfig`: changes how events for a function are handled.

use api::lambda::{FunctionEventInvokeConfig, UpdateFunctionEventInvokeConfigRequest};
use platform::{Ctx, Result};

use crate::access::Function;
use crate::event_invoke;
use crate::function::EventInvokeRecord;

pub(crate) async fn update_function_event_invoke_config(
    ctx: &Ctx,
    req: UpdateFunctionEventInvokeConfigRequest,
) -> Result<FunctionEventInvokeConfig> {
    let action = "lambda:UpdateFunctionEventInvokeConfig";
    let named = (req.function_name.as_str(), req.qualifier.as_deref());
    let (asked, found) = event_invoke::asked(ctx, action, named).await?;
    let record = found.ok_or_else(event_invoke::no_function)?;
    let key = EventInvokeRecord::key(&asked.place, asked.qualifier.as_deref());
    let known = ctx.get::<EventInvokeRecord>(&key).await?;
    let known = known.ok_or_else(|| event_invoke::no_config(&asked))?;
    let function = Function::found(asked, record);
    event_invoke::check_members(
        req.maximum_retry_attempts.is_none()
            && req.maximum_event_age_in_seconds.is_none()
            && event_invoke::is_empty(req.destination_config.as_ref()),
    )?;
    let number = |number: Option<i32>| number.and_then(|it| u32::try_from(it).ok());
    let mut changed = EventInvokeRecord::clone(&known);
    changed.retries = number(req.maximum_retry_attempts).or(known.retries);
    changed.age_seconds = number(req.maximum_event_age_in_seconds).or(known.age_seconds);
    changed.modified_millis = ctx.now.millis;
    if let Some(config) = req.destination_config {
        event_invoke::set_destinations(ctx, &function.place, &mut changed, config).await?;
    }
    let shown = changed.shown(&function.place);
    ctx.put(key, changed).await;
    Ok(shown)
}
