//! What services tell of by themselves, from where it waits to the default bus it is for.

use std::collections::BTreeMap;

use platform::{EmittedEvent, OwnWork, Result};
use wire::Timestamp;

use crate::audience::Audience;
use crate::entry::{Incoming, Made};
use crate::names::{BusPlace, DEFAULT};
use crate::routing;
use crate::sources::PRINCIPAL;

/// How many are routed in one commit.
const AT_ONCE: usize = 100;

/// Routes what waits. Each event is gone from where it waits in the commit that routes it.
pub(crate) async fn route(work: &OwnWork) -> Result<()> {
    loop {
        let mut txn = work.upkeep().begin();
        let waiting = EmittedEvent::waiting(&mut txn, AT_ONCE).await?;
        if waiting.is_empty() {
            return Ok(());
        }
        let mut by_region: BTreeMap<&str, Vec<&EmittedEvent>> = BTreeMap::new();
        for emitted in &waiting {
            let region = emitted.event.region.as_str();
            by_region.entry(region).or_default().push(emitted);
        }
        for (region, events) in by_region {
            let ctx = work.begin(PRINCIPAL, region)?;
            for emitted in events {
                if let Ok(event) = incoming(emitted) {
                    routing::route(&ctx, &event).await?;
                } else {
                    tracing::error!(id = emitted.id, "an event of a service is malformed");
                }
                emitted.done(&ctx).await;
            }
            // What could not be committed still waits.
            if !work.commit(ctx).await? {
                return Ok(());
            }
        }
    }
}

fn incoming(emitted: &EmittedEvent) -> Result<Incoming> {
    let event = &emitted.event;
    let bus = BusPlace {
        account: event.account.clone(),
        region: event.region.clone(),
        name: DEFAULT.to_owned(),
    };
    let made = Made {
        id: emitted.id.clone(),
        source: &event.source,
        detail_type: &event.detail_type,
        account: &event.account,
        region: &event.region,
        time: Timestamp {
            millis: event.at_millis,
        },
        resources: &event.resources,
        detail: &event.detail,
    };
    Incoming::made(made, bus, Audience::Everyone)
}
