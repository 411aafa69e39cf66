//! `lambda:GetLayerVersionByArn`: GetLayerVersion by the ARN of the version.

use api::lambda::{GetLayerVersionByArnRequest, GetLayerVersionResponse};
use platform::{Ctx, Result};

use crate::layer::LayerPlace;
use crate::{access, layer_access, refusals, showing_layers};

const ACTION: &str = "lambda:GetLayerVersion";

pub(crate) async fn get_layer_version_by_arn(
    ctx: &Ctx,
    req: GetLayerVersionByArnRequest,
) -> Result<GetLayerVersionResponse> {
    let read = LayerPlace::read(&req.arn);
    let Some((place, Some(number))) = read.filter(|(place, _)| place.region == ctx.region) else {
        access::everything(ctx, ACTION).await?;
        return Err(refusals::nothing().into());
    };
    let version = layer_access::version(ctx, ACTION, (&place, number)).await?;
    showing_layers::shown(ctx, &place, &*version.ok_or_else(refusals::nothing)?)
}
