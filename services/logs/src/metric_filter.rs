//! Metric filters, as the store keeps them.

use std::sync::Arc;

use api::logs::{MetricFilter, MetricTransformation, StandardUnit};
use platform::{Ctx, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Entries;

use crate::access::Group;
use crate::group::GroupRecord;

/// What the store keeps of a metric filter.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MetricFilterRecord {
    pub(crate) name: String,
    pub(crate) group: String,
    pub(crate) pattern: String,
    pub(crate) created_millis: i64,
    pub(crate) metric_name: String,
    pub(crate) metric_namespace: String,
    pub(crate) metric_value: String,
    pub(crate) default_value: Option<f64>,
    /// Names of dimensions with what a match takes for them.
    pub(crate) dimensions: Vec<(String, String)>,
    /// As AWS writes it.
    pub(crate) unit: Option<String>,
}

impl Record for MetricFilterRecord {
    const TABLE: &'static str = "logs.metric-filters";
    const SERVICE: &'static str = "logs";
}

impl MetricFilterRecord {
    fn place(group: &GroupRecord, name: &str) -> Key {
        Key::new(&*group.account, &*group.region, [&*group.id, name])
    }

    /// The filter of this name.
    pub(crate) async fn find(ctx: &Ctx, group: &Group, name: &str) -> Result<Option<Arc<Self>>> {
        ctx.get(&Self::place(group, name)).await
    }

    /// Stages the record.
    pub(crate) async fn put(self, ctx: &Ctx, group: &Group) {
        ctx.put(Self::place(group, &self.name), self).await;
    }

    /// Stages its deletion.
    pub(crate) async fn delete(ctx: &Ctx, group: &Group, name: &str) {
        ctx.delete::<Self>(&Self::place(group, name)).await;
    }

    /// The filters of a group.
    pub(crate) async fn of_group(ctx: &Ctx, group: &GroupRecord) -> Result<Vec<Arc<Self>>> {
        let all = Key::new(&*group.account, &*group.region, [&*group.id]);
        let rows = ctx.scan_all::<Self>(&all).await?;
        Ok(rows.into_iter().map(|(_, filter)| filter).collect())
    }

    /// The filters of the caller's account.
    pub(crate) async fn of_account(ctx: &Ctx) -> Result<Vec<Arc<Self>>> {
        let all = Key::new(ctx.account(), &*ctx.region, [] as [&str; 0]);
        let rows = ctx.scan_all::<Self>(&all).await?;
        Ok(rows.into_iter().map(|(_, filter)| filter).collect())
    }

    /// Stages the deletion of all filters of a group.
    pub(crate) async fn delete_all(ctx: &Ctx, group: &Group) -> Result<()> {
        for filter in Self::of_group(ctx, group).await? {
            Self::delete(ctx, group, &filter.name).await;
        }
        Ok(())
    }

    /// The filter as answers show it.
    pub(crate) fn shown(&self) -> MetricFilter {
        let dimensions = Entries(self.dimensions.clone());
        let transformation = MetricTransformation {
            metric_name: self.metric_name.clone(),
            metric_namespace: self.metric_namespace.clone(),
            metric_value: self.metric_value.clone(),
            default_value: self.default_value,
            dimensions: Some(dimensions).filter(|dimensions| !dimensions.is_empty()),
            unit: self.unit.as_deref().and_then(StandardUnit::parse),
        };
        MetricFilter {
            filter_name: Some(self.name.clone()),
            filter_pattern: Some(self.pattern.clone()),
            metric_transformations: Some(vec![transformation]),
            creation_time: Some(self.created_millis),
            log_group_name: Some(self.group.clone()),
            apply_on_transformed_logs: Some(false),
            ..MetricFilter::default()
        }
    }
}
