//! `events:ListReplays`: lists the replays of the account.

use api::events::{ListReplaysRequest, ListReplaysResponse};
use platform::{Ctx, Result};
use store::Key;

use crate::replays::ReplayRecord;
use crate::{access, archives, page, refusals};

pub(crate) async fn list_replays(
    ctx: &Ctx,
    req: ListReplaysRequest,
) -> Result<ListReplaysResponse> {
    access::everything(ctx, "events:ListReplays").await?;
    let filters = [
        req.name_prefix.is_some(),
        req.event_source_arn.is_some(),
        req.state.is_some(),
    ];
    if filters.into_iter().filter(|is_given| *is_given).count() > 1 {
        let message = "At most one filter is allowed for ListReplays. Use either : State, \
                       EventSourceArn, or NamePrefix.";
        return Err(refusals::invalid(message).into());
    }
    let own = Key::new(ctx.account(), &ctx.region, [""; 0]);
    let all = ctx.scan_all::<ReplayRecord>(&own).await?;
    let wanted = |replay: &ReplayRecord| {
        let prefix = req.name_prefix.as_deref().unwrap_or_default();
        let source = req.event_source_arn.as_ref();
        replay.name.starts_with(prefix)
            && source.is_none_or(|asked| *asked == archives::arn(ctx, &replay.archive))
            && req.state.is_none_or(|state| replay.state() == Some(state))
    };
    let mut found: Vec<_> = all.into_iter().map(|(_, replay)| replay).collect();
    found.retain(|replay| !replay.is_over(ctx.now) && wanted(replay));
    found.sort_by(|one, other| one.name.cmp(&other.name));
    let token = req.next_token.as_deref();
    let (found, next_token) = page::page(found, |replay| replay.name.clone(), token, req.limit)?;
    let shown = found.iter().map(|replay| replay.shown(ctx));
    Ok(ListReplaysResponse {
        replays: Some(shown.collect()),
        next_token,
    })
}
