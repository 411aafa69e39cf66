//! Who may ask what: the one way to a parameter ("Actions, resources, and condition keys for AWS
//! Systems Manager", service authorization reference).

use std::borrow::Cow;
use std::sync::Arc;

use platform::{ConditionKeys, Ctx, Everything, FoundResource, Resource, ResourcePolicy, Result};
use policy::{ResourceRule, Values};

use crate::catalogue;
use crate::names::{PUBLIC, Place, SECRETS};
use crate::parameter::ParameterRecord;

/// What a parameter's resource policy can allow ("Working with shared parameters").
const SHARED: &[&str] = &[
    "ssm:DescribeParameters",
    "ssm:GetParameter",
    "ssm:GetParameterHistory",
    "ssm:GetParameters",
];

/// What can be done to AWS's own parameters.
const READS: &[&str] = &[
    "ssm:GetParameter",
    "ssm:GetParameterHistory",
    "ssm:GetParameters",
];

/// What a request says beside the parameter it names.
#[derive(Clone, Copy, Default)]
pub(crate) struct Asked<'a> {
    pub(crate) tags: &'a [(String, String)],
    pub(crate) tag_keys: &'a [String],
    /// `ssm:Overwrite`
    pub(crate) overwrite: Option<bool>,
    /// `ssm:Policies`
    pub(crate) policies: Option<bool>,
    /// `ssm:Recursive`
    pub(crate) recursive: Option<bool>,
}

impl ConditionKeys for Asked<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let said = match key {
            "ssm:overwrite" => self.overwrite,
            "ssm:policies" => self.policies,
            "ssm:recursive" => self.recursive,
            _ => None,
        }?;
        Some(Values::from(if said { "true" } else { "false" }))
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

/// Decides about a parameter, whether or not it exists.
pub(crate) async fn parameter(
    ctx: &Ctx,
    action: &'static str,
    place: &Place,
    asked: Asked<'_>,
) -> Result<Option<Arc<ParameterRecord>>> {
    let record = match place.name.starts_with(PUBLIC) && READS.contains(&action) {
        true if place.region == ctx.region => {
            catalogue::find(ctx, &place.name).await?.map(Arc::new)
        }
        true => None,
        false if place.name.starts_with(SECRETS) => None,
        false => ParameterRecord::get(ctx, place).await?,
    };
    if let Some(record) = &record {
        record.policy()?;
    }
    let resource = ParameterResource {
        arn: place.arn(),
        account: owner(ctx, place),
        record,
        has_policy: SHARED.contains(&action),
    };
    Ok(decide(ctx, action, resource, asked).await?.record)
}

/// Decides about a path of parameters, as the caller wrote it.
pub(crate) async fn path(ctx: &Ctx, path: &str, asked: Asked<'_>) -> Result<()> {
    let place = Place::own(ctx, path);
    let resource = ParameterResource {
        arn: place.arn(),
        account: owner(ctx, &place),
        record: None,
        has_policy: false,
    };
    decide(ctx, "ssm:GetParametersByPath", resource, asked).await?;
    Ok(())
}

/// Decides about a setting of the account.
pub(crate) async fn setting(ctx: &Ctx, action: &'static str, arn: String) -> Result<()> {
    let resource = Setting {
        arn,
        account: ctx.account().to_owned(),
    };
    ctx.authorize(action, resource).decide().await?;
    Ok(())
}

/// The parameter of this ARN, for explanations of decisions.
pub(crate) fn find<'a>(ctx: &'a Ctx, arn: &'a str) -> FoundResource<'a> {
    Box::pin(async move {
        let Some(place) = Place::of_arn(arn) else {
            return Ok(None);
        };
        let Some(record) = ParameterRecord::get(ctx, &place).await? else {
            return Ok(None);
        };
        record.policy()?;
        let found = ParameterResource {
            arn: place.arn(),
            account: owner(ctx, &place),
            record: Some(record),
            has_policy: true,
        };
        Ok(Some(Box::new(found) as Box<dyn Resource>))
    })
}

async fn decide(
    ctx: &Ctx,
    action: &'static str,
    resource: ParameterResource,
    asked: Asked<'_>,
) -> Result<ParameterResource> {
    let access = ctx.authorize(action, resource).keys(&asked);
    let access = access.request_tags(asked.tags).tag_keys(asked.tag_keys);
    Ok(access.decide().await?.into_inner())
}

/// AWS's own parameters are open to every account, as if they were its own.
fn owner(ctx: &Ctx, place: &Place) -> String {
    match place.account.is_empty() {
        true => ctx.account().to_owned(),
        false => place.account.clone(),
    }
}

/// A parameter or a path, for decisions.
struct ParameterResource {
    arn: String,
    account: String,
    record: Option<Arc<ParameterRecord>>,
    has_policy: bool,
}

impl Resource for ParameterResource {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }

    /// Events of Parameter Store name parameters by their ARN alone.
    fn audit_type(&self) -> Option<&'static str> {
        Some("")
    }

    fn policy(&self) -> Option<ResourcePolicy<'_>> {
        let record = self.record.as_ref().filter(|_| self.has_policy)?;
        let policy = record.policy().ok().flatten()?;
        Some(ResourcePolicy {
            name: "parameter policy",
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

/// A setting of the account, for decisions.
struct Setting {
    arn: String,
    account: String,
}

impl Resource for Setting {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }
}
