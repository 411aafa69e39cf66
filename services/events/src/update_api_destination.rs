//! `events:UpdateApiDestination`: changes what a request names of an API destination.

use api::events::{UpdateApiDestinationRequest, UpdateApiDestinationResponse};
use platform::{Ctx, Result};

use crate::api_destination::{self, ApiDestinationRecord};
use crate::bus::time;

pub(crate) async fn update_api_destination(
    ctx: &Ctx,
    req: UpdateApiDestinationRequest,
) -> Result<UpdateApiDestinationResponse> {
    ApiDestinationRecord::permit(ctx, "events:UpdateApiDestination", &req.name).await?;
    let known = ApiDestinationRecord::existing(ctx, &req.name).await?;
    let mut record = ApiDestinationRecord::clone(&known);
    if let Some(endpoint) = req.invocation_endpoint {
        api_destination::check_endpoint(&endpoint)?;
        record.endpoint = endpoint;
    }
    if let Some(connection) = req.connection_arn {
        api_destination::check_connection(ctx, &connection).await?;
        record.connection_arn = connection;
    }
    if let Some(method) = req.http_method {
        record.method = method.as_str().to_owned();
    }
    record.description = req.description.or(record.description);
    record.rate = req.invocation_rate_limit_per_second.unwrap_or(record.rate);
    record.modified_millis = ctx.now.millis;
    let response = UpdateApiDestinationResponse {
        api_destination_arn: Some(record.arn(ctx.account(), &ctx.region)),
        api_destination_state: record.shown_state(ctx).await?,
        creation_time: time(record.created_millis),
        last_modified_time: Some(ctx.now),
    };
    ctx.put(ApiDestinationRecord::key(ctx, &req.name), record)
        .await;
    Ok(response)
}
