//! `lambda:ListFunctionEventInvokeConfigs`: lists how events for a function, its versions and its
//! aliases are handled.

use api::lambda::{ListFunctionEventInvokeConfigsRequest, ListFunctionEventInvokeConfigsResponse};
use platform::{Ctx, Result};

use crate::function::EventInvokeRecord;
use crate::{event_invoke, page};

pub(crate) async fn list_function_event_invoke_configs(
    ctx: &Ctx,
    req: ListFunctionEventInvokeConfigsRequest,
) -> Result<ListFunctionEventInvokeConfigsResponse> {
    let action = "lambda:ListFunctionEventInvokeConfigs";
    let (asked, found) = event_invoke::asked(ctx, action, (&req.function_name, None)).await?;
    found.ok_or_else(event_invoke::no_function)?;
    let rows = ctx
        .scan_all::<EventInvokeRecord>(&asked.place.key())
        .await?;
    let mut records: Vec<_> = rows.into_iter().map(|(_, record)| record).collect();
    records.sort_by(|one, other| one.qualifier.cmp(&other.qualifier));
    let key = |record: &std::sync::Arc<EventInvokeRecord>| record.qualifier.clone();
    let (found, next_marker) = page::page(records, key, req.marker.as_deref(), req.max_items)?;
    let shown = found.iter().map(|record| record.shown(&asked.place));
    Ok(ListFunctionEventInvokeConfigsResponse {
        function_event_invoke_configs: Some(shown.collect()),
        next_marker,
    })
}
