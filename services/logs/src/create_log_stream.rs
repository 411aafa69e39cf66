//! `logs:CreateLogStream`: makes a stream in a log group.

use api::logs::CreateLogStreamRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{self, Target};
use crate::refusals;
use crate::stream::StreamRecord;

pub(crate) async fn create_log_stream(ctx: &Ctx, req: CreateLogStreamRequest) -> Result<Empty> {
    let target = Target::named(ctx, &req.log_group_name);
    let name = req.log_stream_name;
    let group = access::stream(ctx, "logs:CreateLogStream", &target, &name).await?;
    if StreamRecord::find(ctx, &group, &name).await?.is_some() {
        return Err(refusals::stream_exists().into());
    }
    let stream = StreamRecord {
        name,
        serial: u64::from_be_bytes(ctx.random_bytes()?),
        created_millis: ctx.now.millis,
        first_event_millis: None,
        last_event_millis: None,
        last_ingestion_millis: None,
        bytes: 0,
        batches: 0,
        gone: 0,
    };
    stream.put(ctx, &group).await;
    Ok(Empty)
}
