//! `logs:DescribeDestinations`: shows the destinations of the account, in the order of their names.

use api::logs::{DescribeDestinationsRequest, DescribeDestinationsResponse};
use platform::{Ctx, Result};

use crate::destination::DestinationRecord;
use crate::{access, names};

pub(crate) async fn describe_destinations(
    ctx: &Ctx,
    req: DescribeDestinationsRequest,
) -> Result<DescribeDestinationsResponse> {
    access::everything(ctx, "logs:DescribeDestinations").await?;
    let mut destinations = DestinationRecord::list(ctx).await?;
    let prefix = req.destination_name_prefix.as_deref().unwrap_or_default();
    destinations.retain(|destination| destination.name.starts_with(prefix));
    let key = |destination: &std::sync::Arc<DestinationRecord>| destination.name.clone();
    let (page, next_token) = names::page(destinations, key, req.next_token.as_deref(), req.limit)?;
    let mut shown = Vec::with_capacity(page.len());
    for destination in page {
        shown.push(destination.shown(ctx).await?);
    }
    Ok(DescribeDestinationsResponse {
        destinations: Some(shown),
        next_token,
    })
}
