//! `events:DeleteApiDestination`: forgets an API destination.

use api::events::{DeleteApiDestinationRequest, DeleteApiDestinationResponse};
use platform::{Ctx, Result};

use crate::api_destination::ApiDestinationRecord;

pub(crate) async fn delete_api_destination(
    ctx: &Ctx,
    req: DeleteApiDestinationRequest,
) -> Result<DeleteApiDestinationResponse> {
    ApiDestinationRecord::permit(ctx, "events:DeleteApiDestination", &req.name).await?;
    ApiDestinationRecord::existing(ctx, &req.name).await?;
    let key = ApiDestinationRecord::key(ctx, &req.name);
    ctx.delete::<ApiDestinationRecord>(&key).await;
    Ok(DeleteApiDestinationResponse {})
}
