//! What is over: events that archives keep no longer, and replays that ended long ago.

use platform::{Ctx, OwnWork, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;

use crate::archives::{ArchiveRecord, ArchivedEvent, ArchivesRecord, FEWEST, next_rows};
use crate::names::BusPlace;
use crate::sources::PRINCIPAL;

/// How often it is looked for.
const EVERY_MILLIS: i64 = 60 * 60 * 1000;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;
/// How many events are looked through at once, and deleted in one commit, at most.
const AT_ONCE: usize = 500;

/// A bus with an archive that does not keep events for ever.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Expiring {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) bus: String,
}

impl Record for Expiring {
    const TABLE: &'static str = "events.expiring";
    const SERVICE: &'static str = "events";
}

impl Expiring {
    /// Stages whether a bus has such an archive.
    pub(crate) async fn note(ctx: &Ctx, bus: &BusPlace, expires: bool) -> Result<()> {
        let names = [&bus.account, &bus.region, &bus.name];
        let place = Key::new("", "", names.map(String::as_str));
        let is_known = ctx.get::<Self>(&place).await?.is_some();
        match (expires, is_known) {
            (true, false) => {
                let [account, region, bus] = names.map(Clone::clone);
                ctx.put(
                    place,
                    Self {
                        account,
                        region,
                        bus,
                    },
                )
                .await;
            }
            (false, true) => ctx.delete::<Self>(&place).await,
            _ => {}
        }
        Ok(())
    }
}

/// When it was looked for last.
#[derive(Default)]
pub(crate) struct Expiry {
    looked_millis: Option<i64>,
}

impl Expiry {
    /// Deletes what is over, once an hour.
    pub(crate) async fn go(&mut self, work: &OwnWork, now: Timestamp) -> Result<()> {
        let since = self.looked_millis.map(|looked| (now.millis - looked).abs());
        if since.is_some_and(|since| since < EVERY_MILLIS) {
            return Ok(());
        }
        self.looked_millis = Some(now.millis);
        let (all, mut after) = (Key::new("", "", [""; 0]), None);
        loop {
            let mut txn = work.upkeep().begin();
            let page = txn.scan::<Expiring>(&all, after.as_ref(), 1000).await?;
            for (_, found) in &page.rows {
                let bus = BusPlace {
                    account: found.account.clone(),
                    region: found.region.clone(),
                    name: found.bus.clone(),
                };
                of_bus(work, &bus, now).await?;
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }
}

async fn of_bus(work: &OwnWork, bus: &BusPlace, now: Timestamp) -> Result<()> {
    let mut txn = work.upkeep().begin();
    let archives = txn
        .get::<ArchivesRecord>(&bus.key())
        .await?
        .unwrap_or_default();
    for archive in archives.archives.values() {
        if archive.retention_days > 0 {
            of_archive(work, (bus, archive), now).await?;
        }
    }
    Ok(())
}

async fn of_archive(
    work: &OwnWork,
    (bus, archive): (&BusPlace, &ArchiveRecord),
    now: Timestamp,
) -> Result<()> {
    let oldest = now.millis - i64::from(archive.retention_days) * DAY_MILLIS;
    let (all, mut after, mut rows) = (archive.events(bus), None, FEWEST);
    loop {
        let mut txn = work.upkeep().begin();
        let page = txn.scan::<ArchivedEvent>(&all, after.as_ref(), rows);
        let page = page.await?;
        rows = next_rows(page.rows.iter().map(|(_, event)| &**event)).min(AT_ONCE);
        let over = page
            .rows
            .iter()
            .filter(|(_, event)| event.at_millis < oldest);
        let over: Vec<&Key> = over.map(|(key, _)| key).collect();
        if !over.is_empty() {
            let ctx = work.begin(PRINCIPAL, &bus.region)?;
            for key in over {
                ctx.delete::<ArchivedEvent>(key).await;
            }
            work.commit(ctx).await?;
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(()),
        }
    }
}
