//! Trails: what the store keeps of them, and how they are found.

use std::borrow::Cow;
use std::sync::Arc;

use api::cloudtrail::Trail;
use platform::{Authorized, Ctx, Resource, Result};
use serde::{Deserialize, Serialize};
use store::{DecodeError, Key, Record};

use crate::digest::DigestState;
use crate::insights::Insight;
use crate::names::{self, Named};
use crate::selectors::Selectors;
use crate::{organization, refusals, trail_formats};

/// Of so many changes it is known which events they do not concern: whoever reads the journal is not
/// further behind.
const MOST_EARLIER: usize = 8;

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
    /// One for each account and Region that files came from.
    pub(crate) digests: Vec<DigestState>,
    pub(crate) selectors: Selectors,
    pub(crate) insights: Vec<Insight>,
    /// By key.
    pub(crate) tags: Vec<(String, String)>,
    /// The ARN of the KMS key that files are encrypted under.
    pub(crate) kms_key: Option<String>,
    pub(crate) log_group: Option<LogGroup>,
    /// The topic that hears of log files, by its name or its ARN, as a request gave it.
    pub(crate) topic: Option<String>,
    /// The organization whose accounts' events are delivered, if not those of the account alone.
    pub(crate) organization: Option<String>,
    /// Whether calls that its own deliveries make are delivered too.
    pub(crate) is_recursive: bool,
    /// When events were last put into the log group.
    pub(crate) logged_millis: Option<i64>,
    /// Why the last attempt to put them there failed.
    pub(crate) log_error: Option<String>,
    /// When the topic last heard of files.
    pub(crate) notified_millis: Option<i64>,
    /// Why it last did not.
    pub(crate) notify_error: Option<String>,
    /// The first event that it logs since it was last started.
    pub(crate) logging_from: u64,
    /// What it chose before, the oldest first, each for events before one of this number.
    pub(crate) earlier: Vec<(u64, Selectors)>,
}

/// Where events go beside the bucket, and the role that may put them there.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LogGroup {
    pub(crate) arn: String,
    pub(crate) role: String,
}

impl Record for TrailRecord {
    const TABLE: &'static str = "cloudtrail.trails";
    const SERVICE: &'static str = "cloudtrail";
    const FORMAT: u8 = 4;

    fn decode_older(format: u8, bytes: &[u8]) -> std::result::Result<Self, DecodeError> {
        trail_formats::decode(format, bytes)
    }
}

impl TrailRecord {
    /// Where a trail stands. Trails of all Regions are listed together.
    pub(crate) fn place(account: &str, region: &str, name: &str) -> Key {
        Key::new(account, "", [region, name])
    }

    pub(crate) fn arn(&self) -> String {
        arn(&self.account, &self.region, &self.name)
    }

    /// The ARN of the topic; a name is that of one beside the trail.
    pub(crate) fn topic_arn(&self) -> Option<String> {
        let named = self.topic.as_deref()?;
        let Self {
            account, region, ..
        } = self;
        let partition = platform::partition(region);
        Some(match named.contains(':') {
            true => named.to_owned(),
            false => format!("arn:{partition}:sns:{region}:{account}:{named}"),
        })
    }

    pub(crate) fn is_logging(&self) -> bool {
        matches!(self.ranges.last(), Some((_, None)))
    }

    /// What it chose when the event of this number was recorded.
    pub(crate) fn selectors_at(&self, event: u64) -> &Selectors {
        let mut earlier = self.earlier.iter();
        let held = earlier.find(|(until, _)| event < *until);
        held.map_or(&self.selectors, |(_, selectors)| selectors)
    }

    /// Chooses other events, from the one of this number on.
    pub(crate) fn choose(&mut self, selectors: Selectors, from: u64) {
        let before = std::mem::replace(&mut self.selectors, selectors);
        self.earlier.push((from, before));
        if self.earlier.len() > MOST_EARLIER {
            self.earlier.remove(0);
        }
    }

    /// What the keys of an account's files begin with.
    pub(crate) fn key_prefix(&self, account: &str) -> String {
        let organization = self.organization.iter().map(String::as_str);
        let parts = self.prefix.iter().map(String::as_str).chain(["AWSLogs"]);
        let parts: Vec<_> = parts.chain(organization).chain([account]).collect();
        parts.join("/")
    }

    /// Whether there is anything to deliver: events, or the digest of what was delivered.
    pub(crate) fn has_work(&self) -> bool {
        let mut digests = self.digests.iter();
        !self.ranges.is_empty() || digests.any(|state| !state.files.is_empty())
    }

    /// All trails of an account, by Region and name.
    pub(crate) async fn all(ctx: &Ctx, account: &str) -> Result<Vec<Arc<Self>>> {
        let all = Key::new(account, "", [] as [&str; 0]);
        let rows = ctx.scan_all::<Self>(&all).await?;
        let mut trails: Vec<_> = rows.into_iter().map(|(_, trail)| trail).collect();
        trails.sort_by(|one, other| (&one.region, &one.name).cmp(&(&other.region, &other.name)));
        Ok(trails)
    }

    /// Stages the record, and that there is something to deliver or not.
    pub(crate) async fn put(self, ctx: &Ctx) {
        let pending = PendingTrail::place(&self.account, &self.region, &self.name);
        if !self.has_work() {
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
            has_custom_event_selectors: Some(self.selectors != Selectors::default()),
            has_insight_selectors: Some(!self.insights.is_empty()),
            is_organization_trail: Some(self.organization.is_some()),
            recursive_logging: Some(self.is_recursive),
            kms_key_id: self.kms_key.clone(),
            cloud_watch_logs_log_group_arn: self.log_group.as_ref().map(|it| it.arn.clone()),
            cloud_watch_logs_role_arn: self.log_group.as_ref().map(|it| it.role.clone()),
            sns_topic_name: self.topic.clone(),
            sns_topic_arn: self.topic_arn(),
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
    /// Whose it is for the caller: an organization's trail is in each of its accounts.
    pub(crate) owner: String,
    pub(crate) known: Option<Arc<TrailRecord>>,
}

impl TrailResource {
    /// A trail of the caller that is not there yet.
    pub(crate) fn new(ctx: &Ctx, account: &str, name: &str) -> Self {
        Self {
            named: Named {
                account: account.to_owned(),
                region: ctx.region.clone(),
                name: name.to_owned(),
            },
            owner: ctx.account().to_owned(),
            known: None,
        }
    }
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
        &self.owner
    }

    // CloudTrail is not among the services that RCPs are for.
    fn is_under_resource_control(&self) -> bool {
        false
    }

    fn audit_type(&self) -> Option<&'static str> {
        Some("AWS::CloudTrail::Trail")
    }

    fn tag(&self, key: &str) -> Option<&str> {
        let mut tags = self.known.iter().flat_map(|known| &known.tags);
        let found = tags.find(|(known, _)| known.eq_ignore_ascii_case(key));
        found.map(|(_, value)| value.as_str())
    }
}

/// The trail of this name or ARN, as policies see it: the caller's own, or that of its organization.
pub(crate) async fn resource(ctx: &Ctx, text: &str) -> Result<TrailResource> {
    let named = names::trail(ctx, text)?;
    let place = TrailRecord::place(&named.account, &named.region, &named.name);
    let mut resource = TrailResource {
        owner: named.account.clone(),
        named,
        known: None,
    };
    if resource.owner == ctx.account() {
        resource.known = ctx.get::<TrailRecord>(&place).await?;
        return Ok(resource);
    }
    let membership = ctx.membership(ctx.account()).await?;
    let membership = membership.filter(|it| it.management_account == resource.owner);
    if let Some(membership) = membership {
        let found = ctx.get::<TrailRecord>(&place).await?;
        let is_ours = |it: &Arc<TrailRecord>| {
            it.organization.as_deref() == Some(membership.organization_id.as_str())
        };
        resource.known = found.filter(is_ours);
        ctx.account().clone_into(&mut resource.owner);
    }
    Ok(resource)
}

/// Decides about an action of trails where the request names none.
pub(crate) async fn authorize_any(ctx: &Ctx, action: &'static str) -> Result<()> {
    let resource = TrailResource::new(ctx, ctx.account(), "*");
    ctx.authorize(action, resource).decide().await?;
    Ok(())
}

/// The trail of this name or ARN, once the caller may `action`.
pub(crate) async fn find(ctx: &Ctx, action: &'static str, text: &str) -> Result<Arc<TrailRecord>> {
    let resource = resource(ctx, text).await?;
    let allowed = ctx.authorize(action, resource).decide().await?;
    seen(ctx, allowed, text)
}

/// The trail, if it logs in the call's Region.
fn seen(ctx: &Ctx, allowed: Authorized<TrailResource>, text: &str) -> Result<Arc<TrailRecord>> {
    let is_seen = |trail: &Arc<TrailRecord>| trail.region == ctx.region || trail.is_multi_region;
    let found = allowed.into_inner().known.filter(is_seen);
    Ok(found.ok_or_else(|| refusals::no_trail(text, ctx.account()))?)
}

/// The same, for what can be done in the trail's home Region alone; with the trail of an
/// organization by its management account and delegated administrators.
pub(crate) async fn at_home(ctx: &Ctx, action: &'static str, text: &str) -> Result<TrailRecord> {
    let found = find(ctx, action, text).await?;
    if found.account != ctx.account() {
        organization::check_administrator(ctx).await?;
    }
    if found.region != ctx.region {
        return Err(refusals::not_at_home(&found.region).into());
    }
    Ok((*found).clone())
}
