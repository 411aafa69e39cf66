//! `events:DescribeReplay`: shows a replay and how far it is.

use api::events::{DescribeReplayRequest, DescribeReplayResponse};
use platform::{Ctx, Result};

use crate::access::{self, Tagging};
use crate::replays::{self, ReplayRecord};

pub(crate) async fn describe_replay(
    ctx: &Ctx,
    req: DescribeReplayRequest,
) -> Result<DescribeReplayResponse> {
    let name = &req.replay_name;
    let thing = replays::thing(ctx, name);
    access::thing(ctx, "events:DescribeReplay", thing, Tagging::default()).await?;
    let replay = ReplayRecord::existing(ctx, name).await?;
    let shown = replay.shown(ctx);
    Ok(DescribeReplayResponse {
        replay_name: shown.replay_name,
        replay_arn: Some(replays::arn(ctx, name)),
        description: replay.description.clone(),
        state: shown.state,
        state_reason: shown.state_reason,
        event_source_arn: shown.event_source_arn,
        destination: Some(replay.destination(ctx)),
        event_start_time: shown.event_start_time,
        event_end_time: shown.event_end_time,
        event_last_replayed_time: shown.event_last_replayed_time,
        replay_start_time: shown.replay_start_time,
        replay_end_time: shown.replay_end_time,
    })
}
