//! The way of an event: into the archives of its bus, and to the targets of the rules that match.
//!
//! An event that came from another bus is not sent on to a third one ("Sending and receiving events
//! between event buses", EventBridge user guide), so that no event goes in circles.

use std::collections::BTreeSet;

use platform::{Ctx, Result};
use policy::{
    Conditions, Named, Principal, PrincipalKind, Request, ResourceRule, Sources, Values, decide,
};
use store::Txn;

use crate::archives::{ArchivedEvent, ArchivesRecord};
use crate::bus::BusRecord;
use crate::entry::Incoming;
use crate::names::BusPlace;
use crate::rules::RulesRecord;

/// Whose rules send an event on.
struct Sender<'a> {
    /// The organization of the account that owns the first bus, if it is in one.
    organization: Option<&'a str>,
    /// Milliseconds since 1970.
    now_millis: i64,
}

/// Stages all that follows from an event.
pub(crate) async fn route(ctx: &Ctx, event: &Incoming) -> Result<()> {
    let membership = ctx.membership(&event.bus.account).await?;
    let membership = membership.as_ref();
    let sender = Sender {
        organization: membership.map(|found| found.organization_id.as_str()),
        now_millis: ctx.now.millis,
    };
    let (_, mut txn) = ctx.directory().await;
    send(&mut txn, event, &sender).await
}

async fn send(txn: &mut Txn, event: &Incoming, sender: &Sender<'_>) -> Result<()> {
    let mut buses = vec![event.bus.clone()];
    for (rule_arn, target) in targets(txn, &event.bus, event).await? {
        let crossing = Crossing {
            event,
            rule_arn: &rule_arn,
            sender,
        };
        if !buses.contains(&target) && crossing.is_admitted(txn, &target).await? {
            buses.push(target);
        }
    }
    for bus in &buses {
        if event.audience.is_archived(*bus == event.bus) {
            archive(txn, bus, event, sender.now_millis).await?;
        }
    }
    Ok(())
}

/// The buses that are targets of matching rules, each with the ARN of one of these rules.
async fn targets(
    txn: &mut Txn,
    bus: &BusPlace,
    event: &Incoming,
) -> Result<Vec<(String, BusPlace)>> {
    let rules = RulesRecord::read(txn, bus).await?;
    let (mut known, mut found) = (BTreeSet::new(), Vec::new());
    for name in event.audience.rules(&rules, bus, &event.fields)? {
        let targets = rules.rules.get(name).map(|rule| rule.targets.as_slice());
        for target in targets.unwrap_or_default() {
            let place = BusPlace::of_arn(&target.arn);
            if let Some(place) = place.filter(|_| known.insert((name, &target.arn))) {
                found.push((bus.rule_arn(name), place));
            }
        }
    }
    Ok(found)
}

async fn archive(txn: &mut Txn, bus: &BusPlace, event: &Incoming, at_millis: i64) -> Result<()> {
    // A bus that is not there takes nothing.
    if BusRecord::read(txn, bus).await?.is_none() {
        return Ok(());
    }
    let archives = ArchivesRecord::read(txn, bus).await?;
    for archive in archives.archives.values() {
        if archive.keeps(&event.fields)? {
            let kept = ArchivedEvent {
                at_millis,
                event: event.text.clone(),
            };
            txn.put(archive.event(bus, &event.id), kept);
        }
    }
    Ok(())
}

/// An event on the way from one bus to another.
struct Crossing<'a> {
    event: &'a Incoming,
    rule_arn: &'a str,
    sender: &'a Sender<'a>,
}

impl Crossing<'_> {
    /// Whether the bus takes the event: one of the same account does, another one if its policy lets
    /// the account put events.
    async fn is_admitted(&self, txn: &mut Txn, target: &BusPlace) -> Result<bool> {
        let from = &self.event.bus.account;
        if *from == target.account {
            return Ok(true);
        }
        let Some(record) = BusRecord::read(txn, target).await? else {
            return Ok(false);
        };
        let Some(policy) = record.policy()? else {
            return Ok(false);
        };
        let (root, arn) = (format!("arn:aws:iam::{from}:root"), target.arn());
        let request = Request {
            principal: Principal {
                arn: &root,
                account: from,
                kind: PrincipalKind::Root,
                user_id: from,
            },
            action: "events:PutEvents",
            resource: &arn,
            resource_account: &target.account,
            conditions: self,
        };
        let name = "event bus policy";
        let sources = Sources {
            resource: Some((Named { name, policy }, ResourceRule::Standard)),
            ..Sources::default()
        };
        Ok(decide(&request, &sources).is_allowed())
    }
}

impl Conditions for Crossing<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let from = self.event.bus.account.as_str();
        Some(match key {
            "aws:principalaccount" | "aws:sourceaccount" => from.into(),
            "aws:principalorgid" => self.sender.organization?.into(),
            "aws:sourcearn" => self.rule_arn.into(),
            "events:source" => self.event.source.as_str().into(),
            "events:detail-type" => self.event.detail_type.as_str().into(),
            "events:eventbusinvocation" => true.into(),
            "aws:securetransport" => true.into(),
            _ => return None,
        })
    }
}
