//! Who may ask what ("Actions, resources, and condition keys for Amazon EventBridge", service
//! authorization reference).

use std::borrow::Cow;
use std::sync::Arc;

use platform::{
    Authorized, ConditionKeys, Ctx, Error, Everything, Resource, ResourcePolicy, Result,
};
use policy::{Policy, ResourceRule, Values};
use wire::{Common, Fault};

use crate::bus::BusRecord;
use crate::names::BusPlace;

/// Tags that a request gives, and keys of tags that it takes away.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tagging<'a> {
    pub(crate) tags: &'a [(String, String)],
    pub(crate) keys: &'a [String],
}

impl<'a> Tagging<'a> {
    /// Tags that are given.
    pub(crate) fn giving(tags: &'a [(String, String)]) -> Self {
        Self { tags, keys: &[] }
    }
}

/// Decides about an action that AWS knows no resource of.
pub(crate) async fn everything(ctx: &Ctx, action: &'static str) -> Result<()> {
    let account = ctx.account().to_owned();
    ctx.authorize(action, Everything { account })
        .decide()
        .await?;
    Ok(())
}

/// Decides about a bus, whether or not it exists.
pub(crate) async fn bus(
    ctx: &Ctx,
    action: &'static str,
    place: &BusPlace,
    tagging: Tagging<'_>,
    keys: &dyn ConditionKeys,
) -> Result<Authorized<BusResource>> {
    let mut resource = BusResource::find(ctx, place).await?;
    // What is put on a bus is an event of data, which names the bus ("EventBridge data event examples").
    resource.kind = (action == "events:PutEvents").then_some("AWS::Events::EventBus");
    let access = ctx.authorize(action, resource).keys(keys);
    let access = access.request_tags(tagging.tags).tag_keys(tagging.keys);
    access.decide().await
}

/// Decides about a thing without a policy: a rule or an archive, whether or not it exists.
pub(crate) async fn thing(
    ctx: &Ctx,
    action: &'static str,
    thing: Thing,
    tagging: Tagging<'_>,
) -> Result<()> {
    let creator = Creator(thing.creator.clone());
    let access = ctx.authorize(action, thing).keys(&creator);
    let access = access.request_tags(tagging.tags).tag_keys(tagging.keys);
    access.decide().await?;
    Ok(())
}

/// Decides about a thing whose ARN ends in an id that only who may see it knows. `arn` is without it;
/// the id is none for what is not there, and a refusal says the same of both.
pub(crate) async fn identified(
    ctx: &Ctx,
    action: &'static str,
    arn: &str,
    id: Option<&str>,
) -> Result<()> {
    let whole = format!("{arn}/{}", id.unwrap_or(NO_ID));
    let known = Thing {
        arn: whole.clone(),
        account: ctx.account().to_owned(),
        tags: Vec::new(),
        creator: None,
    };
    match thing(ctx, action, known, Tagging::default()).await {
        Err(Error::Fault(fault)) => {
            let message = fault.message().unwrap_or_default().replace(&whole, arn);
            Err(Fault::common(Common::AccessDenied, message).into())
        }
        decided => decided,
    }
}

/// What stands for the id of what is not there: policies name ids by wildcards.
const NO_ID: &str = "00000000-0000-0000-0000-000000000000";

/// A rule or an archive, for decisions.
pub(crate) struct Thing {
    pub(crate) arn: String,
    pub(crate) account: String,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) creator: Option<String>,
}

impl Resource for Thing {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }

    // EventBridge is not among the services that RCPs are for.
    fn is_under_resource_control(&self) -> bool {
        false
    }

    fn tag(&self, key: &str) -> Option<&str> {
        tag(&self.tags, key)
    }
}

/// A bus, for decisions.
pub(crate) struct BusResource {
    arn: String,
    account: String,
    record: Option<Arc<BusRecord>>,
    /// What its type is on record, where that names it.
    kind: Option<&'static str>,
}

impl BusResource {
    pub(crate) async fn find(ctx: &Ctx, place: &BusPlace) -> Result<Self> {
        let record = BusRecord::get(ctx, place).await?;
        if let Some(record) = &record {
            record.policy()?;
        }
        Ok(Self {
            arn: place.arn(),
            account: place.account.clone(),
            record,
            kind: None,
        })
    }

    fn parsed(&self) -> Option<&Policy> {
        self.record.as_ref()?.policy().ok().flatten()
    }
}

impl Resource for BusResource {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn audit_type(&self) -> Option<&'static str> {
        self.kind
    }

    fn policy(&self) -> Option<ResourcePolicy<'_>> {
        self.parsed().map(|policy| ResourcePolicy {
            name: "event bus policy",
            policy,
            rule: ResourceRule::Standard,
        })
    }

    fn is_under_resource_control(&self) -> bool {
        false
    }

    fn tag(&self, key: &str) -> Option<&str> {
        tag(&self.record.as_ref()?.tags, key)
    }
}

/// Tag keys do not distinguish case in policies.
fn tag<'a>(tags: &'a [(String, String)], key: &str) -> Option<&'a str> {
    let wanted = key.to_lowercase();
    let mut tags = tags.iter();
    let found = tags.find(|(known, _)| known.to_lowercase() == wanted);
    found.map(|(_, value)| value.as_str())
}

/// `events:creatorAccount`
struct Creator(Option<String>);

impl ConditionKeys for Creator {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let creator = self.0.as_deref()?;
        (key == "events:creatoraccount").then(|| creator.into())
    }
}
