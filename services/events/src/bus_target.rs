//! Another bus as a target ("Sending and receiving events between event buses", EventBridge user
//! guide).

use platform::{ConditionKeys, Ctx, Failure, Outcome, Result};
use policy::{
    Conditions, Named, Principal, PrincipalKind, Request, ResourceRule, Sources, Values, decide,
};

use crate::access::BusResource;
use crate::bus::BusRecord;
use crate::deliverer::EVENTS;
use crate::dispatch::Dispatch;
use crate::names::BusPlace;
use crate::routing;

/// Puts the event on the bus as it is, if the bus takes it.
pub(crate) async fn deliver(ctx: &Ctx, dispatch: &Dispatch, to: BusPlace) -> Result<Outcome> {
    let Some(record) = BusRecord::get(ctx, &to).await? else {
        return Ok(Outcome::GiveUp(Failure::new(
            "NO_RESOURCE",
            "The event bus does not exist.",
        )));
    };
    let is_admitted = match &dispatch.target.role {
        Some(role) => {
            by_role(ctx, dispatch, &to, role).await?;
            true
        }
        None => by_account(ctx, dispatch, &to, &record).await?,
    };
    if !is_admitted {
        let message = "The policy of the event bus does not let the account in.";
        return Ok(Outcome::GiveUp(Failure::new("NO_PERMISSIONS", message)));
    }
    routing::receive(ctx, &dispatch.onto(to)?).await?;
    Ok(Outcome::Done)
}

/// A session of the role must be allowed to put events on the bus.
async fn by_role(ctx: &Ctx, dispatch: &Dispatch, to: &BusPlace, role: &str) -> Result<()> {
    let session = (role, dispatch.event_id.as_str());
    let session = ctx.as_role(EVENTS, session, &dispatch.rule_arn).await?;
    let resource = BusResource::find(ctx, to).await?;
    let call = ctx.in_session(&session);
    call.permits("events:PutEvents", resource, &OfEvent(dispatch))
        .await?;
    Ok(())
}

/// A bus takes what rules of its own account send, and those of another one if its policy lets that
/// put events.
async fn by_account(
    ctx: &Ctx,
    dispatch: &Dispatch,
    to: &BusPlace,
    record: &BusRecord,
) -> Result<bool> {
    let from = dispatch.account();
    if from == to.account {
        return Ok(true);
    }
    let Some(policy) = record.policy()? else {
        return Ok(false);
    };
    let membership = ctx.membership(from).await?;
    let crossing = Crossing {
        dispatch,
        organization: membership.as_ref().map(|found| &*found.organization_id),
    };
    let (root, arn) = (format!("arn:aws:iam::{from}:root"), to.arn());
    let request = Request {
        principal: Principal {
            arn: &root,
            account: from,
            kind: PrincipalKind::Root,
            user_id: from,
        },
        action: "events:PutEvents",
        resource: &arn,
        resource_account: &to.account,
        conditions: &crossing,
    };
    let name = "event bus policy";
    let sources = Sources {
        resource: Some((Named { name, policy }, ResourceRule::Standard)),
        ..Sources::default()
    };
    Ok(decide(&request, &sources).is_allowed())
}

/// An event on the way from one account to another.
struct Crossing<'a> {
    dispatch: &'a Dispatch,
    organization: Option<&'a str>,
}

impl Conditions for Crossing<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let from = self.dispatch.account();
        Some(match key {
            "aws:principalaccount" | "aws:sourceaccount" => from.into(),
            "aws:principalorgid" => self.organization?.into(),
            "aws:sourcearn" => self.dispatch.rule_arn.as_str().into(),
            "aws:securetransport" => true.into(),
            _ => return OfEvent(self.dispatch).of(key),
        })
    }
}

/// `events:source`, `events:detail-type` and `events:eventBusInvocation`
struct OfEvent<'a>(&'a Dispatch);

impl<'a> OfEvent<'a> {
    fn of(&self, key: &str) -> Option<Values<'a>> {
        Some(match key {
            "events:source" => self.0.source.as_str().into(),
            "events:detail-type" => self.0.detail_type.as_str().into(),
            "events:eventbusinvocation" => true.into(),
            _ => return None,
        })
    }
}

impl ConditionKeys for OfEvent<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        self.of(key)
    }
}
