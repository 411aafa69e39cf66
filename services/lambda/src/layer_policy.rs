//! Policies of versions of layers: who may read them.

use std::sync::Arc;

use api::lambda::{PreconditionFailedException, ResourceNotFoundException};
use platform::{Ctx, Derived, Result};
use wire::Fault;

use crate::layer::{LayerPlace, LayerVersionRecord};
use crate::{access, layer_access};

/// A version that a request names, with its place, if the caller may do this to its policy.
pub(crate) async fn subject(
    ctx: &Ctx,
    action: &'static str,
    (name, number): (&str, i64),
) -> Result<(LayerPlace, Arc<LayerVersionRecord>)> {
    let (place, number) = match layer_access::named(ctx, name, number) {
        Ok(named) => named,
        Err(bad) => {
            access::everything(ctx, action).await?;
            return Err(bad.into());
        }
    };
    let found = layer_access::version(ctx, action, (&place, number)).await?;
    let found = found.ok_or_else(|| {
        let arn = place.version_arn(number);
        ResourceNotFoundException::new(format!("Layer version {arn} does not exist."))
    })?;
    Ok((place, found))
}

/// Refuses a request that was made for another revision of the policy.
pub(crate) fn check_revision(
    version: &LayerVersionRecord,
    wanted: Option<&str>,
) -> Result<(), Fault> {
    match wanted.is_some_and(|wanted| wanted != version.revision_id) {
        false => Ok(()),
        true => Err(PreconditionFailedException::new(
            "The Revision Id provided does not match the latest Revision Id. Call the \
             GetLayerPolicy API to retrieve the latest Revision Id",
        )),
    }
}

/// Keeps the statements, and gives their revision.
pub(crate) async fn set(
    ctx: &Ctx,
    (place, version): (&LayerPlace, &LayerVersionRecord),
    statements: Vec<String>,
) -> Result<String> {
    let revision_id = ctx.new_uuid()?;
    let changed = LayerVersionRecord {
        statements,
        revision_id: revision_id.clone(),
        parsed: Derived::default(),
        ..version.clone()
    };
    ctx.put(place.version_key(version.version), changed).await;
    Ok(revision_id)
}

/// Nothing is permitted to anybody.
pub(crate) fn no_policy() -> Fault {
    ResourceNotFoundException::new("No policy is associated with the given resource.")
}
