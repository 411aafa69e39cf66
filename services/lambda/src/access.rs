//! Who may ask what ("Actions, resources, and condition keys for AWS Lambda", service authorization
//! reference).

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use platform::{ConditionKeys, Ctx, Everything, NoKeys, Resource, ResourcePolicy, Result};
use policy::{ResourceRule, Values};

use crate::function::{FunctionRecord, PolicyRecord};
use crate::names::{Asked, FunctionPlace};
use crate::refusals;

/// A function that the caller may do to what it asked for.
pub(crate) struct Function {
    pub(crate) place: FunctionPlace,
    /// The version or alias that was asked for, if one was.
    pub(crate) qualifier: Option<String>,
    record: Arc<FunctionRecord>,
}

impl Deref for Function {
    type Target = FunctionRecord;

    fn deref(&self) -> &FunctionRecord {
        &self.record
    }
}

impl Function {
    /// The function of a record that a decision gave.
    pub(crate) fn found(asked: Asked, record: Arc<FunctionRecord>) -> Self {
        Self {
            place: asked.place,
            qualifier: asked.qualifier,
            record,
        }
    }

    /// The record, to be changed.
    pub(crate) fn draft(&self) -> FunctionRecord {
        FunctionRecord::clone(&self.record)
    }

    /// The ARN as the request qualified it.
    pub(crate) fn arn(&self) -> String {
        self.place.qualified(self.qualifier.as_deref())
    }
}

/// What a decision learns of a request beside the function.
#[derive(Clone, Copy)]
pub(crate) struct With<'a> {
    /// Lambda's condition keys.
    pub(crate) keys: &'a dyn ConditionKeys,
    /// Tags that the request gives.
    pub(crate) tags: &'a [(String, String)],
    /// Keys of tags that it takes away.
    pub(crate) tag_keys: &'a [String],
}

impl Default for With<'_> {
    fn default() -> Self {
        Self {
            keys: &NoKeys,
            tags: &[],
            tag_keys: &[],
        }
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

/// The function that a request names, if the caller may do this to it.
pub(crate) async fn function(
    ctx: &Ctx,
    action: &'static str,
    name: &str,
    qualifier: Option<&str>,
) -> Result<Function> {
    let asked = match Asked::of(ctx, name, qualifier) {
        Ok(asked) => asked,
        Err(bad) => {
            everything(ctx, action).await?;
            return Err(bad.into());
        }
    };
    existing(ctx, action, asked, With::default()).await
}

/// The same, with what the decision learns beside.
pub(crate) async fn existing(
    ctx: &Ctx,
    action: &'static str,
    asked: Asked,
    with: With<'_>,
) -> Result<Function> {
    let found = decide(ctx, action, &asked, with).await?;
    let record = found.ok_or_else(|| refusals::no_function(&asked.arn()))?;
    Ok(Function::found(asked, record))
}

/// Decides about a function, whether or not it exists.
pub(crate) async fn decide(
    ctx: &Ctx,
    action: &'static str,
    asked: &Asked,
    with: With<'_>,
) -> Result<Option<Arc<FunctionRecord>>> {
    let resource = resource(ctx, asked).await?;
    let access = ctx.authorize(action, resource).keys(with.keys);
    let access = access.request_tags(with.tags).tag_keys(with.tag_keys);
    Ok(access.decide().await?.into_inner().record)
}

/// What a request names, for decisions, whether or not it exists.
pub(crate) async fn resource(ctx: &Ctx, asked: &Asked) -> Result<FunctionResource> {
    let record = FunctionRecord::get(ctx, &asked.place).await?;
    let policy = PolicyRecord::get(ctx, &asked.place, asked.qualifier.as_deref()).await?;
    if let Some(policy) = &policy {
        policy.policy()?;
    }
    Ok(FunctionResource {
        arn: asked.arn(),
        account: asked.place.account.clone(),
        record,
        policy,
    })
}

/// A function, for decisions.
pub(crate) struct FunctionResource {
    arn: String,
    account: String,
    record: Option<Arc<FunctionRecord>>,
    policy: Option<Arc<PolicyRecord>>,
}

impl FunctionResource {
    /// Whether there is one. It is for those who may know.
    pub(crate) fn exists(&self) -> bool {
        self.record.is_some()
    }
}

impl Resource for FunctionResource {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn audit_type(&self) -> Option<&'static str> {
        Some("AWS::Lambda::Function")
    }

    fn policy(&self) -> Option<ResourcePolicy<'_>> {
        Some(ResourcePolicy {
            name: "function policy",
            policy: self.policy.as_ref()?.policy().ok()?,
            rule: ResourceRule::Standard,
        })
    }

    // AWS Lambda is not among the services that RCPs are for.
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

/// What a request says of the configuration of a function: `lambda:Layer` and the like.
#[derive(Default)]
pub(crate) struct ConfigurationKeys {
    /// The layers.
    pub(crate) layers: Vec<String>,
    /// The configuration that code has to be signed under.
    pub(crate) code_signing: Option<String>,
}

impl ConditionKeys for ConfigurationKeys {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        match key {
            "lambda:layer" if !self.layers.is_empty() => Some(self.layers.as_slice().into()),
            "lambda:codesigningconfigarn" => self.code_signing.as_deref().map(Values::from),
            _ => None,
        }
    }
}

/// What a request says of the permission that it gives or takes: `lambda:Principal` and
/// `lambda:FunctionUrlAuthType`.
#[derive(Default)]
pub(crate) struct PermissionKeys {
    /// The account, the ARN, or the service, as in the request.
    pub(crate) principal: Option<String>,
    /// `NONE` or `AWS_IAM`.
    pub(crate) url_auth_type: Option<String>,
}

impl ConditionKeys for PermissionKeys {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        match key {
            "lambda:principal" => self.principal.as_deref().map(Values::from),
            "lambda:functionurlauthtype" => self.url_auth_type.as_deref().map(Values::from),
            _ => None,
        }
    }
}
