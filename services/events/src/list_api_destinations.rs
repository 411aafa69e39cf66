//! `events:ListApiDestinations`: lists the caller's API destinations.

use api::events::{ApiDestination, ListApiDestinationsRequest, ListApiDestinationsResponse};
use platform::{Ctx, Result};
use store::Key;

use crate::api_destination::ApiDestinationRecord;
use crate::bus::time;
use crate::{access, page};

pub(crate) async fn list_api_destinations(
    ctx: &Ctx,
    req: ListApiDestinationsRequest,
) -> Result<ListApiDestinationsResponse> {
    access::everything(ctx, "events:ListApiDestinations").await?;
    let own = Key::new(ctx.account(), &ctx.region, [""; 0]);
    let rows = ctx.scan_all::<ApiDestinationRecord>(&own).await?;
    let prefix = req.name_prefix.unwrap_or_default();
    let mut found: Vec<_> = rows.into_iter().map(|(_, record)| record).collect();
    found.retain(|one| {
        let asked = req.connection_arn.as_ref();
        one.name.starts_with(&prefix) && asked.is_none_or(|arn| *arn == one.connection_arn)
    });
    found.sort_by(|one, other| one.name.cmp(&other.name));
    let token = req.next_token.as_deref();
    let (found, next_token) = page::page(found, |one| one.name.clone(), token, req.limit)?;
    let mut shown = Vec::with_capacity(found.len());
    for one in found {
        shown.push(ApiDestination {
            api_destination_arn: Some(one.arn(ctx.account(), &ctx.region)),
            name: Some(one.name.clone()),
            api_destination_state: one.shown_state(ctx).await?,
            connection_arn: Some(one.connection_arn.clone()),
            invocation_endpoint: Some(one.endpoint.clone()),
            http_method: one.shown_method(),
            invocation_rate_limit_per_second: Some(one.rate),
            creation_time: time(one.created_millis),
            last_modified_time: time(one.modified_millis),
        });
    }
    Ok(ListApiDestinationsResponse {
        api_destinations: Some(shown),
        next_token,
    })
}
