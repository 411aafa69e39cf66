//! Replays: events of an archive, put on their bus again.

use std::sync::Arc;

use api::events::{Replay, ReplayDestination, ReplayState};
use platform::{Ctx, Result, partition};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;

use crate::access::Thing;
use crate::bus::time;
use crate::names::BusPlace;
use crate::refusals;

/// How long a replay that has ended is shown ("Archiving and replaying events", EventBridge user
/// guide).
const KEPT_MILLIS: i64 = 90 * 24 * 60 * 60 * 1000;

/// What the store keeps of a replay.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ReplayRecord {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// The name of the archive, and the id that tells it from others of its name.
    pub(crate) archive: String,
    pub(crate) archive_id: String,
    /// The name of the bus that has the archive.
    pub(crate) bus: String,
    /// The ARNs of the rules that get the events; all of the bus's if there is none.
    pub(crate) filter_arns: Vec<String>,
    /// Events from the first time on and before the second one, in milliseconds since 1970.
    pub(crate) range_millis: (i64, i64),
    /// A [`ReplayState`].
    pub(crate) state: String,
    /// Why it failed.
    pub(crate) reason: Option<String>,
    /// The time and the id of the event that was replayed last.
    pub(crate) last: Option<(i64, String)>,
    pub(crate) started_millis: i64,
    /// 0 until it has ended.
    pub(crate) ended_millis: i64,
}

impl Record for ReplayRecord {
    const TABLE: &'static str = "events.replays";
    const SERVICE: &'static str = "events";
}

/// A replay that has not ended, of whatever account: what the job looks through.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PendingReplay {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
}

impl Record for PendingReplay {
    const TABLE: &'static str = "events.pending_replays";
    const SERVICE: &'static str = "events";
}

impl PendingReplay {
    pub(crate) fn place(account: &str, region: &str, name: &str) -> Key {
        Key::new("", "", [account, region, name])
    }

    /// The bus of a replay.
    pub(crate) fn bus(&self, replay: &ReplayRecord) -> BusPlace {
        BusPlace {
            account: self.account.clone(),
            region: self.region.clone(),
            name: replay.bus.clone(),
        }
    }
}

impl ReplayRecord {
    pub(crate) fn place(account: &str, region: &str, name: &str) -> Key {
        Key::new(account, region, [name])
    }

    /// The caller's replay of this name, or AWS's error.
    pub(crate) async fn existing(ctx: &Ctx, name: &str) -> Result<Arc<Self>> {
        let place = Self::place(ctx.account(), &ctx.region, name);
        let found = ctx.get::<Self>(&place).await?;
        let found = found.filter(|known| !known.is_over(ctx.now));
        Ok(found.ok_or_else(|| refusals::no_replay(name))?)
    }

    pub(crate) fn state(&self) -> Option<ReplayState> {
        ReplayState::parse(&self.state)
    }

    /// Whether it has not ended, and is not about to by somebody's wish.
    pub(crate) fn is_under_way(&self) -> bool {
        matches!(
            self.state(),
            Some(ReplayState::Starting | ReplayState::Running)
        )
    }

    /// Whether it ended so long ago that nobody sees it any more.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.ended_millis != 0 && self.ended_millis + KEPT_MILLIS < now.millis
    }

    pub(crate) fn bounds(&self) -> (Timestamp, Timestamp) {
        let (from, to) = self.range_millis;
        (Timestamp { millis: from }, Timestamp { millis: to })
    }

    /// The time of the event that was replayed last.
    pub(crate) fn last_replayed(&self) -> Option<Timestamp> {
        let last = self.last.as_ref();
        last.map(|(millis, _)| Timestamp { millis: *millis })
    }

    /// Where the events go.
    pub(crate) fn destination(&self, ctx: &Ctx) -> ReplayDestination {
        let filters = Some(self.filter_arns.clone());
        ReplayDestination {
            arn: BusPlace::own(ctx, &self.bus).arn(),
            filter_arns: filters.filter(|arns| !arns.is_empty()),
        }
    }

    /// The replay as lists show it.
    pub(crate) fn shown(&self, ctx: &Ctx) -> Replay {
        let (from, to) = self.bounds();
        Replay {
            replay_name: Some(self.name.clone()),
            event_source_arn: Some(crate::archives::arn(ctx, &self.archive)),
            state: self.state(),
            state_reason: self.reason.clone(),
            event_start_time: Some(from),
            event_end_time: Some(to),
            event_last_replayed_time: self.last_replayed(),
            replay_start_time: time(self.started_millis),
            replay_end_time: time(self.ended_millis),
        }
    }
}

/// The ARN of a replay of the caller's.
pub(crate) fn arn(ctx: &Ctx, name: &str) -> String {
    let (region, account) = (&ctx.region, ctx.account());
    format!(
        "arn:{}:events:{region}:{account}:replay/{name}",
        partition(region)
    )
}

/// A replay of the caller's, for decisions.
pub(crate) fn thing(ctx: &Ctx, name: &str) -> Thing {
    Thing {
        arn: arn(ctx, name),
        account: ctx.account().to_owned(),
        tags: Vec::new(),
        creator: None,
    }
}
