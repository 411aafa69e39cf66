//! Trails: what the store keeps of them, and how they are found.

use std::borrow::Cow;
use std::sync::Arc;

use api::cloudtrail::Trail;
use platform::{Authorized, Ctx, Resource, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use crate::digest::DigestState;
use crate::names::{self, Named};
use crate::refusals;

/// A trail.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct TrailRecord {
    pub(crate) account: String,
    /// Where it was made.
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) bucket: String,
    pub(crate) prefix: Option<String>,
    pub(crate) is_multi_region: bool,
    pub(crate) has_global_events: bool,
    pub(crate) is_validated: bool,
    pub(crate) start_millis: Option<i64>,
    pub(crate) stop_millis: Option<i64>,
    /// Events to deliver: the first one, and the last one unless it still logs.
    pub(crate) ranges: Vec<(u64, Option<u64>)>,
    pub(crate) delivered_millis: Option<i64>,
    pub(crate) digest_millis: Option<i64>,
    /// Why the last delivery failed.
    pub(crate) error: Option<String>,
    /// One for each Region that files came from.
    pub(crate) digests: Vec<DigestState>,
}

impl Record for TrailRecord {
    const TABLE: &'static str = "cloudtrail.trails";
    const SERVICE: &'static str = "cloudtrail";
}

impl TrailRecord {
    /// Where a trail stands. Trails of all Regions are listed together.
    pub(crate) fn place(account: &str, region: &str, name: &str) -> Key {
        Key::new(account, "", [region, name])
    }

    pub(crate) fn arn(&self) -> String {
        arn(&self.account, &self.region, &self.name)
    }

    pub(crate) fn is_logging(&self) -> bool {
        matches!(self.ranges.last(), Some((_, None)))
    }

    /// All trails of the account, by Region and name.
    pub(crate) async fn all(ctx: &Ctx) -> Result<Vec<Arc<Self>>> {
        let all = Key::new(ctx.account(), "", [] as [&str; 0]);
        let rows = ctx.scan_all::<Self>(&all).await?;
        let mut trails: Vec<_> = rows.into_iter().map(|(_, trail)| trail).collect();
        trails.sort_by(|one, other| (&one.region, &one.name).cmp(&(&other.region, &other.name)));
        Ok(trails)
    }

    /// Stages the record, and that there is something to deliver or not.
    pub(crate) async fn put(self, ctx: &Ctx) {
        let pending = PendingTrail::place(&self.account, &self.region, &self.name);
        if self.ranges.is_empty() {
            ctx.delete::<PendingTrail>(&pending).await;
        } else {
            ctx.put(pending, PendingTrail::of(&self)).await;
        }
        let place = Self::place(&self.account, &self.region, &self.name);
        ctx.put(place, self).await;
    }

    pub(crate) fn shown(&self) -> Trail {
        Trail {
            name: Some(self.name.clone()),
            s3_bucket_name: Some(self.bucket.clone()),
            s3_key_prefix: self.prefix.clone(),
            include_global_service_events: Some(self.has_global_events),
            is_multi_region_trail: Some(self.is_multi_region),
            home_region: Some(self.region.clone()),
            trail_arn: Some(self.arn()),
            log_file_validation_enabled: Some(self.is_validated),
            has_custom_event_selectors: Some(false),
            has_insight_selectors: Some(false),
            is_organization_trail: Some(false),
            recursive_logging: Some(true),
            ..Trail::default()
        }
    }
}

/// A trail that has events to deliver, of whatever account: what the job looks through.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PendingTrail {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
}

impl Record for PendingTrail {
    const TABLE: &'static str = "cloudtrail.pending";
    const SERVICE: &'static str = "cloudtrail";
}

impl PendingTrail {
    pub(crate) fn place(account: &str, region: &str, name: &str) -> Key {
        Key::new("", "", [account, region, name])
    }

    fn of(trail: &TrailRecord) -> Self {
        Self {
            account: trail.account.clone(),
            region: trail.region.clone(),
            name: trail.name.clone(),
        }
    }
}

pub(crate) fn arn(account: &str, region: &str, name: &str) -> String {
    let partition = platform::partition(region);
    format!("arn:{partition}:cloudtrail:{region}:{account}:trail/{name}")
}

/// What policies see of a trail, whether or not it exists.
pub(crate) struct TrailResource {
    pub(crate) named: Named,
}

impl Resource for TrailResource {
    fn arn(&self) -> Cow<'_, str> {
        let Named {
            account,
            region,
            name,
        } = &self.named;
        Cow::Owned(arn(account, region, name))
    }

    fn account(&self) -> &str {
        &self.named.account
    }

    // CloudTrail is not among the services that RCPs are for.
    fn is_under_resource_control(&self) -> bool {
        false
    }

    fn audit_type(&self) -> Option<&'static str> {
        Some("AWS::CloudTrail::Trail")
    }
}

/// Decides about the trail of this name or ARN.
pub(crate) async fn authorize(
    ctx: &Ctx,
    action: &'static str,
    text: &str,
) -> Result<Authorized<TrailResource>> {
    let named = names::trail(ctx, text)?;
    ctx.authorize(action, TrailResource { named })
        .decide()
        .await
}

/// The trail of this name or ARN, once the caller may `action`.
pub(crate) async fn find(ctx: &Ctx, action: &'static str, text: &str) -> Result<Arc<TrailRecord>> {
    let allowed = authorize(ctx, action, text).await?;
    let named = &allowed.named;
    let place = TrailRecord::place(&named.account, &named.region, &named.name);
    let found = match named.account == ctx.account() {
        true => ctx.get::<TrailRecord>(&place).await?,
        false => None,
    };
    let is_seen = |trail: &Arc<TrailRecord>| trail.region == ctx.region || trail.is_multi_region;
    let found = found.filter(is_seen);
    Ok(found.ok_or_else(|| refusals::no_trail(text, ctx.account()))?)
}

/// The same, for what can be done in the trail's home Region alone.
pub(crate) async fn at_home(ctx: &Ctx, action: &'static str, text: &str) -> Result<TrailRecord> {
    let found = find(ctx, action, text).await?;
    if found.region != ctx.region {
        return Err(refusals::not_at_home(&found.region).into());
    }
    Ok((*found).clone())
}
