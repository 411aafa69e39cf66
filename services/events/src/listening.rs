//! On which default buses somebody listens: where nobody does, what services tell of need not even
//! be read.

use std::collections::BTreeMap;

use platform::{Ctx, Result};
use serde::{Deserialize, Serialize};
use store::{DecodeError, Key, Migrate, OldFormat, Record, Txn};

use crate::names::BusPlace;

/// Who listens.
#[derive(Clone, Copy)]
pub(crate) enum Listener {
    /// Rules with patterns.
    Rules,
    /// Archives.
    Archives,
}

/// A default bus with listeners of a kind.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Listening {
    pub(crate) account: String,
    pub(crate) region: String,
    /// Whether any of them wants calls that read.
    pub(crate) reads: bool,
    /// The first event of the journal that is for them.
    pub(crate) since: u64,
    /// The first one that is for those of them who want calls that read.
    pub(crate) reads_since: u64,
}

/// Which events of the journal the listeners on a bus want: those from the first number on, and calls
/// that read from the second one on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wants {
    pub(crate) all: u64,
    pub(crate) reads: Option<u64>,
}

impl Record for Listening {
    const TABLE: &'static str = "events.listening";
    const SERVICE: &'static str = "events";
    const FORMAT: u8 = 2;

    fn decode_older(format: u8, bytes: &[u8]) -> std::result::Result<Self, DecodeError> {
        Self::decode_previous(format, bytes)
    }
}

impl Listening {
    /// Stages that there are listeners of a kind on a bus, with `reads`, or none.
    pub(crate) async fn note(
        ctx: &Ctx,
        bus: &BusPlace,
        listener: Listener,
        reads: Option<bool>,
    ) -> Result<()> {
        if !bus.is_default() {
            return Ok(());
        }
        let kind = match listener {
            Listener::Rules => "rules",
            Listener::Archives => "archives",
        };
        let place = Key::new("", "", [bus.account.as_str(), bus.region.as_str(), kind]);
        let known = ctx.get::<Self>(&place).await?;
        match reads {
            // Written only where it changes, so that changes of rules do not conflict over it.
            _ if known.as_ref().map(|known| known.reads) == reads => {}
            Some(reads) => {
                let from_now = ctx.last_event() + 1;
                let listening = Self {
                    account: bus.account.clone(),
                    region: bus.region.clone(),
                    reads,
                    since: known.map_or(from_now, |known| known.since),
                    reads_since: from_now,
                };
                ctx.put(place, listening).await;
            }
            None => ctx.delete::<Self>(&place).await,
        }
        Ok(())
    }

    /// All buses with listeners, by account and Region.
    pub(crate) async fn all(txn: &mut Txn) -> Result<BTreeMap<(String, String), Wants>> {
        let (all, mut after) = (Key::new("", "", [""; 0]), None);
        let mut found: BTreeMap<_, Wants> = BTreeMap::new();
        loop {
            let page = txn.scan::<Self>(&all, after.as_ref(), 1000).await?;
            for (_, bus) in page.rows {
                let place = (bus.account.clone(), bus.region.clone());
                let reads = bus.reads.then_some(bus.reads_since);
                let wants = found.entry(place).or_insert(Wants {
                    all: bus.since,
                    reads,
                });
                wants.all = wants.all.min(bus.since);
                wants.reads = wants.reads.into_iter().chain(reads).min();
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(found),
            }
        }
    }
}

/// Before it was known since when they listen.
#[derive(Deserialize)]
pub(crate) struct Listening1 {
    account: String,
    region: String,
    reads: bool,
}

impl OldFormat for Listening1 {
    const FORMAT: u8 = 1;
}

impl Migrate for Listening {
    type Previous = Listening1;

    fn migrate(previous: Listening1) -> Self {
        Self {
            account: previous.account,
            region: previous.region,
            reads: previous.reads,
            since: 0,
            reads_since: 0,
        }
    }
}
