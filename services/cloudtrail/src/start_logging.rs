//! `cloudtrail:StartLogging`: delivers the events from now on.

use api::cloudtrail::{StartLoggingRequest, StartLoggingResponse};
use platform::{Ctx, Result};

use crate::trail;

pub(crate) async fn start_logging(
    ctx: &Ctx,
    req: StartLoggingRequest,
) -> Result<StartLoggingResponse> {
    let mut trail = trail::at_home(ctx, "cloudtrail:StartLogging", &req.name).await?;
    if !trail.is_logging() {
        let first = ctx.last_event() + 1;
        trail.ranges.push((first, None));
        trail.logging_from = first;
        trail.start_millis = Some(ctx.now.millis);
        trail.stop_millis = None;
        trail.put(ctx).await;
    }
    Ok(StartLoggingResponse {})
}
