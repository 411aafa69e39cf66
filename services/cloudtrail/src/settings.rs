//! What CreateTrail and UpdateTrail set alike.

use platform::{Ctx, Result};

use crate::trail::TrailRecord;
use crate::{encryption, log_group, names, notification, refusals};

/// Settings that a request may leave out. Texts may be empty, which takes a setting away.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) bucket: Option<String>,
    pub(crate) prefix: Option<String>,
    pub(crate) topic: Option<String>,
    pub(crate) has_global_events: Option<bool>,
    pub(crate) is_multi_region: Option<bool>,
    pub(crate) is_validated: Option<bool>,
    pub(crate) log_group: Option<String>,
    pub(crate) log_role: Option<String>,
    pub(crate) kms_key: Option<String>,
    pub(crate) is_recursive: Option<bool>,
}

impl Settings {
    /// Sets what there is, once it is well formed and what it names can be used.
    pub(crate) async fn apply(self, ctx: &Ctx, trail: &mut TrailRecord) -> Result<()> {
        self.check(ctx)?;
        trail.has_global_events = self.has_global_events.unwrap_or(trail.has_global_events);
        trail.is_multi_region = self.is_multi_region.unwrap_or(trail.is_multi_region);
        trail.is_recursive = self.is_recursive.unwrap_or(trail.is_recursive);
        if trail.is_multi_region && !trail.has_global_events {
            return Err(refusals::multi_region_without_global().into());
        }
        if trail.organization.is_some() && !trail.has_global_events && trail.is_multi_region {
            return Err(refusals::multi_region_without_global().into());
        }
        if let Some(bucket) = self.bucket {
            if !ctx.buckets().exists(&bucket) {
                return Err(refusals::no_bucket(&bucket).into());
            }
            trail.bucket = bucket;
        }
        if let Some(prefix) = self.prefix {
            trail.prefix = Some(prefix).filter(|prefix| !prefix.is_empty());
        }
        if let Some(is_validated) = self.is_validated {
            if !is_validated {
                // The chain ends: what is delivered from now on is in no digest.
                trail.digests.clear();
            }
            trail.is_validated = is_validated;
        }
        if self.log_group.is_some() || self.log_role.is_some() {
            let known = trail.log_group.as_ref();
            let known = known.map(|it| (it.arn.clone(), it.role.clone()));
            let (arn, role) = known.unwrap_or_default();
            let asked = (self.log_group.unwrap_or(arn), self.log_role.unwrap_or(role));
            trail.log_group = log_group::usable(ctx, trail, asked).await?;
            trail.log_error = None;
        }
        match self.kms_key.as_deref() {
            None => {}
            Some("") => trail.kms_key = None,
            Some(key) => trail.kms_key = Some(encryption::usable_key(ctx, trail, key).await?),
        }
        if let Some(topic) = self.topic.filter(|it| trail.topic.as_ref() != Some(it)) {
            trail.topic = Some(topic).filter(|topic| !topic.is_empty());
            trail.notify_error = None;
        }
        // One that stays has to let CloudTrail in as well.
        notification::validate(ctx, trail).await
    }

    /// Refuses what is not well formed, and what this program does not do.
    fn check(&self, ctx: &Ctx) -> Result<()> {
        if let Some(bucket) = &self.bucket {
            names::check_bucket(bucket)?;
        }
        if let Some(prefix) = self.prefix.as_deref().filter(|it| !it.is_empty()) {
            names::check_prefix(prefix)?;
        }
        if let Some(topic) = self.topic.as_deref().filter(|it| !it.is_empty()) {
            notification::check(ctx, topic)?;
        }
        Ok(())
    }
}
