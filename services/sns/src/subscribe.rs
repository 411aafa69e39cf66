//! `sns:Subscribe`: sends what is published to a topic to a queue of the caller's account.

use api::sns::{SubscribeInput, SubscribeResponse};
use platform::{ConditionKeys, Ctx, Derived, Result};
use policy::Values;

use crate::names::SubscriptionPlace;
use crate::subscription::{SQS, SubscriptionRecord};
use crate::{access, refusals};

pub(crate) async fn subscribe(ctx: &Ctx, req: SubscribeInput) -> Result<SubscribeResponse> {
    let topic = access::topic_with(ctx, "sns:Subscribe", &req.topic_arn, &Asked(&req)).await?;
    let endpoint = queue(ctx, &req)?;
    if !topic.is_fifo() && endpoint.ends_with(".fifo") {
        return Err(refusals::bad_because(
            "Endpoint",
            "Please use FIFO SQS queues with FIFO topics only",
        )
        .into());
    }
    let known = ctx.scan_all::<SubscriptionRecord>(&topic.place.key()).await?;
    let known = known.into_iter().find(|(_, known)| known.endpoint == endpoint);
    let place = |id: &str| SubscriptionPlace {
        topic: topic.place.clone(),
        id: id.to_owned(),
    };
    let mut record = SubscriptionRecord {
        id: ctx.new_uuid()?,
        owner: ctx.account().to_owned(),
        endpoint,
        settings: std::collections::BTreeMap::new(),
        compiled: Derived::default(),
    };
    for (name, value) in req.attributes.iter() {
        record.set(name, value)?;
    }
    let subscription = match known {
        Some((_, known)) if record.settings.is_empty() || known.settings == record.settings => {
            place(&known.id)
        }
        Some(_) => {
            return Err(refusals::bad_because(
                "Attributes",
                "Subscription already exists with different attributes",
            )
            .into());
        }
        None => {
            let place = place(&record.id);
            record.put(ctx, &place).await;
            place
        }
    };
    Ok(SubscribeResponse {
        subscription_arn: Some(subscription.arn()),
    })
}

/// The queue that the request names. A queue of one's own needs no confirmation.
fn queue(ctx: &Ctx, req: &SubscribeInput) -> Result<String> {
    match req.protocol.as_str() {
        SQS => {}
        "http" | "https" | "email" | "email-json" | "sms" | "application" | "lambda"
        | "firehose" => {
            let what = format!("subscriptions of protocol {}", req.protocol);
            return Err(refusals::unsupported(&what).into());
        }
        other => {
            let reason = format!("Does not support this protocol string: {other}");
            return Err(refusals::invalid(format!("Invalid parameter: {reason}")).into());
        }
    }
    let endpoint = req.endpoint.clone().unwrap_or_default();
    let parts: Vec<_> = endpoint.split(':').collect();
    let ["arn", _, "sqs", region, account, name] = parts.as_slice() else {
        let message = "Invalid parameter: SQS endpoint ARN";
        return Err(refusals::invalid(message).into());
    };
    if name.is_empty() || *region != ctx.region {
        return Err(refusals::invalid("Invalid parameter: SQS endpoint ARN").into());
    }
    if *account != ctx.account() {
        let what = "subscriptions of queues of other accounts, which need a confirmation,";
        return Err(refusals::unsupported(what).into());
    }
    Ok(endpoint)
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
