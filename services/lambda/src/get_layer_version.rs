//! `lambda:GetLayerVersion`: shows a version of a layer, and where its code can be fetched.

use api::lambda::{GetLayerVersionRequest, GetLayerVersionResponse};
use platform::{Ctx, Result};

use crate::{access, layer_access, refusals, showing_layers};

const ACTION: &str = "lambda:GetLayerVersion";

pub(crate) async fn get_layer_version(
    ctx: &Ctx,
    req: GetLayerVersionRequest,
) -> Result<GetLayerVersionResponse> {
    let (place, number) = match layer_access::named(ctx, &req.layer_name, req.version_number) {
        Ok(named) => named,
        Err(bad) => {
            access::everything(ctx, ACTION).await?;
            return Err(bad.into());
        }
    };
    let version = layer_access::version(ctx, ACTION, (&place, number)).await?;
    showing_layers::shown(ctx, &place, &*version.ok_or_else(refusals::nothing)?)
}
