//! `events:CreateApiDestination`: keeps an HTTPS endpoint that rules can call.

use api::events::{CreateApiDestinationRequest, CreateApiDestinationResponse};
use platform::{Ctx, Result};
use store::Key;

use crate::api_destination::{self, ApiDestinationRecord, USUAL_RATE};
use crate::refusals;

/// The most API destinations of an account in a Region ("API destinations", EventBridge quotas).
const MOST: u64 = 3000;

pub(crate) async fn create_api_destination(
    ctx: &Ctx,
    req: CreateApiDestinationRequest,
) -> Result<CreateApiDestinationResponse> {
    ApiDestinationRecord::permit(ctx, "events:CreateApiDestination", &req.name).await?;
    api_destination::permit_connection(ctx, "events:CreateApiDestination", &req.connection_arn)
        .await?;
    api_destination::check_endpoint(&req.invocation_endpoint)?;
    let key = ApiDestinationRecord::key(ctx, &req.name);
    if ctx.get::<ApiDestinationRecord>(&key).await?.is_some() {
        return Err(refusals::api_destination_exists(&req.name).into());
    }
    api_destination::check_connection(ctx, &req.connection_arn).await?;
    let own = Key::new(ctx.account(), &ctx.region, [""; 0]);
    if !ctx.has_room::<ApiDestinationRecord>(own, MOST).await? {
        return Err(refusals::too_many().into());
    }
    let record = ApiDestinationRecord {
        name: req.name,
        id: ctx.new_uuid()?,
        description: req.description,
        connection_arn: req.connection_arn,
        endpoint: req.invocation_endpoint,
        method: req.http_method.as_str().to_owned(),
        rate: req.invocation_rate_limit_per_second.unwrap_or(USUAL_RATE),
        created_millis: ctx.now.millis,
        modified_millis: ctx.now.millis,
    };
    let response = CreateApiDestinationResponse {
        api_destination_arn: Some(record.arn(ctx.account(), &ctx.region)),
        api_destination_state: record.shown_state(ctx).await?,
        creation_time: Some(ctx.now),
        last_modified_time: Some(ctx.now),
    };
    ctx.put(key, record).await;
    Ok(response)
}
