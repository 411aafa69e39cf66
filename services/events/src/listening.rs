//! On which default buses somebody listens: where nobody does, what services tell of need not even
//! be read.

use std::collections::BTreeMap;

use platform::{Ctx, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record, Txn};

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
}

impl Record for Listening {
    const TABLE: &'static str = "events.listening";
    const SERVICE: &'static str = "events";
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
            _ if known.map(|known| known.reads) == reads => {}
            Some(reads) => {
                let listening = Self {
                    account: bus.account.clone(),
                    region: bus.region.clone(),
                    reads,
                };
                ctx.put(place, listening).await;
            }
            None => ctx.delete::<Self>(&place).await,
        }
        Ok(())
    }

    /// All buses with listeners, by account and Region: whether any listener wants calls that read.
    pub(crate) async fn all(txn: &mut Txn) -> Result<BTreeMap<(String, String), bool>> {
        let (all, mut after) = (Key::new("", "", [""; 0]), None);
        let mut found = BTreeMap::new();
        loop {
            let page = txn.scan::<Self>(&all, after.as_ref(), 1000).await?;
            for (_, bus) in page.rows {
                let place = (bus.account.clone(), bus.region.clone());
                *found.entry(place).or_default() |= bus.reads;
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(found),
            }
        }
    }
}
