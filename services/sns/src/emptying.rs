//! What is left of a topic that was deleted: its subscriptions, and what a FIFO topic remembers of
//! messages. There may be millions, so they go in portions: the first in the commit of the call, the
//! others by a delivery of the service to itself. Until then no other topic gets the name, which
//! would find them.

use platform::{Ctx, Delivery, NewDelivery, Outcome, Result, Retries};
use serde::{Deserialize, Serialize};
use store::Record;

use crate::deduplication;
use crate::names::{SubscriptionPlace, TopicPlace};
use crate::subscription::SubscriptionRecord;

/// The format that these payloads are written in.
pub(crate) const FORMAT: u8 = 3;
/// How many records of a kind go in one commit.
const AT_ONCE: usize = 1000;
/// It is tried until it is done.
const FOR_EVER: Retries = Retries {
    most: u32::MAX,
    most_age_secs: u32::MAX,
};

/// A topic of which something is left.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct EmptyingRecord {
    /// When it was deleted.
    pub(crate) at_millis: i64,
}

impl Record for EmptyingRecord {
    const TABLE: &'static str = "sns.emptying";
    const SERVICE: &'static str = "sns";
}

/// A topic that is being emptied, by account, Region and name.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Emptying(String, String, String);

/// Stages that nothing is left of a topic that is deleted, or what sees to that.
pub(crate) async fn begin(ctx: &Ctx, place: &TopicPlace) -> Result<()> {
    if empty_some(ctx, place).await? {
        return Ok(());
    }
    let at_millis = ctx.now.millis;
    ctx.put(place.key(), EmptyingRecord { at_millis }).await;
    let TopicPlace {
        account,
        region,
        name,
    } = place.clone();
    ctx.stage_delivery(NewDelivery {
        service: &api::sns::SERVICE,
        account: account.clone(),
        queue: format!("{} emptying", place.arn()),
        ordered: false,
        retries: FOR_EVER,
        payload: Emptying(account, region, name).encode()?,
    })
    .await
}

/// Whether a topic of this name was deleted of which something is left.
pub(crate) async fn is_under_way(ctx: &Ctx, place: &TopicPlace) -> Result<bool> {
    Ok(ctx.get::<EmptyingRecord>(&place.key()).await?.is_some())
}

impl Emptying {
    /// What was staged.
    pub(crate) fn read(delivery: &Delivery) -> Result<Self> {
        Ok(delivery.read::<(u8, Self)>()?.1)
    }

    fn encode(&self) -> Result<Vec<u8>> {
        NewDelivery::payload_of(&(FORMAT, self))
    }

    /// Takes away the next portion.
    pub(crate) async fn go_on(&self, ctx: &Ctx) -> Result<Outcome> {
        let place = TopicPlace {
            account: self.0.clone(),
            region: self.1.clone(),
            name: self.2.clone(),
        };
        if empty_some(ctx, &place).await? {
            ctx.delete::<EmptyingRecord>(&place.key()).await;
            return Ok(Outcome::Done);
        }
        Ok(Outcome::Partly(self.encode()?))
    }
}

/// Stages that some of what is left is gone. Returns whether nothing is left then.
async fn empty_some(ctx: &Ctx, place: &TopicPlace) -> Result<bool> {
    let page = ctx
        .scan::<SubscriptionRecord>(&place.key(), None, AT_ONCE)
        .await?;
    for (_, subscription) in &page.rows {
        let place = SubscriptionPlace {
            topic: place.clone(),
            id: subscription.id.clone(),
        };
        subscription.delete(ctx, &place).await;
    }
    let is_forgotten = deduplication::forget_some(ctx, place, AT_ONCE).await?;
    Ok(page.next.is_none() && is_forgotten)
}
