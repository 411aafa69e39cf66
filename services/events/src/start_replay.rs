//! `events:StartReplay`: puts events of an archive on their bus again.

use api::events::{ReplayState, StartReplayRequest, StartReplayResponse};
use platform::{Ctx, NoKeys, Result};

use crate::access::{self, Tagging};
use crate::archives::{self, ArchivesRecord};
use crate::bus::BusRecord;
use crate::names::BusPlace;
use crate::refusals;
use crate::replays::{self, PendingReplay, ReplayRecord};

/// The most replays that an account has under way in a Region ("Replays", EventBridge quotas).
const MOST_UNDER_WAY: usize = 10;

pub(crate) async fn start_replay(
    ctx: &Ctx,
    req: StartReplayRequest,
) -> Result<StartReplayResponse> {
    let (action, name) = ("events:StartReplay", &req.replay_name);
    let tagging = Tagging::default();
    access::thing(ctx, action, replays::thing(ctx, name), tagging).await?;
    // What is named is decided about first, whether or not it can be.
    let archive = last_name(&req.event_source_arn);
    access::thing(ctx, action, archives::thing(ctx, archive), tagging).await?;
    let named = BusPlace::of_arn(&req.destination.arn);
    let is_bus = named.is_some();
    let bus = named.unwrap_or_else(|| BusPlace::own(ctx, last_name(&req.destination.arn)));
    access::bus(ctx, action, &bus, tagging, &NoKeys).await?;
    if req.event_source_arn != archives::arn(ctx, archive) || archive.is_empty() {
        return Err(refusals::not_an_archive().into());
    }
    if !is_bus {
        return Err(refusals::no_bus_to_replay_to().into());
    }
    if bus != BusPlace::own(ctx, &bus.name) {
        return Err(refusals::no_bus(&bus.name).into());
    }
    BusRecord::existing(ctx, &bus).await?;
    let all = ArchivesRecord::all(ctx).await?;
    let found = all.iter().find_map(|found| {
        let archive = found.all.archives.get(archive)?;
        Some((&found.place, archive.id.clone()))
    });
    let (place, archive_id) = found.ok_or_else(|| refusals::no_archive_to_replay(archive))?;
    if *place != bus {
        return Err(refusals::cross_bus_replay().into());
    }
    if req.event_end_time.millis <= req.event_start_time.millis {
        return Err(refusals::replay_ends_before_it_begins().into());
    }
    let filter_arns = req.destination.filter_arns.unwrap_or_default();
    check_filters(&filter_arns, &bus)?;
    check_room(ctx, name).await?;

    let (account, region) = (ctx.account(), &ctx.region);
    let pending = PendingReplay {
        account: account.to_owned(),
        region: region.clone(),
        name: name.clone(),
    };
    ctx.put(PendingReplay::place(account, region, name), pending)
        .await;
    let record = ReplayRecord {
        name: name.clone(),
        description: req.description,
        archive: archive.to_owned(),
        archive_id,
        bus: bus.name,
        filter_arns,
        range_millis: (req.event_start_time.millis, req.event_end_time.millis),
        state: ReplayState::Starting.as_str().to_owned(),
        reason: None,
        last: None,
        started_millis: ctx.now.millis,
        ended_millis: 0,
    };
    ctx.put(ReplayRecord::place(account, region, name), record)
        .await;
    Ok(StartReplayResponse {
        replay_arn: Some(replays::arn(ctx, name)),
        state: Some(ReplayState::Starting),
        state_reason: None,
        replay_start_time: Some(ctx.now),
    })
}

/// What an ARN ends with.
fn last_name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or_default()
}

/// Refuses filters that are no rules of the bus.
fn check_filters(arns: &[String], bus: &BusPlace) -> Result<()> {
    let prefix = bus.rule_arn("");
    for arn in arns {
        let name = arn.strip_prefix(&prefix);
        if name.is_none_or(|name| name.is_empty() || name.contains('/')) {
            return Err(refusals::bad_replay_filter().into());
        }
    }
    Ok(())
}

/// Refuses a name that is taken, and more replays at a time than may be.
async fn check_room(ctx: &Ctx, name: &str) -> Result<()> {
    let own = store::Key::new(ctx.account(), &ctx.region, [""; 0]);
    let mut all = ctx.scan_all::<ReplayRecord>(&own).await?;
    for (place, _) in all.extract_if(.., |(_, known)| known.is_over(ctx.now)) {
        ctx.delete::<ReplayRecord>(&place).await;
    }
    if all.iter().any(|(_, known)| known.name == name) {
        return Err(refusals::replay_exists(name).into());
    }
    let under_way = all.iter().filter(|(_, known)| known.ended_millis == 0);
    match under_way.count() >= MOST_UNDER_WAY {
        true => Err(refusals::too_many().into()),
        false => Ok(()),
    }
}
