//! `events:DescribeEventBus`: shows a bus and its policy.

use api::events::{DescribeEventBusRequest, DescribeEventBusResponse};
use platform::{Ctx, NoKeys, Result};

use crate::access::{self, Tagging};
use crate::bus::{self, BusRecord};
use crate::names::BusPlace;

pub(crate) async fn describe_event_bus(
    ctx: &Ctx,
    req: DescribeEventBusRequest,
) -> Result<DescribeEventBusResponse> {
    let place = BusPlace::asked(ctx, req.name.as_deref())?;
    let tagging = Tagging::default();
    access::bus(ctx, "events:DescribeEventBus", &place, tagging, &NoKeys).await?;
    let record = BusRecord::existing(ctx, &place).await?;
    Ok(DescribeEventBusResponse {
        name: Some(record.name.clone()),
        arn: Some(place.arn()),
        description: record.description.clone(),
        kms_key_identifier: record.shown_key(),
        dead_letter_config: record.shown_dead_letters(),
        policy: record.shown_policy(ctx).await?,
        log_config: None,
        creation_time: bus::time(record.created_millis),
        last_modified_time: bus::time(record.modified_millis),
        managed_by: None,
    })
}
