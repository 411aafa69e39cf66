//! Sends events on to where subscription filters say.
//!
//! PutLogEvents stages no more than which batch it was. The delivery reads the batch again, so what
//! was logged stands on the disk once, under the group's own key: while KMS does not open that,
//! nothing is sent.

use std::sync::Arc;
use std::time::Duration;

use platform::{
    Ctx, Deliverer, Delivery, DeliveryFuture, Error, Failure, GivenUp, NewDelivery,
    OutboundRequest, Outcome, Result, Retries,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::access::Group;
use crate::batch::{self, DataKeys};
use crate::destination::DestinationPlace;
use crate::envelope::{self, Origin};
use crate::filter::Filter;
use crate::group::GroupRecord;
use crate::position::{Position, Serial};
use crate::stream::StreamRecord;
use crate::subscription_filter::SubscriptionFilterRecord;
use crate::webhook;

/// How long a webhook may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is to be sent.
#[derive(Serialize, Deserialize)]
struct Task {
    group: String,
    /// Another group that takes the name has another one.
    group_id: String,
    filter: String,
    /// None for the control message of a new filter.
    batch: Option<Batch>,
}

#[derive(Serialize, Deserialize)]
struct Batch {
    stream: String,
    serial: Serial,
    number: u64,
}

/// Stages the sending of a batch that came into the group: once for each of its filters.
pub(crate) async fn stage(
    ctx: &Ctx,
    group: &Group,
    (stream, number): (&StreamRecord, u64),
) -> Result<()> {
    for filter in SubscriptionFilterRecord::of_group(ctx, group).await? {
        let batch = Batch {
            stream: stream.name.clone(),
            serial: stream.serial,
            number,
        };
        stage_task(ctx, group, &filter.name, Some(batch)).await?;
    }
    Ok(())
}

/// Stages the control message of a new filter.
pub(crate) async fn stage_control(ctx: &Ctx, group: &Group, filter: &str) -> Result<()> {
    stage_task(ctx, group, filter, None).await
}

async fn stage_task(ctx: &Ctx, group: &Group, filter: &str, batch: Option<Batch>) -> Result<()> {
    let task = Task {
        group: group.name.clone(),
        group_id: group.id.clone(),
        filter: filter.to_owned(),
        batch,
    };
    let new = NewDelivery {
        service: &api::logs::SERVICE,
        account: group.account.clone(),
        queue: format!("{}:{filter}", group.id),
        // Readers of logs want them in their order.
        ordered: true,
        retries: Retries::default(),
        payload: serde_json::to_vec(&task).map_err(Error::internal)?,
    };
    ctx.stage_delivery(new).await
}

/// Makes the deliveries of subscription filters.
pub(crate) struct Forwarder;

impl Deliverer for Forwarder {
    fn deliver<'a>(&'a self, ctx: &'a Ctx, delivery: &'a Delivery) -> DeliveryFuture<'a, Outcome> {
        Box::pin(async move {
            match forward(ctx, delivery).await {
                // A key that is disabled now may be enabled in an hour.
                Err(Error::Fault(fault)) => Ok(Outcome::Retry(Failure::of(&fault))),
                other => other,
            }
        })
    }

    /// There is nowhere to put what could not be sent, as with AWS.
    fn give_up<'a>(
        &'a self,
        _: &'a Ctx,
        _: &'a Delivery,
        _: &'a GivenUp,
    ) -> DeliveryFuture<'a, ()> {
        Box::pin(std::future::ready(Ok(())))
    }
}

async fn forward(ctx: &Ctx, delivery: &Delivery) -> Result<Outcome> {
    let task: Task = serde_json::from_slice(&delivery.payload).map_err(Error::internal)?;
    let place = GroupRecord::place(&delivery.account, &ctx.region, &task.group);
    let known = ctx.get::<GroupRecord>(&place).await?;
    // What is deleted sends nothing any more.
    let Some(group) = known.filter(|group| group.id == task.group_id) else {
        return Ok(Outcome::Done);
    };
    let Some(filter) = SubscriptionFilterRecord::find(ctx, &group, &task.filter).await? else {
        return Ok(Outcome::Done);
    };
    let Some(url) = url(ctx, &filter).await? else {
        let text = "the destination does not exist";
        return Ok(Outcome::GiveUp(Failure::new(
            "ResourceNotFoundException",
            text,
        )));
    };
    let document = match &task.batch {
        None => Some(envelope::control(delivery.staged.millis)),
        Some(batch) => document(ctx, Group::of_service(group), &filter, batch).await?,
    };
    match document {
        None => Ok(Outcome::Done),
        Some(document) => send(ctx, &url, document).await,
    }
}

async fn url(ctx: &Ctx, filter: &SubscriptionFilterRecord) -> Result<Option<String>> {
    let Some(place) = DestinationPlace::of_arn(ctx, &filter.destination_arn) else {
        return Ok(None);
    };
    let Some(found) = place.find(ctx).await? else {
        return Ok(None);
    };
    let url = webhook::url(&found.target_arn, &found.account, &found.region);
    Ok(url.map(str::to_owned))
}

/// What is sent of a batch; none where nothing of it matches, or is left.
async fn document(
    ctx: &Ctx,
    group: Group,
    filter: &Arc<SubscriptionFilterRecord>,
    batch: &Batch,
) -> Result<Option<Value>> {
    let parsed = Filter::parse(&filter.pattern)?;
    let mut keys = DataKeys::default();
    let place = (batch.serial, batch.number);
    let (_, events) = batch::open(ctx, &group, place, &mut keys).await?;
    let positioned = (1..).zip(events).map(|(nth, event)| {
        let position = Position {
            millis: event.millis,
            stream: batch.serial,
            batch: batch.number,
            nth,
        };
        (position, event)
    });
    let matching = positioned.filter(|(_, event)| parsed.matches(&event.message));
    let matching: Vec<_> = matching.collect();
    let origin = Origin {
        owner: &group.account,
        group: &group.name,
        stream: &batch.stream,
        filter: &filter.name,
    };
    Ok((!matching.is_empty()).then(|| envelope::data(&origin, &matching)))
}

async fn send(ctx: &Ctx, url: &str, document: Value) -> Result<Outcome> {
    let body = ctx.blocking(move |_| envelope::body(&document)).await??;
    let mut request =
        OutboundRequest::new("POST", url, body).header("content-type", "application/json");
    request.patience = PATIENCE;
    let answer = match ctx.upkeep().outbound().send(request).await {
        Ok(answer) if answer.is_success() => return Ok(Outcome::Done),
        Ok(answer) => answer,
        Err(failure) => {
            let told = Failure::new("ConnectionFailure", failure.to_string());
            return Ok(match failure.is_final() {
                true => Outcome::GiveUp(told),
                false => Outcome::Retry(told),
            });
        }
    };
    let text = format!("the webhook answered {}", answer.status);
    let mut failure = Failure::new("SDK_CLIENT_ERROR", text);
    let after = answer.header_value("retry-after");
    let after = after.and_then(|after| after.parse().ok());
    failure.retry_after = after.map(Duration::from_secs);
    Ok(match answer.status {
        // What may pass: somebody logs in again, is busy, or broken.
        401 | 407..=409 | 425 | 429 | 500.. => Outcome::Retry(failure),
        _ => Outcome::GiveUp(failure),
    })
}
