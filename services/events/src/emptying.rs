//! The events of an archive that was deleted. There may be millions, of up to 1 MiB each, so they go
//! in portions: the first in the commit of the call, the others by a delivery of the service to
//! itself. Nobody sees them any more: no archive that takes the name has the id they stand below.

use platform::{Ctx, NewDelivery, Outcome, Result, Retries};
use serde::{Deserialize, Serialize};
use store::{Cursor, Key};

use crate::archives::{ArchiveRecord, ArchivedEvent, FEWEST, next_rows};
use crate::dispatch::Payload;
use crate::names::BusPlace;

/// So many events go in one commit at most, besides the few that tell how large they are.
const AT_ONCE: usize = 500;
/// It is tried until it is done.
const FOR_EVER: Retries = Retries {
    most: u32::MAX,
    most_age_secs: u32::MAX,
};

/// An archive that is being emptied.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Emptying {
    account: String,
    region: String,
    /// The archive's id.
    id: String,
}

/// Stages that the events of an archive that is deleted are gone, or what sees to that.
pub(crate) async fn begin(ctx: &Ctx, archive: &ArchiveRecord, place: &BusPlace) -> Result<()> {
    if empty_some(ctx, &archive.events(place)).await? {
        return Ok(());
    }
    let emptying = Emptying {
        account: place.account.clone(),
        region: place.region.clone(),
        id: archive.id.clone(),
    };
    ctx.stage_delivery(NewDelivery {
        service: &api::events::SERVICE,
        account: place.account.clone(),
        queue: format!("archive {}", archive.id),
        ordered: false,
        retries: FOR_EVER,
        payload: Payload::Emptying(emptying).encode()?,
    })
    .await
}

impl Emptying {
    /// Takes away the next portion.
    pub(crate) async fn go_on(self, ctx: &Ctx) -> Result<Outcome> {
        let events = Key::new(&self.account, &self.region, [self.id.as_str()]);
        if empty_some(ctx, &events).await? {
            return Ok(Outcome::Done);
        }
        Ok(Outcome::Partly(Payload::Emptying(self).encode()?))
    }
}

/// Stages that some events are gone. Returns whether none is left then.
async fn empty_some(ctx: &Ctx, events: &Key) -> Result<bool> {
    let (after, rows) = delete_page(ctx, events, None, FEWEST).await?;
    let Some(after) = after else {
        return Ok(true);
    };
    let rows = rows.min(AT_ONCE);
    let (left, _) = delete_page(ctx, events, Some(&after), rows).await?;
    Ok(left.is_none())
}

/// Stages that the next `rows` events are gone. Returns where the others begin, if there are more, and
/// how many to look at then.
async fn delete_page(
    ctx: &Ctx,
    events: &Key,
    after: Option<&Cursor>,
    rows: usize,
) -> Result<(Option<Cursor>, usize)> {
    let page = ctx.scan::<ArchivedEvent>(events, after, rows).await?;
    for (key, _) in &page.rows {
        ctx.delete::<ArchivedEvent>(key).await;
    }
    let rows = next_rows(page.rows.iter().map(|(_, event)| &**event));
    Ok((page.next, rows))
}

#[cfg(test)]
mod tests {
    use platform::testing::{ACCOUNT, Harness, REGION};
    use serde_json::json;

    use super::*;
    use crate::archives::ArchivesRecord;
    use crate::encryption::Text;

    /// More than the call and one more commit take away.
    const MANY: usize = 1300;

    async fn done(
        harness: &Harness,
        operation: &str,
        input: serde_json::Value,
    ) -> serde_json::Value {
        let target = format!("AWSEvents.{operation}");
        let answer = harness.json("root", &target, input).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
        answer.body
    }

    async fn left(harness: &Harness, events: &Key) -> usize {
        let mut txn = harness.pipeline.upkeep().begin();
        let page = txn.scan::<ArchivedEvent>(events, None, 2 * MANY).await;
        page.map_or(usize::MAX, |page| page.rows.len())
    }

    #[tokio::test]
    async fn an_archive_with_many_events_is_gone_at_once_and_emptied_in_portions() {
        let harness = Harness::new(vec![crate::service()]).await;
        let bus = format!("arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default");
        let input = json!({ "ArchiveName": "a", "EventSourceArn": bus });
        done(&harness, "CreateArchive", input.clone()).await;
        let place = BusPlace::of_arn(&bus).expect("a bus");
        let mut txn = harness.pipeline.upkeep().begin();
        let all = txn.get::<ArchivesRecord>(&place.key()).await;
        let all = all.ok().flatten().expect("archives");
        let archive = &all.archives["a"];
        for number in 0..MANY {
            let id = number.to_string();
            let event = ArchivedEvent {
                at_millis: 0,
                happened_millis: 0,
                id: id.clone(),
                event: Text::Plain("{}".to_owned()),
            };
            txn.put(archive.event(&place, &id), event);
        }
        assert!(
            harness
                .pipeline
                .upkeep()
                .commit_part(txn)
                .await
                .is_ok_and(|done| done)
        );
        let events = archive.events(&place);
        done(&harness, "DeleteArchive", json!({ "ArchiveName": "a" })).await;
        assert_eq!(left(&harness, &events).await, MANY - FEWEST - AT_ONCE);
        let listed = done(&harness, "ListArchives", json!({})).await;
        assert_eq!(listed["Archives"], json!([]));
        done(&harness, "CreateArchive", input).await;
        let shown = done(&harness, "DescribeArchive", json!({ "ArchiveName": "a" })).await;
        assert_eq!(shown["EventCount"], 0);
        assert_eq!(harness.run_deliveries().await, 2);
        assert_eq!(left(&harness, &events).await, 0);
    }
}
