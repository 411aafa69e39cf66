//! The policies of parameters, carried out when their time comes.
//!
//! A parameter that has expired is gone for every reader at once, since readers look at the time.
//! [`carry_out`] takes the records away, and tells what the policies say that is to be told.

use platform::{Ctx, Result, ServiceEvent, Upkeep};
use serde::{Deserialize, Serialize};
use store::{Key, Record, Txn};
use wire::Timestamp;

use crate::events::{self, Change};
use crate::lifetime::{self, Action, Clause};
use crate::names::Place;
use crate::parameter::{ParameterRecord, VersionRecord};
use crate::tier::TierRecord;

/// The next policy of a parameter that is to be carried out. It stands outside of accounts, so that
/// one scan finds all that are due.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ScheduleRecord {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) due_millis: i64,
}

impl Record for ScheduleRecord {
    const TABLE: &'static str = "ssm.schedule";
    const SERVICE: &'static str = "ssm";
    const CACHED: bool = false;
}

impl ScheduleRecord {
    fn key(place: &Place, id: &str) -> Key {
        Key::new("", "", [&*place.account, &*place.region, id])
    }

    /// The entry of a parameter, if any of its policies waits.
    fn of(place: &Place, record: &ParameterRecord) -> Option<Self> {
        let due = lifetime::next_due(&record.clauses, record.current.modified_millis)?;
        Some(Self {
            account: place.account.clone(),
            region: place.region.clone(),
            name: record.name.clone(),
            due_millis: due,
        })
    }
}

/// Puts a parameter's policies on the schedule, or takes it off.
pub(crate) async fn set(ctx: &Ctx, place: &Place, record: &ParameterRecord) {
    let key = ScheduleRecord::key(place, &record.id);
    match ScheduleRecord::of(place, record) {
        Some(entry) => ctx.put(key, entry).await,
        None => ctx.delete::<ScheduleRecord>(&key).await,
    }
}

/// Stages the deletion of a parameter with all of its versions.
pub(crate) async fn delete(ctx: &Ctx, place: &Place, record: &ParameterRecord) {
    for number in record.former() {
        let key = record.version_key(place, number);
        ctx.delete::<VersionRecord>(&key).await;
    }
    let tier = TierRecord::key(place, record.current.tier, &record.id);
    ctx.delete::<TierRecord>(&tier).await;
    let entry = ScheduleRecord::key(place, &record.id);
    ctx.delete::<ScheduleRecord>(&entry).await;
    ctx.delete::<ParameterRecord>(&place.key()).await;
}

/// Carries out the policies that are due at `now`. Returns for how many parameters. To be run at
/// the start and from time to time.
pub async fn carry_out(upkeep: &Upkeep, now: Timestamp) -> Result<usize> {
    let all = Key::new("", "", [""; 0]);
    let (mut done, mut after, mut outcome) = (0, None, Ok(()));
    loop {
        let mut txn = upkeep.begin();
        let page = txn
            .scan::<ScheduleRecord>(&all, after.as_ref(), 1000)
            .await?;
        for (_, entry) in &page.rows {
            if entry.due_millis > now.millis {
                continue;
            }
            let place = Place {
                account: entry.account.clone(),
                region: entry.region.clone(),
                name: entry.name.clone(),
            };
            // A parameter that fails holds up no other.
            match carry_out_of(upkeep, &place, now).await {
                Ok(is_done) => done += usize::from(is_done),
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return outcome.map(|()| done),
        }
    }
}

/// Carries out what is due of one parameter. A conflict means that somebody works on it right now;
/// the next run decides again.
pub(crate) async fn carry_out_of(upkeep: &Upkeep, place: &Place, now: Timestamp) -> Result<bool> {
    let mut txn = upkeep.begin();
    let Some(known) = txn.get::<ParameterRecord>(&place.key()).await? else {
        return Ok(false);
    };
    let mut record = ParameterRecord::clone(&known);
    let modified = record.current.modified_millis;
    let mut due: Vec<(i64, &mut Clause)> = Vec::new();
    for clause in &mut record.clauses {
        match clause.due_millis(modified) {
            Some(at) if at <= now.millis => due.push((at, clause)),
            _ => {}
        }
    }
    if due.is_empty() {
        return Ok(false);
    }
    due.sort_by_key(|(at, _)| *at);
    let (arn, mut expires) = (place.arn(), false);
    for (_, clause) in due {
        upkeep.emit(&mut txn, events::carried_out(&known, &arn, clause, now))?;
        clause.is_done = true;
        if matches!(clause.action, Action::Expire { .. }) {
            expires = true;
            break;
        }
    }
    match expires {
        true => expire(upkeep, txn, (place, &known), now).await,
        false => {
            let key = ScheduleRecord::key(place, &record.id);
            match ScheduleRecord::of(place, &record) {
                Some(entry) => txn.put(key, entry),
                None => txn.delete::<ScheduleRecord>(&key),
            }
            txn.put(place.key(), record);
            upkeep.commit_part(txn).await
        }
    }
}

async fn expire(
    upkeep: &Upkeep,
    mut txn: Txn,
    (place, record): (&Place, &ParameterRecord),
    now: Timestamp,
) -> Result<bool> {
    let arn = place.arn();
    upkeep.emit(&mut txn, events::changed(record, &arn, Change::Delete, now))?;
    for number in record.former() {
        txn.delete::<VersionRecord>(&record.version_key(place, number));
    }
    let tier = record.current.tier;
    txn.delete::<TierRecord>(&TierRecord::key(place, tier, &record.id));
    txn.delete::<ScheduleRecord>(&ScheduleRecord::key(place, &record.id));
    txn.delete::<ParameterRecord>(&place.key());
    let event = ServiceEvent {
        service: &api::ssm::SERVICE,
        name: "DeleteParameter",
        region: &place.region,
        account: &place.account,
        resource: ("AWS::SSM::Parameter", &arn),
        response: &[],
        details: &[("name", &record.name)],
        own: None,
    };
    upkeep.commit(txn, &event, now).await
}
