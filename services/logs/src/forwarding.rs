//! Sends events on to where subscription filters say.
//!
//! The batch is read again for it, so what was logged stands on the disk once, under the group's own
//! key: while KMS does not open that, nothing is sent.

use std::time::Duration;

use platform::{Ctx, Delivery, Failure, OutboundRequest, Outcome, Result};
use serde_json::Value;

use crate::access::Group;
use crate::batch::{self, DataKeys};
use crate::deliveries::Batch;
use crate::destination::DestinationPlace;
use crate::envelope::{self, Origin};
use crate::filter::Filter;
use crate::functions;
use crate::position::Position;
use crate::subscription_filter::SubscriptionFilterRecord;
use crate::webhook;

/// How long a webhook may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends what the filter lets through of a batch; without a batch, the control message of a new
/// filter.
pub(crate) async fn forward(
    ctx: &Ctx,
    delivery: &Delivery,
    group: Group,
    (filter, batch): (&str, Option<&Batch>),
) -> Result<Outcome> {
    // What is deleted sends nothing any more.
    let Some(filter) = SubscriptionFilterRecord::find(ctx, &group, filter).await? else {
        return Ok(Outcome::Done);
    };
    let url = url(ctx, &filter).await?;
    let is_function = functions::is_of(&group, &filter.destination_arn);
    if url.is_none() && !is_function {
        let text = "the destination does not exist";
        let failure = Failure::new("ResourceNotFoundException", text);
        return Ok(Outcome::GiveUp(failure));
    }
    let document = match batch {
        None => Some(envelope::control(delivery.staged.millis)),
        Some(batch) => document(ctx, &group, &filter, batch).await?,
    };
    match (document, url) {
        (None, _) => Ok(Outcome::Done),
        (Some(document), Some(url)) => send(ctx, &url, document).await,
        (Some(document), None) => {
            functions::deliver(ctx, &group, &filter.destination_arn, document).await
        }
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
    group: &Group,
    filter: &SubscriptionFilterRecord,
    batch: &Batch,
) -> Result<Option<Value>> {
    let parsed = Filter::parse(&filter.pattern)?;
    let mut keys = DataKeys::default();
    let place = (batch.serial, batch.number);
    let (_, events) = batch::open(ctx, group, place, &mut keys).await?;
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
