//! Who may ask what ("Actions, resources, and condition keys for Amazon SNS", service authorization
//! reference).

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use platform::{ConditionKeys, Ctx, Everything, NoKeys, Resource, ResourcePolicy, Result};
use policy::ResourceRule;

use crate::names::{SubscriptionPlace, TopicPlace};
use crate::refusals;
use crate::topic::TopicRecord;

/// A topic that the caller may do to what it asked for.
pub(crate) struct Topic {
    pub(crate) place: TopicPlace,
    record: Arc<TopicRecord>,
}

impl Deref for Topic {
    type Target = TopicRecord;

    fn deref(&self) -> &TopicRecord {
        &self.record
    }
}

impl Topic {
    /// The topic of a subscription, for what its endpoint is told: no caller gets it.
    pub(crate) async fn of_subscription(
        ctx: &Ctx,
        subscription: &SubscriptionPlace,
    ) -> Result<Option<Self>> {
        Self::at(ctx, subscription.topic.clone()).await
    }

    /// The topic there, for what it has taken already: no caller gets it.
    pub(crate) async fn at(ctx: &Ctx, place: TopicPlace) -> Result<Option<Self>> {
        let found = TopicRecord::get(ctx, &place).await?;
        Ok(found.map(|record| Self { place, record }))
    }

    /// The record, to be changed.
    pub(crate) fn draft(&self) -> TopicRecord {
        TopicRecord::clone(&self.record)
    }
}

/// Tags that a request gives, and keys of tags that it takes away.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tagging<'a> {
    pub(crate) tags: &'a [(String, String)],
    pub(crate) keys: &'a [String],
}

/// Decides about an action that AWS knows no resource of.
pub(crate) async fn everything(ctx: &Ctx, action: &'static str) -> Result<()> {
    let account = ctx.account().to_owned();
    let access = ctx.authorize(action, Everything { account });
    access.decide().await.map_err(refusals::denied)?;
    Ok(())
}

/// The topic of this ARN, if the caller may do this to it.
pub(crate) async fn topic(ctx: &Ctx, action: &'static str, arn: &str) -> Result<Topic> {
    topic_with(ctx, action, arn, &NoKeys).await
}

/// The same, with condition keys.
pub(crate) async fn topic_with(
    ctx: &Ctx,
    action: &'static str,
    arn: &str,
    keys: &dyn ConditionKeys,
) -> Result<Topic> {
    let place = match TopicPlace::asked(ctx, arn) {
        Ok(place) => place,
        Err(bad) => {
            everything(ctx, action).await?;
            return Err(bad.into());
        }
    };
    let found = place_of(ctx, action, &place, Tagging::default(), keys).await?;
    let record = found.ok_or_else(refusals::no_topic)?;
    Ok(Topic { place, record })
}

/// The topic of this ARN, with tags that a request gives or takes away. Its errors speak of a
/// resource.
pub(crate) async fn tagged(
    ctx: &Ctx,
    action: &'static str,
    arn: &str,
    tagging: Tagging<'_>,
) -> Result<Topic> {
    let Ok(place) = TopicPlace::asked(ctx, arn) else {
        everything(ctx, action).await?;
        return Err(refusals::bad("ResourceArn").into());
    };
    let found = place_of(ctx, action, &place, tagging, &NoKeys).await?;
    let record = found.ok_or_else(refusals::no_resource)?;
    Ok(Topic { place, record })
}

/// Decides about what somebody does who subscribed to a topic, whoever owns that: by the caller's
/// own policies alone.
pub(crate) async fn as_subscriber(ctx: &Ctx, action: &'static str, arn: &str) -> Result<()> {
    let resource = TopicResource {
        arn: arn.to_owned(),
        account: ctx.account().to_owned(),
        record: None,
    };
    let access = ctx.authorize(action, resource);
    access.decide().await.map_err(refusals::denied)?;
    Ok(())
}

/// Decides about a topic, whether or not it exists.
pub(crate) async fn place_of(
    ctx: &Ctx,
    action: &'static str,
    place: &TopicPlace,
    tagging: Tagging<'_>,
    keys: &dyn ConditionKeys,
) -> Result<Option<Arc<TopicRecord>>> {
    let record = TopicRecord::get(ctx, place).await?;
    if let Some(record) = &record {
        record.policy()?;
    }
    let resource = TopicResource {
        arn: place.arn(),
        account: place.account.clone(),
        record,
    };
    let access = ctx.authorize(action, resource).keys(keys);
    let access = access.request_tags(tagging.tags).tag_keys(tagging.keys);
    let allowed = access.decide().await.map_err(refusals::denied)?;
    Ok(allowed.into_inner().record)
}

/// A topic, for decisions.
struct TopicResource {
    arn: String,
    account: String,
    record: Option<Arc<TopicRecord>>,
}

impl Resource for TopicResource {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn audit_type(&self) -> Option<&'static str> {
        Some("AWS::SNS::Topic")
    }

    fn policy(&self) -> Option<ResourcePolicy<'_>> {
        let policy = self.record.as_ref()?.policy().ok().flatten()?;
        Some(ResourcePolicy {
            name: "topic policy",
            policy,
            rule: ResourceRule::Standard,
        })
    }

    // Amazon SNS is not among the services that RCPs are for.
    fn is_under_resource_control(&self) -> bool {
        false
    }

    fn tag(&self, key: &str) -> Option<&str> {
        let wanted = key.to_lowercase();
        let mut tags = self.record.as_ref()?.tags.iter();
        let found = tags.find(|(known, _)| known.to_lowercase() == wanted);
        found.map(|(_, value)| value.as_str())
    }
}
