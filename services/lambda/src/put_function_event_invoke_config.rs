//! `lambda:PutFunctionEventInvokeConfig`: says how events for a function are handled, in place of
//! what was said before.

use api::lambda::{FunctionEventInvokeConfig, PutFunctionEventInvokeConfigRequest};
use platform::{Ctx, Result};

use crate::event_invoke;
use crate::function::EventInvokeRecord;
use crate::names::LATEST;

pub(crate) async fn put_function_event_invoke_config(
    ctx: &Ctx,
    req: PutFunctionEventInvokeConfigRequest,
) -> Result<FunctionEventInvokeConfig> {
    let action = "lambda:PutFunctionEventInvokeConfig";
    let named = (req.function_name.as_str(), req.qualifier.as_deref());
    let function = event_invoke::target(ctx, action, named).await?;
    let place = &function.place;
    event_invoke::check_members(
        req.maximum_retry_attempts.is_none()
            && req.maximum_event_age_in_seconds.is_none()
            && event_invoke::is_empty(req.destination_config.as_ref()),
    )?;
    let number = |number: Option<i32>| number.and_then(|it| u32::try_from(it).ok());
    let mut record = EventInvokeRecord {
        qualifier: function.qualifier.as_deref().unwrap_or(LATEST).to_owned(),
        retries: number(req.maximum_retry_attempts),
        age_seconds: number(req.maximum_event_age_in_seconds),
        modified_millis: ctx.now.millis,
        ..EventInvokeRecord::default()
    };
    if let Some(config) = req.destination_config {
        event_invoke::set_destinations(ctx, place, &mut record, config).await?;
    }
    let shown = record.shown(place);
    let key = EventInvokeRecord::key(place, function.qualifier.as_deref());
    ctx.put(key, record).await;
    Ok(shown)
}
