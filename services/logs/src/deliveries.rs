//! What the service does after calls have committed. Queries are run; behind PutLogEvents,
//! subscription filters send a batch on and metric filters count it.
//!
//! PutLogEvents stages no more than which batch it was, for each filter that sends and once for all
//! that count.

use platform::{
    Ctx, Deliverer, Delivery, DeliveryFuture, Error, Failure, GivenUp, NewDelivery, Outcome,
    Result, Retries,
};
use serde::{Deserialize, Serialize};

use crate::access::Group;
use crate::group::GroupRecord;
use crate::metric_filter::MetricFilterRecord;
use crate::position::Serial;
use crate::stream::StreamRecord;
use crate::subscription_filter::SubscriptionFilterRecord;
use crate::{counting, forwarding, querying};

/// What is to be done.
#[derive(Serialize, Deserialize)]
struct Task {
    group: String,
    /// Another group that takes the name has another one.
    group_id: String,
    work: Work,
}

#[derive(Serialize, Deserialize)]
enum Work {
    /// The control message of this new filter.
    Control { filter: String },
    /// What this filter lets through.
    Send { filter: String, batch: Batch },
    /// What all metric filters make of it.
    Count { batch: Batch },
}

/// A batch of events.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Batch {
    pub(crate) stream: String,
    pub(crate) serial: Serial,
    pub(crate) number: u64,
}

/// Stages what is to become of a batch that came into the group.
pub(crate) async fn stage(
    ctx: &Ctx,
    group: &Group,
    (stream, number): (&StreamRecord, u64),
) -> Result<()> {
    let batch = || Batch {
        stream: stream.name.clone(),
        serial: stream.serial,
        number,
    };
    for filter in SubscriptionFilterRecord::of_group(ctx, group).await? {
        let (filter, batch) = (filter.name.clone(), batch());
        stage_work(ctx, group, Work::Send { filter, batch }).await?;
    }
    if !MetricFilterRecord::of_group(ctx, group).await?.is_empty() {
        stage_work(ctx, group, Work::Count { batch: batch() }).await?;
    }
    Ok(())
}

/// Stages the control message of a new filter.
pub(crate) async fn stage_control(ctx: &Ctx, group: &Group, filter: &str) -> Result<()> {
    let filter = filter.to_owned();
    stage_work(ctx, group, Work::Control { filter }).await
}

async fn stage_work(ctx: &Ctx, group: &Group, work: Work) -> Result<()> {
    // Names of filters hold no colon.
    let queue = match &work {
        Work::Control { filter } | Work::Send { filter, .. } => format!("{}:{filter}", group.id),
        Work::Count { .. } => format!("{}:", group.id),
    };
    let task = Task {
        group: group.name.clone(),
        group_id: group.id.clone(),
        work,
    };
    let new = NewDelivery {
        service: &api::logs::SERVICE,
        account: group.account.clone(),
        queue,
        // Readers of logs want them in their order.
        ordered: true,
        retries: Retries::default(),
        payload: serde_json::to_vec(&task).map_err(Error::internal)?,
    };
    ctx.stage_delivery(new).await
}

/// Does what was staged.
pub(crate) struct Deliveries;

impl Deliverer for Deliveries {
    fn deliver<'a>(&'a self, ctx: &'a Ctx, delivery: &'a Delivery) -> DeliveryFuture<'a, Outcome> {
        if querying::is_query(delivery) {
            return Box::pin(querying::run(ctx, delivery));
        }
        Box::pin(async move {
            match attempt(ctx, delivery).await {
                // A key that is disabled now may be enabled in an hour.
                Err(Error::Fault(fault)) => Ok(Outcome::Retry(Failure::of(&fault))),
                other => other,
            }
        })
    }

    /// There is nowhere to put what could not be sent, as with AWS.
    fn give_up<'a>(
        &'a self,
        ctx: &'a Ctx,
        delivery: &'a Delivery,
        _: &'a GivenUp,
    ) -> DeliveryFuture<'a, ()> {
        if querying::is_query(delivery) {
            return Box::pin(querying::fail(ctx, delivery));
        }
        Box::pin(std::future::ready(Ok(())))
    }
}

async fn attempt(ctx: &Ctx, delivery: &Delivery) -> Result<Outcome> {
    let task: Task = serde_json::from_slice(&delivery.payload).map_err(Error::internal)?;
    let place = GroupRecord::place(&delivery.account, &ctx.region, &task.group);
    let known = ctx.get::<GroupRecord>(&place).await?;
    // What is deleted sends nothing any more.
    let Some(group) = known.filter(|group| group.id == task.group_id) else {
        return Ok(Outcome::Done);
    };
    let group = Group::of_service(group);
    match &task.work {
        Work::Control { filter } => forwarding::forward(ctx, delivery, group, (filter, None)).await,
        Work::Send { filter, batch } => {
            forwarding::forward(ctx, delivery, group, (filter, Some(batch))).await
        }
        Work::Count { batch } => {
            counting::count(ctx, &group, batch).await?;
            Ok(Outcome::Done)
        }
    }
}
