//! `lambda:ListLayerVersions`: lists the versions of a layer, the newest first.

use api::lambda::{ListLayerVersionsRequest, ListLayerVersionsResponse};
use platform::{Ctx, Result};

use crate::layer::{LayerPlace, LayerVersionRecord};
use crate::{access, layer_access, page, showing_layers};

const ACTION: &str = "lambda:ListLayerVersions";

pub(crate) async fn list_layer_versions(
    ctx: &Ctx,
    req: ListLayerVersionsRequest,
) -> Result<ListLayerVersionsResponse> {
    let place = LayerPlace::of(ctx, &req.layer_name);
    let place = match place {
        // AWS knows no resource of this action; another account's layers are that account's.
        Ok(place) if place.account == ctx.account() => {
            access::everything(ctx, ACTION).await?;
            place
        }
        Ok(place) => {
            layer_access::layer(ctx, ACTION, &place).await?;
            place
        }
        Err(bad) => {
            access::everything(ctx, ACTION).await?;
            return Err(bad.into());
        }
    };
    let mut versions = LayerVersionRecord::all(ctx, &place).await?;
    let architecture = req
        .compatible_architecture
        .map(api::lambda::Architecture::as_str);
    versions.retain(|version| version.suits(req.compatible_runtime.as_deref(), architecture));
    // The newest first: what comes later has the larger key.
    let key = |version: &std::sync::Arc<LayerVersionRecord>| {
        format!("{:020}", u64::MAX - version.version)
    };
    let (found, next_marker) = page::page(versions, key, req.marker.as_deref(), req.max_items)?;
    let shown = found
        .iter()
        .map(|version| showing_layers::listed(&place, version));
    Ok(ListLayerVersionsResponse {
        next_marker,
        layer_versions: Some(shown.collect()),
    })
}
