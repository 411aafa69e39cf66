//! `sns:Subscribe`: sends what is published to a topic to a queue, a function or a web server, at once
//! where the queue or function is the caller's, and otherwise when the endpoint has confirmed.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::sns::{FilterPolicyLimitExceededException, SubscribeInput, SubscribeResponse};
use platform::{ConditionKeys, Ctx, Derived, Result};
use policy::Values;
use wire::Fault;

use crate::access::{self, Topic};
use crate::confirming::{self, Confirmation};
use crate::names::SubscriptionPlace;
use crate::subscription::{LAMBDA, SQS, Standing, SubscriptionRecord};
use crate::{functions, refusals, subscription_checks};

/// What errors about attributes begin with.
const PREFIX: &str = "Attributes Reason: ";
/// The most filter policies of a topic ("Amazon SNS quotas").
const MOST_FILTERS: usize = 200;
/// The most subscriptions of a topic with large messages (SetTopicAttributes,
/// `MaximumMessageSize`).
pub(crate) const MOST_OF_LARGE: usize = 100;

pub(crate) async fn subscribe(ctx: &Ctx, req: SubscribeInput) -> Result<SubscribeResponse> {
    let topic = access::topic_with(ctx, "sns:Subscribe", &req.topic_arn, &Asked(&req)).await?;
    let (endpoint, is_own) = endpoint(ctx, &topic, &req)?;
    let all = SubscriptionRecord::all(ctx, &topic.place).await?;
    let all = without_old(ctx, &topic, all).await;
    let known = all.iter().find(|known| {
        known.endpoint == endpoint
            && known.protocol == req.protocol
            && known.standing != Standing::Deleted
    });
    let mut record = new(ctx, &req, endpoint)?;
    for (name, value) in req.attributes.iter() {
        record.set((name, value), PREFIX)?;
    }
    subscription_checks::check_together(&record, topic.is_fifo(), PREFIX)?;
    let mut record = match known {
        Some(known) => again(known, &record)?,
        None => {
            check_limits(&topic, &all, &record)?;
            record
        }
    };
    let place = SubscriptionPlace {
        topic: topic.place.clone(),
        id: record.id.clone(),
    };
    let is_confirmed = record.standing == Standing::Confirmed;
    if is_own && !is_confirmed {
        record.confirm(ctx.now);
        record.is_authenticated = true;
    }
    if known.is_none() || !is_confirmed {
        if !is_own {
            confirming::ask(
                ctx,
                &topic,
                (&place, &mut record),
                Confirmation::Subscription,
            )
            .await?;
        }
        record.clone().put(ctx, &place).await;
    }
    let is_shown = record.standing == Standing::Confirmed || req.return_subscription_arn;
    Ok(SubscribeResponse {
        subscription_arn: Some(match is_shown {
            true => place.arn(),
            false => "pending confirmation".to_owned(),
        }),
    })
}

/// The subscription that the request asks for.
fn new(ctx: &Ctx, req: &SubscribeInput, endpoint: String) -> Result<SubscriptionRecord> {
    Ok(SubscriptionRecord {
        id: ctx.new_uuid()?,
        owner: ctx.account().to_owned(),
        principal: ctx.caller.principal_arn().to_owned(),
        protocol: req.protocol.clone(),
        endpoint,
        standing: Standing::Pending,
        since_millis: 0,
        offer: None,
        is_authenticated: false,
        is_guarded: false,
        settings: BTreeMap::new(),
        compiled: Derived::default(),
    })
}

/// The subscription that there is already, which must be the same.
fn again(
    known: &Arc<SubscriptionRecord>,
    asked: &SubscriptionRecord,
) -> Result<SubscriptionRecord, Fault> {
    let same = asked
        .settings
        .iter()
        .all(|(name, value)| known.settings.get(name) == Some(value));
    match same {
        true => Ok(SubscriptionRecord::clone(known)),
        false => Err(refusals::bad_because(
            "Attributes",
            "Subscription already exists with different attributes",
        )),
    }
}

/// The subscriptions without those that nobody confirmed in time, which go.
async fn without_old(
    ctx: &Ctx,
    topic: &Topic,
    all: Vec<Arc<SubscriptionRecord>>,
) -> Vec<Arc<SubscriptionRecord>> {
    let (old, kept): (Vec<_>, Vec<_>) = all.into_iter().partition(|known| known.is_over(ctx.now));
    for known in old {
        let place = SubscriptionPlace {
            topic: topic.place.clone(),
            id: known.id.clone(),
        };
        known.delete(ctx, &place).await;
    }
    kept
}

fn check_limits(
    topic: &Topic,
    all: &[Arc<SubscriptionRecord>],
    record: &SubscriptionRecord,
) -> Result<(), Fault> {
    check_filters(all, record)?;
    if !topic.takes_large() {
        return Ok(());
    }
    if record.is_web() {
        let reason = "Topics with a MaximumMessageSize above 256 KiB have no such subscriptions";
        return Err(refusals::bad_because("Protocol", reason));
    }
    match all.len() >= MOST_OF_LARGE {
        true => Err(refusals::bad_because(
            "TopicArn",
            "Topics with a MaximumMessageSize above 256 KiB have at most 100 subscriptions",
        )),
        false => Ok(()),
    }
}

/// Checks how many filter policies a topic has with this one.
pub(crate) fn check_filters(
    all: &[Arc<SubscriptionRecord>],
    record: &SubscriptionRecord,
) -> Result<(), Fault> {
    let has_filter = |one: &SubscriptionRecord| one.settings.contains_key("FilterPolicy");
    let others = all
        .iter()
        .filter(|one| one.id != record.id && has_filter(one));
    match has_filter(record) && others.count() >= MOST_FILTERS {
        true => Err(FilterPolicyLimitExceededException::new(format!(
            "The topic has the most filter policies that it can have: {MOST_FILTERS}."
        ))),
        false => Ok(()),
    }
}

/// The endpoint that the request names, and whether it is the caller's own: a queue or function of
/// one's account needs no confirmation.
fn endpoint(ctx: &Ctx, topic: &Topic, req: &SubscribeInput) -> Result<(String, bool), Fault> {
    let endpoint = req.endpoint.clone().unwrap_or_default();
    match req.protocol.as_str() {
        SQS => queue(ctx, topic, endpoint),
        "http" | "https" | "email" | "email-json" | "sms" | "application" | LAMBDA | "firehose"
            if topic.is_fifo() =>
        {
            Err(refusals::bad(&format!(
                "Invalid protocol type: {}",
                req.protocol
            )))
        }
        LAMBDA => function(ctx, endpoint),
        "http" | "https" => web_server(&req.protocol, endpoint),
        "email" | "email-json" | "sms" | "application" | "firehose" => {
            let what = format!("subscriptions of the protocol {}", req.protocol);
            Err(refusals::unsupported(&what))
        }
        other => Err(refusals::bad(&format!(
            "Amazon SNS does not support this protocol string: {other}"
        ))),
    }
}

fn queue(ctx: &Ctx, topic: &Topic, endpoint: String) -> Result<(String, bool), Fault> {
    let bad = || refusals::bad("SQS endpoint ARN");
    let parts: Vec<_> = endpoint.split(':').collect();
    let ["arn", split, "sqs", region, account, name] = parts.as_slice() else {
        return Err(bad());
    };
    let is_known = *split == platform::partition(region) && platform::is_account(account);
    if name.is_empty() || !is_known {
        return Err(bad());
    }
    if *region != topic.place.region {
        let what = "subscriptions of queues in another Region";
        return Err(refusals::unsupported(what));
    }
    if name.ends_with(".fifo") && !topic.is_fifo() {
        return Err(refusals::bad(
            "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard \
             SNS topics",
        ));
    }
    let is_own = *account == ctx.account();
    Ok((endpoint, is_own))
}

/// Whether there is such a function, and lets the topic in, is known when it is run.
fn function(ctx: &Ctx, endpoint: String) -> Result<(String, bool), Fault> {
    let account = functions::account(&endpoint);
    let account = account.ok_or_else(|| refusals::bad("Lambda endpoint ARN"))?;
    let is_own = account == ctx.account();
    Ok((endpoint, is_own))
}

fn web_server(protocol: &str, endpoint: String) -> Result<(String, bool), Fault> {
    let rest = endpoint
        .strip_prefix(protocol)
        .and_then(|rest| rest.strip_prefix("://"));
    let Some(rest) = rest else {
        return Err(refusals::bad("Endpoint must match the specified protocol"));
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') {
        return Err(refusals::unsupported(
            "endpoints with credentials in their URL",
        ));
    }
    let is_text = endpoint.bytes().all(|byte| byte.is_ascii_graphic());
    match !host.is_empty() && is_text && endpoint.len() <= 2048 {
        true => Ok((endpoint, false)),
        false => Err(refusals::bad("Unreachable Endpoint")),
    }
}

/// `sns:Protocol` and `sns:Endpoint`
struct Asked<'a>(&'a SubscribeInput);

impl ConditionKeys for Asked<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        match key {
            "sns:protocol" => Some(self.0.protocol.as_str().into()),
            "sns:endpoint" => self.0.endpoint.as_deref().map(Values::from),
            _ => None,
        }
    }
}
