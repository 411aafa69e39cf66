//! Who may do what with groups and streams: the one way to what is in them.
//!
//! ("Actions, resources, and condition keys for Amazon CloudWatch Logs", service authorization
//! reference; "Overview of managing access permissions to your CloudWatch Logs resources", user
//! guide.)

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use platform::{Ctx, Everything, Resource, ResourcePolicy, Result};
use policy::{Policy, ResourceRule};

use crate::group::{self, GroupRecord};
use crate::{refusals, resource_policy};

/// A log group that the caller may do to what it asked for.
pub(crate) struct Group(Arc<GroupRecord>);

impl Deref for Group {
    type Target = GroupRecord;

    fn deref(&self) -> &GroupRecord {
        &self.0
    }
}

impl Group {
    /// A group for what the service does with it of its own accord, asking nobody.
    pub(crate) fn of_service(record: Arc<GroupRecord>) -> Self {
        Self(record)
    }

    /// The record, to be changed.
    pub(crate) fn record(&self) -> GroupRecord {
        GroupRecord::clone(&self.0)
    }
}

/// Which group a request is about.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) account: String,
    pub(crate) name: String,
}

impl Target {
    /// The group of this name, of the caller's account; for a service, of the account for whose
    /// resource it acts.
    pub(crate) fn named(ctx: &Ctx, name: &str) -> Self {
        let source = ctx.source_arn().and_then(|arn| arn.split(':').nth(4));
        Self {
            account: source.unwrap_or(ctx.account()).to_owned(),
            name: name.to_owned(),
        }
    }

    /// The group of this ARN, with or without `:*`, in the call's Region.
    pub(crate) fn of_arn(ctx: &Ctx, arn: &str) -> Option<Self> {
        let bare = arn.strip_suffix(":*").unwrap_or(arn);
        let parts: Vec<_> = bare.splitn(7, ':').collect();
        let [_, _, "logs", _, account, "log-group", name] = parts.as_slice() else {
            return None;
        };
        let is_whole = group::arn(&ctx.region, account, name) == bare;
        (is_whole && !name.is_empty() && !name.contains(':')).then(|| Self {
            account: (*account).to_owned(),
            name: (*name).to_owned(),
        })
    }

    /// The group that a request names in one of two ways (GetLogEvents, `logGroupIdentifier`).
    pub(crate) fn given(ctx: &Ctx, name: Option<&str>, identifier: Option<&str>) -> Result<Self> {
        match (name, identifier) {
            (Some(name), None) => Ok(Self::named(ctx, name)),
            (None, Some(arn)) if arn.starts_with("arn:") => {
                let found = Self::of_arn(ctx, arn);
                Ok(found.ok_or_else(|| refusals::invalid("Invalid ARN format"))?)
            }
            (None, Some(name)) => Ok(Self::named(ctx, name)),
            (Some(_), Some(_)) => Err(refusals::name_and_arn().into()),
            (None, None) => Err(refusals::invalid(
                "Exactly one of logGroupName and logGroupIdentifier must be specified.",
            )
            .into()),
        }
    }

    fn arn(&self, ctx: &Ctx) -> String {
        group::arn(&ctx.region, &self.account, &self.name)
    }

    /// The ARN of the group, which has to exist: for callers that may do something to all groups of
    /// the account.
    pub(crate) async fn existing_arn(&self, ctx: &Ctx) -> Result<String> {
        let found = self.find(ctx).await?;
        Ok(found.ok_or_else(refusals::no_group)?.arn.clone())
    }

    /// The group, if there is one, without having asked anybody.
    async fn find(&self, ctx: &Ctx) -> Result<Option<Arc<GroupRecord>>> {
        ctx.get(&GroupRecord::place(&self.account, &ctx.region, &self.name))
            .await
    }
}

/// Decides about an action on no group in particular. AWS asks about all of the account's.
pub(crate) async fn groups(ctx: &Ctx, action: &'static str) -> Result<()> {
    let everything = Target::named(ctx, "");
    let arn = format!("{}:log-stream:", everything.arn(ctx));
    let resource = LogsResource::new(arn, everything.account, None);
    ctx.authorize(action, resource).decide().await?;
    Ok(())
}

/// Decides about an action that AWS knows no resource of.
pub(crate) async fn everything(ctx: &Ctx, action: &'static str) -> Result<()> {
    let account = ctx.account().to_owned();
    let access = ctx.authorize(action, Everything { account });
    access.decide().await?;
    Ok(())
}

/// Decides about a group that is to be made, and about its tags.
pub(crate) async fn new_group(
    ctx: &Ctx,
    target: &Target,
    tags: &[(String, String)],
) -> Result<Option<Group>> {
    let resource = || {
        let arn = format!("{}:log-stream:", target.arn(ctx));
        LogsResource::new(arn, target.account.clone(), None)
    };
    let mut new = resource();
    new.policy = for_services(ctx, target).await?;
    let access = ctx.authorize("logs:CreateLogGroup", new);
    access.request_tags(tags).decide().await?;
    if !tags.is_empty() {
        // Either of the two is enough (CreateLogGroup, `tags`).
        let old = ctx.authorize("logs:TagLogGroup", resource());
        if !old.request_tags(tags).would_allow().await? {
            let arn = target.arn(ctx);
            let plain = LogsResource::new(arn, target.account.clone(), None);
            let access = ctx.authorize("logs:TagResource", plain);
            access.request_tags(tags).decide().await?;
        }
    }
    Ok(target.find(ctx).await?.map(Group))
}

/// The group that the request names, if the caller may do this to it.
pub(crate) async fn group(ctx: &Ctx, action: &'static str, target: &Target) -> Result<Group> {
    let found = target.find(ctx).await?;
    let arn = format!("{}:log-stream:", target.arn(ctx));
    let mut resource = LogsResource::new(arn, target.account.clone(), found.clone());
    resource.policy = for_services(ctx, target).await?;
    ctx.authorize(action, resource).decide().await?;
    Ok(Group(found.ok_or_else(refusals::no_group)?))
}

/// The resource policies that decide where a service acts for itself.
async fn for_services(ctx: &Ctx, target: &Target) -> Result<Option<Policy>> {
    match ctx.caller.service_name() {
        Some(_) => resource_policy::in_force(ctx, target).await,
        None => Ok(None),
    }
}

/// Decides about a group, whether there is one or not: for what is kept of a group that may be gone.
pub(crate) async fn may(ctx: &Ctx, action: &'static str, target: &Target) -> Result<()> {
    let found = target.find(ctx).await?;
    let arn = format!("{}:log-stream:", target.arn(ctx));
    let resource = LogsResource::new(arn, target.account.clone(), found);
    ctx.authorize(action, resource).decide().await?;
    Ok(())
}

/// What the request says of tags.
#[derive(Clone, Copy)]
pub(crate) enum Tagging<'a> {
    /// It asks for them.
    Shows,
    /// It gives these.
    Gives(&'a [(String, String)]),
    /// It takes away those of these keys.
    Takes(&'a [String]),
}

/// The group whose tags the request is about. With `is_resource` the decision is about the plain
/// ARN, as for TagResource and its like; otherwise about the one of all other actions.
pub(crate) async fn tags_of(
    ctx: &Ctx,
    action: &'static str,
    (target, is_resource): (&Target, bool),
    tagging: Tagging<'_>,
) -> Result<Group> {
    let found = target.find(ctx).await?;
    let arn = match is_resource {
        true => target.arn(ctx),
        false => format!("{}:log-stream:", target.arn(ctx)),
    };
    let resource = LogsResource::new(arn, target.account.clone(), found.clone());
    let access = ctx.authorize(action, resource);
    let access = match tagging {
        Tagging::Shows => access,
        Tagging::Gives(tags) => access.request_tags(tags),
        Tagging::Takes(keys) => access.tag_keys(keys),
    };
    access.decide().await?;
    let absent = || match is_resource {
        true => refusals::no_resource(),
        false => refusals::no_group(),
    };
    Ok(Group(found.ok_or_else(absent)?))
}

/// The group of the stream that the request names, if the caller may do this to the stream.
pub(crate) async fn stream(
    ctx: &Ctx,
    action: &'static str,
    target: &Target,
    stream: &str,
) -> Result<Group> {
    let found = target.find(ctx).await?;
    let arn = format!("{}:log-stream:{stream}", target.arn(ctx));
    let mut resource = LogsResource::new(arn, target.account.clone(), found.clone());
    resource.policy = for_services(ctx, target).await?;
    ctx.authorize(action, resource).decide().await?;
    Ok(Group(found.ok_or_else(refusals::no_group)?))
}

/// A group or a stream, as policies see it.
struct LogsResource {
    arn: String,
    account: String,
    group: Option<Arc<GroupRecord>>,
    policy: Option<Policy>,
}

impl LogsResource {
    fn new(arn: String, account: String, group: Option<Arc<GroupRecord>>) -> Self {
        Self {
            arn,
            account,
            group,
            policy: None,
        }
    }
}

impl Resource for LogsResource {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn policy(&self) -> Option<ResourcePolicy<'_>> {
        self.policy.as_ref().map(|policy| ResourcePolicy {
            name: "the resource policy",
            policy,
            rule: ResourceRule::Standard,
        })
    }

    fn tag(&self, key: &str) -> Option<&str> {
        let wanted = key.to_lowercase();
        let mut tags = self.group.iter().flat_map(|group| &group.tags);
        let found = tags.find(|(known, _)| known.to_lowercase() == wanted);
        found.map(|(_, value)| value.as_str())
    }
}
