//! `events:CancelReplay`: ends a replay before its time. What was replayed stays so.

use api::events::{CancelReplayRequest, CancelReplayResponse, ReplayState};
use platform::{Ctx, Result};

use crate::access::{self, Tagging};
use crate::refusals;
use crate::replays::{self, ReplayRecord};

pub(crate) async fn cancel_replay(
    ctx: &Ctx,
    req: CancelReplayRequest,
) -> Result<CancelReplayResponse> {
    let name = &req.replay_name;
    let thing = replays::thing(ctx, name);
    access::thing(ctx, "events:CancelReplay", thing, Tagging::default()).await?;
    let known = ReplayRecord::existing(ctx, name).await?;
    if !known.is_under_way() {
        return Err(refusals::replay_is_over(name).into());
    }
    let mut replay = ReplayRecord::clone(&known);
    replay.state = ReplayState::Cancelling.as_str().to_owned();
    let place = ReplayRecord::place(ctx.account(), &ctx.region, name);
    ctx.put(place, replay).await;
    Ok(CancelReplayResponse {
        replay_arn: Some(replays::arn(ctx, name)),
        state: Some(ReplayState::Cancelling),
        state_reason: None,
    })
}
