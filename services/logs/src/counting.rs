//! What metric filters make of events: values of metrics, summed up in the store.
//!
//! It takes place in the commit that ends the delivery of the batch, so that each batch counts once.
//! There is no CloudWatch that would show an account its metrics; operators see the sums. Dimensions
//! are not told apart: their values are what was logged, which stands on no other record.

use platform::{Ctx, Result, Upkeep};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use crate::access::Group;
use crate::batch::{self, DataKeys, Event};
use crate::deliveries::Batch;
use crate::filter::Filter;
use crate::metric_filter::MetricFilterRecord;

/// What the values of a metric come to.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct MetricRecord {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
    /// How many values there were.
    pub(crate) samples: u64,
    pub(crate) sum: f64,
}

impl Record for MetricRecord {
    const TABLE: &'static str = "logs.metrics";
    const SERVICE: &'static str = "logs";
}

/// What the values of a metric come to that metric filters have found, for operators.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// The account of the log groups.
    pub account: String,
    /// Their Region.
    pub region: String,
    /// The metric's namespace.
    pub namespace: String,
    /// The metric's name.
    pub name: String,
    /// How many values there were.
    pub samples: u64,
    /// Their sum.
    pub sum: f64,
}

/// The first `most` metrics of all accounts, in the order of account, Region, namespace and name.
pub async fn metrics(upkeep: &Upkeep, most: usize) -> Result<Vec<Metric>> {
    let all = Key::new("", "", [""; 0]);
    let page = upkeep
        .begin()
        .scan::<MetricRecord>(&all, None, most)
        .await?;
    let metrics = page.rows.iter().map(|(_, metric)| Metric {
        account: metric.account.clone(),
        region: metric.region.clone(),
        namespace: metric.namespace.clone(),
        name: metric.name.clone(),
        samples: metric.samples,
        sum: metric.sum,
    });
    Ok(metrics.collect())
}

/// Counts what the group's filters find in a batch.
pub(crate) async fn count(ctx: &Ctx, group: &Group, batch: &Batch) -> Result<()> {
    let mut keys = DataKeys::default();
    let place = (batch.serial, batch.number);
    let (_, events) = batch::open(ctx, group, place, &mut keys).await?;
    if events.is_empty() {
        return Ok(());
    }
    for filter in MetricFilterRecord::of_group(ctx, group).await? {
        let values = values(&filter, &events)?;
        if !values.is_empty() {
            add(ctx, group, &filter, &values).await?;
        }
    }
    Ok(())
}

/// The values that a filter finds. Its default is one where no event of the batch matches.
fn values(filter: &MetricFilterRecord, events: &[Event]) -> Result<Vec<f64>> {
    let parsed = Filter::parse(&filter.pattern)?;
    let messages = events.iter().map(|event| event.message.as_str());
    let matching: Vec<_> = messages.filter(|message| parsed.matches(message)).collect();
    if matching.is_empty() {
        return Ok(filter.default_value.into_iter().collect());
    }
    let value = |message: &&str| {
        let text = match filter.metric_value.starts_with('$') {
            false => Some(filter.metric_value.clone()),
            true => parsed.value(message, &filter.metric_value),
        };
        let number = text?.parse::<f64>().ok();
        number.filter(|number| number.is_finite())
    };
    Ok(matching.iter().filter_map(value).collect())
}

async fn add(ctx: &Ctx, group: &Group, filter: &MetricFilterRecord, values: &[f64]) -> Result<()> {
    let (namespace, name) = (&filter.metric_namespace, &filter.metric_name);
    // Outside of accounts, so that one scan finds all.
    let place = Key::new("", "", [&group.account, &group.region, namespace, name]);
    let known = ctx.get::<MetricRecord>(&place).await?;
    let mut metric = match known.as_deref() {
        Some(known) => known.clone(),
        None => MetricRecord {
            account: group.account.clone(),
            region: group.region.clone(),
            namespace: namespace.clone(),
            name: name.clone(),
            ..MetricRecord::default()
        },
    };
    metric.samples += u64::try_from(values.len()).unwrap_or_default();
    metric.sum += values.iter().sum::<f64>();
    ctx.put(place, metric).await;
    Ok(())
}
