//! `lambda:DeleteFunction`: deletes a function, or one version of it.

use api::lambda::{DeleteFunctionRequest, DeleteFunctionResponse, ResourceConflictException};
use platform::{Ctx, Result};

use crate::access::{self, Function};
use crate::function::{
    AliasRecord, EventInvokeRecord, FunctionRecord, PolicyRecord, VersionRecord,
};
use crate::names::LATEST;
use crate::{code, layer_uses, refusals, unused};

pub(crate) async fn delete_function(
    ctx: &Ctx,
    req: DeleteFunctionRequest,
) -> Result<DeleteFunctionResponse> {
    let (name, qualifier) = (req.function_name.as_str(), req.qualifier.as_deref());
    let function = access::function(ctx, "lambda:DeleteFunction", name, qualifier).await?;
    match function.qualifier.as_deref() {
        None => all(ctx, &function).await?,
        Some(LATEST) => {
            return Err(refusals::invalid(
                "$LATEST version cannot be deleted without deleting the function.",
            )
            .into());
        }
        Some(version) => one(ctx, &function, version).await?,
    }
    Ok(DeleteFunctionResponse {
        status_code: Some(204),
    })
}

async fn one(ctx: &Ctx, function: &Function, number: &str) -> Result<()> {
    let place = &function.place;
    let found = VersionRecord::get(ctx, place, number).await?;
    let version = found.ok_or_else(|| refusals::no_function(&function.arn()))?;
    let aliases = ctx.scan_all::<AliasRecord>(&place.key()).await?;
    if let Some((_, alias)) = aliases.iter().find(|(_, alias)| alias.names(number)) {
        return Err(ResourceConflictException::new(format!(
            "Version {number} of the function is currently referenced by the alias {}. Change or \
             delete the alias before deleting the version.",
            alias.name
        ))
        .into());
    }
    ctx.delete::<VersionRecord>(&VersionRecord::key(place, number))
        .await;
    layer_uses::change(ctx, (place, number), (&version.layers, &[])).await?;
    let qualified = PolicyRecord::key(place, Some(number));
    ctx.delete::<PolicyRecord>(&qualified).await;
    ctx.delete::<EventInvokeRecord>(&qualified).await;
    unused::forget(ctx, place, &version.code).await
}

/// Deletes everything of a function.
async fn all(ctx: &Ctx, function: &Function) -> Result<()> {
    let place = &function.place;
    for version in VersionRecord::all(ctx, place).await? {
        // Versions share code; deleting a piece twice does no harm.
        code::forget(ctx, place, &version.code).await?;
        let number = version.version.as_str();
        ctx.delete::<VersionRecord>(&VersionRecord::key(place, number))
            .await;
        layer_uses::change(ctx, (place, number), (&version.layers, &[])).await?;
    }
    for (key, _) in ctx.scan_all::<PolicyRecord>(&place.key()).await? {
        ctx.delete::<PolicyRecord>(&key).await;
    }
    for (key, _) in ctx.scan_all::<AliasRecord>(&place.key()).await? {
        ctx.delete::<AliasRecord>(&key).await;
    }
    for (key, _) in ctx.scan_all::<EventInvokeRecord>(&place.key()).await? {
        ctx.delete::<EventInvokeRecord>(&key).await;
    }
    ctx.delete::<FunctionRecord>(&place.key()).await;
    Ok(())
}
