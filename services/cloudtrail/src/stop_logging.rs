//! `cloudtrail:StopLogging`: delivers the events up to now and no more.

use api::cloudtrail::{StopLoggingRequest, StopLoggingResponse};
use platform::{Ctx, Result};

use crate::trail;

pub(crate) async fn stop_logging(
    ctx: &Ctx,
    req: StopLoggingRequest,
) -> Result<StopLoggingResponse> {
    let mut trail = trail::at_home(ctx, "cloudtrail:StopLogging", &req.name).await?;
    if let Some((_, last @ None)) = trail.ranges.last_mut() {
        *last = Some(ctx.last_event());
        trail.stop_millis = Some(ctx.now.millis);
        trail.put(ctx).await;
    }
    Ok(StopLoggingResponse {})
}
