//! Versions of layers as answers show them.

use api::lambda::{
    Architecture, GetLayerVersionResponse, LayerVersionContentOutput, LayerVersionsListItem,
};
use platform::{Ctx, Result};
use wire::Timestamp;

use crate::configuration::written;
use crate::layer::{LayerPlace, LayerVersionRecord};
use crate::location;

/// A version with a link to its code.
pub(crate) fn shown(
    ctx: &Ctx,
    place: &LayerPlace,
    version: &LayerVersionRecord,
) -> Result<GetLayerVersionResponse> {
    let item = listed(place, version);
    Ok(GetLayerVersionResponse {
        content: Some(LayerVersionContentOutput {
            location: Some(location::link(ctx, &place.code_place(), &version.code)?),
            code_sha256: Some(wire::pem::base64(&version.code.sha256)),
            code_size: i64::try_from(version.code.size).ok(),
            ..LayerVersionContentOutput::default()
        }),
        layer_arn: Some(place.arn()),
        layer_version_arn: item.layer_version_arn,
        description: Some(version.description.clone()),
        created_date: item.created_date,
        version: item.version,
        compatible_architectures: item.compatible_architectures,
        compatible_runtimes: item.compatible_runtimes,
        license_info: item.license_info,
    })
}

/// A version as lists show it: without its code.
pub(crate) fn listed(place: &LayerPlace, version: &LayerVersionRecord) -> LayerVersionsListItem {
    let created = Timestamp {
        millis: version.created_millis,
    };
    let architectures = version.architectures.iter();
    let architectures = architectures.filter_map(|one| Architecture::parse(one));
    let architectures: Vec<_> = architectures.collect();
    let runtimes = version.runtimes.clone();
    LayerVersionsListItem {
        layer_version_arn: Some(place.version_arn(version.version)),
        version: i64::try_from(version.version).ok(),
        description: Some(version.description.clone()),
        created_date: Some(written(created)),
        compatible_architectures: Some(architectures).filter(|list| !list.is_empty()),
        compatible_runtimes: Some(runtimes).filter(|list| !list.is_empty()),
        license_info: version.license.clone(),
    }
}
