//! `logs:StopQuery`: stops a query that is under way.

use api::logs::{StopQueryRequest, StopQueryResponse};
use platform::{Ctx, Result};

use crate::query::{QueryRecord, Status};
use crate::{access, refusals};

pub(crate) async fn stop_query(ctx: &Ctx, req: StopQueryRequest) -> Result<StopQueryResponse> {
    access::everything(ctx, "logs:StopQuery").await?;
    let query = QueryRecord::find(ctx, &req.query_id).await?;
    let mut query = query.ok_or_else(refusals::no_query)?;
    if !query.is_under_way() {
        return Err(refusals::not_running().into());
    }
    query.status = Status::Cancelled;
    ctx.put(query.key(), query).await;
    Ok(StopQueryResponse {
        success: Some(true),
    })
}
