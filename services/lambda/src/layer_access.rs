//! Who may do what to layers and their versions.

use std::borrow::Cow;
use std::sync::Arc;

use platform::{Ctx, Resource, ResourcePolicy, Result};
use policy::ResourceRule;
use wire::Fault;

use crate::layer::{LayerPlace, LayerVersionRecord};
use crate::refusals;

/// Decides about a layer, whether or not it exists.
pub(crate) async fn layer(ctx: &Ctx, action: &'static str, place: &LayerPlace) -> Result<()> {
    let resource = LayerResource {
        arn: place.arn(),
        account: place.account.clone(),
        version: None,
    };
    ctx.authorize(action, resource).decide().await?;
    Ok(())
}

/// Decides about a version, whether or not it exists.
pub(crate) async fn version(
    ctx: &Ctx,
    action: &'static str,
    (place, number): (&LayerPlace, u64),
) -> Result<Option<Arc<LayerVersionRecord>>> {
    let version = LayerVersionRecord::get(ctx, place, number).await?;
    if let Some(version) = &version {
        version.policy()?;
    }
    let resource = LayerResource {
        arn: place.version_arn(number),
        account: place.account.clone(),
        version,
    };
    Ok(ctx
        .authorize(action, resource)
        .decide()
        .await?
        .into_inner()
        .version)
}

/// The layer and the number that a request names, in the Region of the call.
pub(crate) fn named(ctx: &Ctx, name: &str, number: i64) -> Result<(LayerPlace, u64), Fault> {
    let place = LayerPlace::of(ctx, name)?;
    if place.region != ctx.region {
        return Err(refusals::no_resource(&place.arn()));
    }
    match u64::try_from(number) {
        Ok(number) if number > 0 => Ok((place, number)),
        _ => Err(refusals::invalid("Layer Version Cannot be less than 1")),
    }
}

/// A layer or a version of one, for decisions.
struct LayerResource {
    arn: String,
    account: String,
    version: Option<Arc<LayerVersionRecord>>,
}

impl Resource for LayerResource {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn audit_type(&self) -> Option<&'static str> {
        Some("AWS::Lambda::LayerVersion")
    }

    fn policy(&self) -> Option<ResourcePolicy<'_>> {
        Some(ResourcePolicy {
            name: "layer version policy",
            policy: self.version.as_ref()?.policy().ok()??,
            rule: ResourceRule::Standard,
        })
    }

    // AWS Lambda is not among the services that RCPs are for.
    fn is_under_resource_control(&self) -> bool {
        false
    }
}
