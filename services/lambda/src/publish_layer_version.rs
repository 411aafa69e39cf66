//! `lambda:PublishLayerVersion`: makes a version of a layer, and the layer with its first one.

use api::lambda::{FunctionCode, PublishLayerVersionRequest, PublishLayerVersionResponse};
use platform::{Ctx, Derived, Result};

use crate::create_function::zip_of;
use crate::layer::{LayerPlace, LayerRecord, LayerVersionRecord};
use crate::{access, code, layer_access, refusals, runtimes, showing_layers};

const ACTION: &str = "lambda:PublishLayerVersion";

pub(crate) async fn publish_layer_version(
    ctx: &Ctx,
    mut req: PublishLayerVersionRequest,
) -> Result<PublishLayerVersionResponse> {
    let place = match LayerPlace::of(ctx, &req.layer_name) {
        Ok(place) => place,
        Err(bad) => {
            access::everything(ctx, ACTION).await?;
            return Err(bad.into());
        }
    };
    layer_access::layer(ctx, ACTION, &place).await?;
    if place.region != ctx.region {
        return Err(refusals::no_resource(&place.arn()).into());
    }
    runtimes::check_layer(&req.compatible_runtimes)?;
    let zip = zip_of(&mut package(&mut req))?;
    let checked = code::check(ctx, zip).await?;
    let known = ctx.get::<LayerRecord>(&place.key()).await?;
    let number = known.map_or(0, |layer| layer.published) + 1;
    let architectures = req.compatible_architectures.iter();
    let version = LayerVersionRecord {
        layer: place.name.clone(),
        version: number,
        created_millis: ctx.now.millis,
        description: req.description.unwrap_or_default(),
        license: req.license_info,
        runtimes: req.compatible_runtimes,
        architectures: architectures.map(|one| one.as_str().to_owned()).collect(),
        code: checked.keep(ctx, &place.code_place()).await?,
        is_used: false,
        statements: Vec::new(),
        revision_id: String::new(),
        parsed: Derived::default(),
    };
    let shown = showing_layers::shown(ctx, &place, &version)?;
    let layer = LayerRecord {
        name: place.name.clone(),
        published: number,
    };
    ctx.put(place.key(), layer).await;
    ctx.put(place.version_key(number), version).await;
    Ok(PublishLayerVersionResponse {
        content: shown.content,
        layer_arn: shown.layer_arn,
        layer_version_arn: shown.layer_version_arn,
        description: shown.description,
        created_date: shown.created_date,
        version: shown.version,
        compatible_architectures: shown.compatible_architectures,
        compatible_runtimes: shown.compatible_runtimes,
        license_info: shown.license_info,
    })
}

/// The content, as CreateFunction names code.
fn package(req: &mut PublishLayerVersionRequest) -> FunctionCode {
    let content = &mut req.content;
    FunctionCode {
        zip_file: content.zip_file.take(),
        s3_bucket: content.s3_bucket.take(),
        s3_key: content.s3_key.take(),
        s3_object_version: content.s3_object_version.take(),
        s3_object_storage_mode: content.s3_object_storage_mode.take(),
        image_uri: None,
        source_kms_key_arn: None,
    }
}
