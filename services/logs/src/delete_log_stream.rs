//! `logs:DeleteLogStream`: deletes a stream with its events.

use api::logs::DeleteLogStreamRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{self, Target};
use crate::stream::StreamRecord;
use crate::{refusals, retention};

pub(crate) async fn delete_log_stream(ctx: &Ctx, req: DeleteLogStreamRequest) -> Result<Empty> {
    let target = Target::named(ctx, &req.log_group_name);
    let name = req.log_stream_name;
    let group = access::stream(ctx, "logs:DeleteLogStream", &target, &name).await?;
    let stream = StreamRecord::get(ctx, &group, &name).await?;
    if group.is_protected {
        return Err(refusals::protected().into());
    }
    stream.delete(ctx, &group).await;
    retention::discard_stream(ctx, &group, &stream).await;
    Ok(Empty)
}
