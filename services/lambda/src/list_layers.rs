//! `lambda:ListLayers`: lists the layers of the account, each with its newest version that suits.

use std::collections::BTreeMap;

use api::lambda::{LayersListItem, ListLayersRequest, ListLayersResponse};
use platform::{Ctx, Result};
use store::Key;

use crate::layer::{LayerPlace, LayerVersionRecord};
use crate::{access, page, showing_layers};

pub(crate) async fn list_layers(ctx: &Ctx, req: ListLayersRequest) -> Result<ListLayersResponse> {
    access::everything(ctx, "lambda:ListLayers").await?;
    let own = Key::new(ctx.account(), &ctx.region, [""; 0]);
    let rows = ctx.scan_all::<LayerVersionRecord>(&own).await?;
    let architecture = req
        .compatible_architecture
        .map(api::lambda::Architecture::as_str);
    let mut newest: BTreeMap<String, std::sync::Arc<LayerVersionRecord>> = BTreeMap::new();
    for (_, version) in rows {
        let is_older = newest
            .get(&version.layer)
            .is_some_and(|known| known.version > version.version);
        if !is_older && version.suits(req.compatible_runtime.as_deref(), architecture) {
            newest.insert(version.layer.clone(), version);
        }
    }
    let items: Vec<_> = newest.into_iter().collect();
    let key = |(name, _): &(String, _)| name.clone();
    let (found, next_marker) = page::page(items, key, req.marker.as_deref(), req.max_items)?;
    let shown = |(name, version): (String, std::sync::Arc<LayerVersionRecord>)| {
        let place = LayerPlace {
            account: ctx.account().to_owned(),
            region: ctx.region.clone(),
            name,
        };
        LayersListItem {
            layer_arn: Some(place.arn()),
            latest_matching_version: Some(showing_layers::listed(&place, &version)),
            layer_name: Some(place.name),
        }
    };
    Ok(ListLayersResponse {
        next_marker,
        layers: Some(found.into_iter().map(shown).collect()),
    })
}
