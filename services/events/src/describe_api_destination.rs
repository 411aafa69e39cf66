//! `events:DescribeApiDestination`: shows an API destination.

use api::events::{DescribeApiDestinationRequest, DescribeApiDestinationResponse};
use platform::{Ctx, Result};

use crate::api_destination::ApiDestinationRecord;
use crate::bus::time;

pub(crate) async fn describe_api_destination(
    ctx: &Ctx,
    req: DescribeApiDestinationRequest,
) -> Result<DescribeApiDestinationResponse> {
    ApiDestinationRecord::permit(ctx, "events:DescribeApiDestination", &req.name).await?;
    ApiDestinationRecord::permit_its_connection(ctx, "events:DescribeApiDestination", &req.name)
        .await?;
    let record = ApiDestinationRecord::existing(ctx, &req.name).await?;
    Ok(DescribeApiDestinationResponse {
        api_destination_arn: Some(record.arn(ctx.account(), &ctx.region)),
        name: Some(record.name.clone()),
        description: record.description.clone(),
        api_destination_state: record.shown_state(ctx).await?,
        connection_arn: Some(record.connection_arn.clone()),
        invocation_endpoint: Some(record.endpoint.clone()),
        http_method: record.shown_method(),
        invocation_rate_limit_per_second: Some(record.rate),
        creation_time: time(record.created_millis),
        last_modified_time: time(record.modified_millis),
    })
}
