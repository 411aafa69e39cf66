//! Who may ask what: the one way to a queue and its messages ("Actions, resources, and condition
//! keys for Amazon SQS", service authorization reference).

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use platform::{Ctx, Everything, Resource, ResourcePolicy, Result};
use policy::ResourceRule;

use crate::names::QueuePlace;
use crate::queue::{self, QueueRecord};

/// What other accounts cannot be allowed by the queue's policy ("Overview of managing access",
/// developer guide).
const OWN: &[&str] = &[
    "sqs:AddPermission",
    "sqs:CreateQueue",
    "sqs:DeleteQueue",
    "sqs:ListQueueTags",
    "sqs:RemovePermission",
    "sqs:SetQueueAttributes",
    "sqs:TagQueue",
    "sqs:UntagQueue",
];

/// A queue that the caller may do to what it asked for.
pub(crate) struct Queue {
    pub(crate) place: QueuePlace,
    record: Arc<QueueRecord>,
}

impl Deref for Queue {
    type Target = QueueRecord;

    fn deref(&self) -> &QueueRecord {
        &self.record
    }
}

impl Queue {
    /// The record, to be changed.
    pub(crate) fn draft(&self) -> QueueRecord {
        QueueRecord::clone(&self.record)
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
    ctx.authorize(action, Everything { account })
        .decide()
        .await?;
    Ok(())
}

/// The queue of this URL, if the caller may do this to it.
pub(crate) async fn queue(ctx: &Ctx, action: &'static str, url: &str) -> Result<Queue> {
    tagging(ctx, action, url, Tagging::default()).await
}

/// The same, for a request about tags.
pub(crate) async fn tagging(
    ctx: &Ctx,
    action: &'static str,
    url: &str,
    tagging: Tagging<'_>,
) -> Result<Queue> {
    let place = match QueuePlace::of_url(ctx, url) {
        Ok(place) => place,
        Err(bad) => {
            everything(ctx, action).await?;
            return Err(bad.into());
        }
    };
    let found = place_of(ctx, action, &place, tagging).await?;
    let record = queue::existing(found)?;
    Ok(Queue { place, record })
}

/// Decides about a queue, whether or not it exists.
pub(crate) async fn place_of(
    ctx: &Ctx,
    action: &'static str,
    place: &QueuePlace,
    tagging: Tagging<'_>,
) -> Result<Option<Arc<QueueRecord>>> {
    let record = QueueRecord::get(ctx, place).await?;
    if let Some(record) = &record {
        record.policy()?;
    }
    let resource = QueueResource {
        arn: place.arn(),
        account: place.account.clone(),
        record,
        has_policy: place.account == ctx.account() || !OWN.contains(&action),
    };
    let access = ctx.authorize(action, resource);
    let access = access.request_tags(tagging.tags).tag_keys(tagging.keys);
    Ok(access.decide().await?.into_inner().record)
}

/// A queue, for decisions.
struct QueueResource {
    arn: String,
    account: String,
    record: Option<Arc<QueueRecord>>,
    has_policy: bool,
}

impl Resource for QueueResource {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn audit_type(&self) -> Option<&'static str> {
        Some("AWS::SQS::Queue")
    }

    fn policy(&self) -> Option<ResourcePolicy<'_>> {
        let record = self.record.as_ref().filter(|_| self.has_policy)?;
        let policy = record.policy().ok().flatten()?;
        Some(ResourcePolicy {
            name: "queue policy",
            policy,
            rule: ResourceRule::Standard,
        })
    }

    fn tag(&self, key: &str) -> Option<&str> {
        let wanted = key.to_lowercase();
        let mut tags = self.record.as_ref()?.tags.iter();
        let found = tags.find(|(known, _)| known.to_lowercase() == wanted);
        found.map(|(_, value)| value.as_str())
    }
}
