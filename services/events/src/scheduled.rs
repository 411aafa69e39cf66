//! Rules with a schedule: when each is due next, and what happens then.
//!
//! A rule is due once for each of its times. What was missed while the program did not run is made
//! up for by one event, of the last time that was missed: a rule that starts a backup each hour
//! starts one after a night, not eight.

use platform::{Ctx, OwnWork, Result};
use schedules::Schedule;
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;

use crate::audience::Audience;
use crate::entry::{Incoming, Made};
use crate::names::{BusPlace, DEFAULT};
use crate::routing;
use crate::rules::RuleRecord;
use crate::sources::PRINCIPAL;

/// A rule that is due at some time.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct DueRule {
    pub(crate) account: String,
    pub(crate) region: String,
    /// The name of the rule, of the default bus.
    pub(crate) rule: String,
    /// The schedule expression.
    pub(crate) expression: String,
    /// From when rates count, in seconds since 1970.
    pub(crate) since_secs: i64,
    /// When it is due next.
    pub(crate) next_secs: i64,
}

impl Record for DueRule {
    const TABLE: &'static str = "events.due";
    const SERVICE: &'static str = "events";
}

impl DueRule {
    fn place(account: &str, region: &str, rule: &str) -> Key {
        Key::new("", "", [account, region, rule])
    }

    fn bus(&self) -> BusPlace {
        BusPlace {
            account: self.account.clone(),
            region: self.region.clone(),
            name: DEFAULT.to_owned(),
        }
    }
}

/// Stages when a rule is due next, after it was changed, made or deleted. A schedule that stays as
/// it is goes on as it did.
pub(crate) async fn follow(
    ctx: &Ctx,
    bus: &BusPlace,
    name: &str,
    rule: Option<&RuleRecord>,
) -> Result<()> {
    if !bus.is_default() {
        return Ok(());
    }
    let place = DueRule::place(&bus.account, &bus.region, name);
    let known = ctx.get::<DueRule>(&place).await?;
    let expression = rule
        .filter(|rule| rule.is_enabled())
        .and_then(|rule| rule.schedule.clone());
    let goes_on = known.as_ref().map(|known| &known.expression) == expression.as_ref();
    if goes_on {
        return Ok(());
    }
    let since_secs = ctx.now.secs();
    let next = |expression: &String| {
        let schedule = Schedule::parse(expression).ok()?;
        schedule.next_after(since_secs, since_secs)
    };
    match expression.and_then(|expression| Some((next(&expression)?, expression))) {
        Some((next_secs, expression)) => {
            let due = DueRule {
                account: bus.account.clone(),
                region: bus.region.clone(),
                rule: name.to_owned(),
                expression,
                since_secs,
                next_secs,
            };
            ctx.put(place, due).await;
        }
        None => ctx.delete::<DueRule>(&place).await,
    }
    Ok(())
}

/// Lets every rule that is due at `now` have its event. Returns when the next one is due, in seconds
/// since 1970.
pub(crate) async fn fire(work: &OwnWork, now: Timestamp) -> Result<Option<i64>> {
    let all = Key::new("", "", [""; 0]);
    let (mut after, mut next, mut outcome) = (None, None::<i64>, Ok(()));
    loop {
        let mut txn = work.upkeep().begin();
        let page = txn.scan::<DueRule>(&all, after.as_ref(), 1000).await?;
        for (place, due) in &page.rows {
            let mut at = Some(due.next_secs);
            if due.next_secs <= now.secs() {
                // A rule that fails holds up no other, and is tried again.
                match fire_one(work, place, due, now).await {
                    Ok(again) => at = again,
                    Err(error) => outcome = outcome.and(Err(error)),
                }
            }
            next = next.into_iter().chain(at).min();
        }
        match page.next {
            Some(cursor) => after = Some(cursor),
            None => return outcome.map(|()| next),
        }
    }
}

/// Lets one rule have its event, and returns when it is due again.
async fn fire_one(
    work: &OwnWork,
    place: &Key,
    seen: &DueRule,
    now: Timestamp,
) -> Result<Option<i64>> {
    let ctx = work.begin(PRINCIPAL, &seen.region)?;
    let Some(due) = ctx.get::<DueRule>(place).await? else {
        return Ok(None);
    };
    let Ok(schedule) = Schedule::parse(&due.expression) else {
        ctx.delete::<DueRule>(place).await;
        work.commit(ctx).await?;
        return Ok(None);
    };
    let missed = (due.next_secs - 1, now.secs());
    if let Some(at) = schedule.last_within(due.since_secs, missed) {
        let event = event(&ctx, &due, at)?;
        routing::route(&ctx, &event).await?;
    }
    let next = schedule.next_after(due.since_secs, now.secs());
    match next {
        Some(next_secs) => {
            let due = DueRule {
                next_secs,
                ..DueRule::clone(&due)
            };
            ctx.put(place.clone(), due).await;
        }
        None => ctx.delete::<DueRule>(place).await,
    }
    // Whoever changed the rule meanwhile said when it is due; it is looked at again.
    let is_committed = work.commit(ctx).await?;
    Ok(next
        .filter(|_| is_committed)
        .or(Some(now.secs()).filter(|_| !is_committed)))
}

/// The event of a schedule ("Scheduled Event").
fn event(ctx: &Ctx, due: &DueRule, at_secs: i64) -> Result<Incoming> {
    let bus = due.bus();
    let resources = [bus.rule_arn(&due.rule)];
    let made = Made {
        id: ctx.new_uuid()?,
        source: "aws.events",
        detail_type: "Scheduled Event",
        account: &due.account,
        region: &due.region,
        time: Timestamp::from_secs(at_secs),
        resources: &resources,
        detail: "{}",
    };
    Incoming::made(made, bus, Audience::Schedule(due.rule.clone()))
}
