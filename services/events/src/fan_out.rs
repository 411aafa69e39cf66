//! One event for the targets of many rules, each of which gets a delivery with a copy of its own.
//!
//! A bus has up to 300 rules with 5 targets each, and an event up to 1 MiB: were all copies staged
//! in the call that puts the event, that call would write more than a gigabyte at once, and hold up
//! all others. So it stages some, and a delivery of the service to itself those that are left, some
//! in each commit.

use platform::{Ctx, NewDelivery, Result, Retries};
use serde::{Deserialize, Serialize};

use crate::audience::Audience;
use crate::dispatch::{Dispatch, Payload};
use crate::encryption::Text;
use crate::entry::Incoming;
use crate::names::BusPlace;
use crate::routing;
use crate::rules::RulesRecord;
use crate::targets::TargetRecord;

/// So many bytes of copies are staged in the commit that takes an event, among others perhaps. The
/// rule that exceeds them still has its targets.
pub(crate) const AT_FIRST: usize = 256 * 1024;
/// The same in each commit that follows.
pub(crate) const THEN: usize = 8 * 1024 * 1024;

/// An event, with the rules whose targets are still to get it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct FanOut<T = Text> {
    /// The account, Region and name of the bus.
    pub(crate) bus: (String, String, String),
    /// The event's id.
    pub(crate) event_id: String,
    /// `source`
    pub(crate) source: String,
    /// `detail-type`
    pub(crate) detail_type: String,
    /// The event's JSON text.
    pub(crate) event: T,
    /// Whom it is for on this bus.
    pub(crate) audience: Audience,
    /// When the bus took it.
    pub(crate) taken_millis: i64,
    /// Whether another bus sent it.
    is_sent_on: bool,
    /// The names of the rules that matched.
    rules: Vec<String>,
}

impl FanOut {
    /// An event for the rules of these names.
    pub(crate) fn of(
        ctx: &Ctx,
        event: &Incoming,
        text: Text,
        (rules, is_sent_on): (Vec<String>, bool),
    ) -> Self {
        let bus = &event.bus;
        Self {
            bus: (bus.account.clone(), bus.region.clone(), bus.name.clone()),
            event_id: event.id.clone(),
            source: event.source.clone(),
            detail_type: event.detail_type.clone(),
            event: text,
            audience: event.audience.clone(),
            taken_millis: ctx.now.millis,
            is_sent_on,
            rules,
        }
    }

    /// Whether the account has room for more of it.
    pub(crate) fn has_room(&self, ctx: &Ctx) -> bool {
        let percent = match self.is_sent_on {
            true => routing::ROOM_TO_FAN_OUT_RECEIVED,
            false => routing::ROOM_TO_FAN_OUT,
        };
        ctx.has_room_for_deliveries(&self.bus.0, percent)
    }

    /// The bus.
    pub(crate) fn place(&self) -> BusPlace {
        let (account, region, name) = self.bus.clone();
        BusPlace {
            account,
            region,
            name,
        }
    }

    /// Stages deliveries rule by rule, until they have `most` bytes, and one for the rules that are
    /// left then.
    pub(crate) async fn stage(mut self, ctx: &Ctx, most: usize) -> Result<()> {
        let all = RulesRecord::get(ctx, &self.place()).await?;
        let mut rules = std::mem::take(&mut self.rules).into_iter();
        let mut staged = 0;
        while staged < most
            && let Some(name) = rules.next()
        {
            let targets = all.rules.get(&name).map(|rule| rule.targets.as_slice());
            for target in targets.unwrap_or_default() {
                staged += self.stage_one(ctx, &name, target).await?;
            }
        }
        self.rules = rules.collect();
        match self.rules.is_empty() {
            true => Ok(()),
            false => self.stage_rest(ctx).await,
        }
    }

    /// Stages the delivery for a target, and returns its bytes.
    async fn stage_one(&self, ctx: &Ctx, rule: &str, target: &TargetRecord) -> Result<usize> {
        if self.is_sent_on && BusPlace::of_arn(&target.arn).is_some() {
            return Ok(0);
        }
        let dispatch = Dispatch::of(self, rule, target);
        let queue = format!("{} {}", dispatch.rule_arn, target.id);
        let payload = Payload::Event(Box::new(dispatch)).encode()?;
        let bytes = payload.len();
        ctx.stage_delivery(NewDelivery {
            service: &api::events::SERVICE,
            account: self.bus.0.clone(),
            queue,
            // An event that keeps failing holds up no other one for a day.
            ordered: false,
            retries: target.tried(),
            payload,
        })
        .await?;
        Ok(bytes)
    }

    async fn stage_rest(self, ctx: &Ctx) -> Result<()> {
        ctx.stage_delivery(NewDelivery {
            service: &api::events::SERVICE,
            account: self.bus.0.clone(),
            queue: self.place().arn(),
            ordered: false,
            retries: Retries::default(),
            payload: Payload::FanOut(Box::new(self)).encode()?,
        })
        .await
    }
}

impl FanOut<String> {
    /// The same as it waits, under no key.
    pub(crate) fn kept(self) -> FanOut {
        FanOut {
            bus: self.bus,
            event_id: self.event_id,
            source: self.source,
            detail_type: self.detail_type,
            event: Text::Plain(self.event),
            audience: self.audience,
            taken_millis: self.taken_millis,
            is_sent_on: self.is_sent_on,
            rules: self.rules,
        }
    }
}
