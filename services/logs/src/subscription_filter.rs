//! Subscription filters, as the store keeps them.

use std::sync::Arc;

use api::logs::{Distribution, SubscriptionFilter};
use platform::{Ctx, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use crate::access::Group;
use crate::group::GroupRecord;

/// What the store keeps of a subscription filter.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SubscriptionFilterRecord {
    pub(crate) name: String,
    pub(crate) group: String,
    pub(crate) pattern: String,
    pub(crate) destination_arn: String,
    pub(crate) role_arn: Option<String>,
    /// As AWS writes it.
    pub(crate) distribution: String,
    pub(crate) created_millis: i64,
}

impl Record for SubscriptionFilterRecord {
    const TABLE: &'static str = "logs.subscription-filters";
    const SERVICE: &'static str = "logs";
}

impl SubscriptionFilterRecord {
    fn place(group: &GroupRecord, name: &str) -> Key {
        Key::new(&*group.account, &*group.region, [&*group.id, name])
    }

    /// The filter of this name.
    pub(crate) async fn find(
        ctx: &Ctx,
        group: &GroupRecord,
        name: &str,
    ) -> Result<Option<Arc<Self>>> {
        ctx.get(&Self::place(group, name)).await
    }

    /// The filters of a group.
    pub(crate) async fn of_group(ctx: &Ctx, group: &GroupRecord) -> Result<Vec<Arc<Self>>> {
        let all = Key::new(&*group.account, &*group.region, [&*group.id]);
        let rows = ctx.scan_all::<Self>(&all).await?;
        Ok(rows.into_iter().map(|(_, filter)| filter).collect())
    }

    /// Stages the record.
    pub(crate) async fn put(self, ctx: &Ctx, group: &Group) {
        ctx.put(Self::place(group, &self.name), self).await;
    }

    /// Stages its deletion.
    pub(crate) async fn delete(ctx: &Ctx, group: &Group, name: &str) {
        ctx.delete::<Self>(&Self::place(group, name)).await;
    }

    /// Stages the deletion of all filters of a group.
    pub(crate) async fn delete_all(ctx: &Ctx, group: &Group) -> Result<()> {
        for filter in Self::of_group(ctx, group).await? {
            Self::delete(ctx, group, &filter.name).await;
        }
        Ok(())
    }

    /// The filter as answers show it.
    pub(crate) fn shown(&self) -> SubscriptionFilter {
        SubscriptionFilter {
            filter_name: Some(self.name.clone()),
            log_group_name: Some(self.group.clone()),
            filter_pattern: Some(self.pattern.clone()),
            destination_arn: Some(self.destination_arn.clone()),
            role_arn: self.role_arn.clone(),
            distribution: Distribution::parse(&self.distribution),
            apply_on_transformed_logs: Some(false),
            creation_time: Some(self.created_millis),
            ..SubscriptionFilter::default()
        }
    }
}
