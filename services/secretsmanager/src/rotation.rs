//! Rotation of secrets ("Rotate AWS Secrets Manager secrets", user guide).
//!
//! A rotation is begun by a call or by the clock (`calendar`), in one commit with the version that
//! it makes and the delivery that carries it out (`attempt`). How far it is stands in the secret:
//! after a break the same step is done again. Nothing is kept open while a function runs, since it
//! calls back.

mod attempt;
mod calendar;
mod managed;
mod rules;
mod steps;
mod told;
mod windows;

use platform::{Ctx, NewDelivery, Result, Retries};
use serde::{Deserialize, Serialize};
use wire::{Fault, Timestamp};

pub(crate) use attempt::Rotations;
pub use calendar::rotate_due;
#[cfg(test)]
pub(crate) use calendar::{CursorRecord, DueRecord};
#[cfg(test)]
pub(crate) use managed::Grant;
pub(crate) use managed::Managed;
pub(crate) use rules::Rules;
pub(crate) use steps::{Step, may_run};
pub(crate) use windows::{Since, Window};

use attempt::Work;
use told::{Event, Told};

use crate::names::Place;
use crate::secret::{CURRENT, Content, PENDING, SecretRecord, Version};
use crate::{labels, refusals};

/// The service principal that rotates.
pub(crate) const PRINCIPAL: &str = "secretsmanager.amazonaws.com";
/// How often a rotation that failed is tried again within its window.
const RETRIES: u32 = 5;
/// How long one that no window bounds is tried.
const WITHOUT_WINDOW: i64 = windows::DAY;

/// How a secret is rotated.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Rotation {
    pub(crate) enabled: bool,
    /// The ARN of the function.
    pub(crate) function: Option<String>,
    /// What a rotation without a function was given.
    pub(crate) managed: Option<Managed>,
    pub(crate) after_days: Option<i64>,
    pub(crate) schedule: Option<String>,
    pub(crate) duration: Option<String>,
    /// When the rules were set.
    pub(crate) set_millis: i64,
    pub(crate) last_millis: Option<i64>,
    /// The window in which it is rotated next, or should have been.
    pub(crate) next: Option<Window>,
    /// The rotation that is under way.
    pub(crate) progress: Option<Progress>,
}

/// How far a rotation is.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// The id of the version that it makes.
    pub(crate) token: String,
    /// What the function proves itself with (PutSecretValue, `RotationToken`).
    pub(crate) rotation_token: String,
    /// Whether it only finds out if rotations will work.
    pub(crate) is_test: bool,
    /// What is to be done next.
    pub(crate) step: Step,
    /// Whether it is on record that this attempt started.
    pub(crate) is_started: bool,
}

/// A rotation to be begun.
pub(crate) struct Begun<'a> {
    /// The id of its version, unless one is left of a rotation before.
    pub(crate) token: Option<&'a str>,
    pub(crate) is_test: bool,
    /// Until when it is tried, in seconds since 1970.
    pub(crate) until: i64,
}

impl Rotation {
    /// The rules, as they were accepted.
    pub(crate) fn rules(&self) -> Option<Rules> {
        let (schedule, duration) = (self.schedule.as_deref(), self.duration.as_deref());
        Rules::parse(self.after_days, schedule, duration).ok()?
    }

    /// Sets the window of the next rotation: the first one that opens after `now`.
    pub(crate) fn schedule_after(&mut self, now: Timestamp) {
        let rules = self.rules();
        self.next = rules.and_then(|rules| rules.next(self.since(), seconds(now)));
    }

    /// `NextRotationDate`: the last moment of the window.
    pub(crate) fn next_date(&self) -> Option<Timestamp> {
        let next = self.next?;
        Some(Timestamp::from_secs(next.closes - 1))
    }

    /// `AutomaticallyAfterDays`: as given, or the days that lie between the last rotation and the
    /// next one.
    pub(crate) fn days(&self) -> Option<i64> {
        let rules = self.rules()?;
        let between = || {
            let last = self.last_millis?.div_euclid(1000 * windows::DAY);
            Some((self.next?.opens.div_euclid(windows::DAY) - last).max(1))
        };
        rules.days().or_else(between)
    }

    fn since(&self) -> Since {
        Since {
            set: self.set_millis.div_euclid(1000),
            rotated: self.last_millis.map(|millis| millis.div_euclid(1000)),
        }
    }
}

/// Whether a rotation has not come to its end: its version waits to become the current one, or it
/// is that since a moment.
pub(crate) fn is_incomplete(secret: &SecretRecord) -> bool {
    let progress = secret.rotation.as_ref().and_then(|it| it.progress.as_ref());
    let is_finishing = progress.is_some_and(|it| secret.labelled(CURRENT) == Some(&it.token));
    secret.pending().is_some() || is_finishing
}

/// Begins a rotation in `draft`, which is to be stored: makes the version, if there is none, and
/// stages what carries the rotation out.
pub(crate) async fn begin(
    ctx: &Ctx,
    (place, draft): (&Place, &mut SecretRecord),
    begun: Begun<'_>,
) -> Result<String> {
    let token = match (draft.pending(), begun.token) {
        (Some(pending), _) => pending.to_owned(),
        (None, Some(token)) => token.to_owned(),
        (None, None) => ctx.new_uuid()?,
    };
    if draft.version(&token).is_none() {
        let current = draft.labelled(CURRENT).filter(|_| begun.is_test);
        draft.versions.push(Version {
            id: token.clone(),
            created_millis: ctx.now.millis,
            key_id: draft.key_id.clone(),
            content: current.map_or(Content::Nothing, |id| Content::Of(id.to_owned())),
        });
    }
    labels::attach(draft, PENDING, &token)?;
    let progress = Progress {
        token: token.clone(),
        rotation_token: ctx.new_uuid()?,
        is_test: begun.is_test,
        step: Step::Create,
        is_started: false,
    };
    if let Some(rotation) = &mut draft.rotation {
        rotation.progress = Some(progress);
    }
    let work = Work {
        place: place.clone(),
        suffix: draft.suffix.clone(),
        token: token.clone(),
    };
    let retries = Retries {
        most: if begun.is_test { 0 } else { RETRIES },
        most_age_secs: u32::try_from(begun.until - seconds(ctx.now)).unwrap_or_default(),
    };
    work.stage(ctx, retries).await?;
    Ok(token)
}

/// Until when a rotation is tried that begins now: to the end of the window it begins in.
pub(crate) fn until(rotation: Option<&Rotation>, now: Timestamp) -> i64 {
    let now = seconds(now);
    let window = rotation.and_then(|rotation| rotation.next);
    let open = window.filter(|window| window.opens <= now && window.closes > now);
    open.map_or(now + WITHOUT_WINDOW, |window| window.closes)
}

/// Begins the rotation again that left a version behind, as AWS says where it refuses another one.
/// One that waits for its next attempt does not wait any longer.
pub(crate) async fn reattempt(ctx: &Ctx, place: &Place) -> Result<()> {
    let upkeep = ctx.upkeep();
    let own = upkeep.ctx(PRINCIPAL, &place.region, ctx.now)?;
    let Some(known) = SecretRecord::get(&own, place).await? else {
        return Ok(());
    };
    let whose = (place.account.as_str(), &api::secretsmanager::SERVICE);
    let queue = place.arn(&known.suffix);
    upkeep.hasten_deliveries(whose, &queue, ctx.now).await?;
    let rotation = known.rotation.as_ref().filter(|rotation| rotation.enabled);
    let is_idle = rotation.is_some_and(|rotation| rotation.progress.is_none());
    if !is_idle || known.deletion.is_some() || known.pending().is_none() {
        return Ok(());
    }
    let mut draft = SecretRecord::clone(&known);
    let begun = Begun {
        token: None,
        is_test: false,
        until: until(rotation, ctx.now),
    };
    begin(&own, (place, &mut draft), begun).await?;
    own.put(place.key(), draft).await;
    // If somebody else commits first, they decide anew.
    upkeep.commit_ctx(own, &[]).await?;
    Ok(())
}

/// Follows a version of this id, which was made just now. If it became the current one without the
/// rotation, that counts as a rotation, and ends the one that was under way ("Rotation by Lambda
/// function", user guide, and `RotationAbandoned`).
pub(crate) async fn follow_new_version(
    ctx: &Ctx,
    (place, record): (&Place, &mut SecretRecord),
    id: &str,
) -> Result<()> {
    let before = record.rotation.clone();
    let Some(rotation) = before.as_ref().filter(|rotation| rotation.enabled) else {
        return Ok(());
    };
    let progress = rotation.progress.as_ref();
    let is_its_own = progress.is_some_and(|it| it.token == id && !it.is_test);
    if is_its_own || record.labelled(CURRENT) != Some(id) {
        return Ok(());
    }
    if let Some(abandoned) = record.pending().map(str::to_owned) {
        labels::detach(record, PENDING);
        let told = Told::about((place, record), &abandoned, Event::Abandoned);
        ctx.note_service_event(&told.event())?;
    }
    if let Some(rotation) = &mut record.rotation {
        rotation.progress = None;
        rotation.last_millis = Some(ctx.now.millis);
        rotation.schedule_after(ctx.now);
    }
    calendar::follow(ctx, (place, record), before.as_ref()).await
}

/// Puts the next rotation of a secret on the calendar, as the record has it, instead of the one
/// that it had before.
pub(crate) async fn follow_schedule(
    ctx: &Ctx,
    secret: (&Place, &SecretRecord),
    before: Option<&Rotation>,
) -> Result<()> {
    calendar::follow(ctx, secret, before).await
}

/// Refuses a token that was not given to the rotation which makes this version.
pub(crate) fn check_token(secret: &SecretRecord, id: &str, token: &str) -> Result<(), Fault> {
    let progress = secret.rotation.as_ref().and_then(|it| it.progress.as_ref());
    let is_same = |known: &str| {
        let differing = known
            .bytes()
            .zip(token.bytes())
            .fold(0, |sum, (a, b)| sum | (a ^ b));
        known.len() == token.len() && differing == 0
    };
    match progress {
        Some(progress) if progress.token == id && is_same(&progress.rotation_token) => Ok(()),
        _ => Err(refusals::invalid("The RotationToken is invalid.")),
    }
}

/// The key that seals values of the secret of this ARN: as the secret names it, but for a rotation
/// without a function, which has no account in which names mean anything.
pub(crate) fn key_for<'r>(
    ctx: &Ctx,
    secret: &'r SecretRecord,
    (arn, named): (&str, Option<&'r str>),
) -> Option<&'r str> {
    let rotation = secret.rotation.as_ref();
    let managed = rotation.and_then(|rotation| rotation.managed.as_ref());
    let granted = managed.and_then(|managed| managed.key_for(arn));
    granted
        .filter(|_| ctx.caller.service_name().is_some())
        .or(named)
}

pub(crate) fn seconds(time: Timestamp) -> i64 {
    time.millis.div_euclid(1000)
}

impl Work {
    async fn stage(&self, ctx: &Ctx, retries: Retries) -> Result<()> {
        ctx.stage_delivery(NewDelivery {
            service: &api::secretsmanager::SERVICE,
            account: self.place.account.clone(),
            queue: self.place.arn(&self.suffix),
            ordered: false,
            retries,
            payload: NewDelivery::payload_of(self)?,
        })
        .await
    }
}
