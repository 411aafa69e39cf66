//! `lambda:DeleteLayerVersion`: deletes a version of a layer. Functions that have it keep it; one
//! that is not there is deleted already.

use api::lambda::DeleteLayerVersionRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::layer::LayerVersionRecord;
use crate::{access, layer_access, layer_uses};

const ACTION: &str = "lambda:DeleteLayerVersion";

pub(crate) async fn delete_layer_version(
    ctx: &Ctx,
    req: DeleteLayerVersionRequest,
) -> Result<Empty> {
    let (place, number) = match layer_access::named(ctx, &req.layer_name, req.version_number) {
        Ok(named) => named,
        Err(bad) => {
            access::everything(ctx, ACTION).await?;
            return Err(bad.into());
        }
    };
    let Some(version) = layer_access::version(ctx, ACTION, (&place, number)).await? else {
        return Ok(Empty);
    };
    ctx.delete::<LayerVersionRecord>(&place.version_key(number))
        .await;
    layer_uses::layer_deleted(ctx, (&place, number), &version).await?;
    Ok(Empty)
}
