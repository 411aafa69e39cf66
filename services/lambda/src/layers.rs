//! Layers that versions lie over.

use platform::{Ctx, Error, Result};
use zeroize::Zeroizing;

use crate::function::LayerUse;
use crate::refusals;

/// The most layers of a function ("Lambda quotas").
const MOST: usize = 5;

/// The layers of these ARNs, in their order.
#[expect(clippy::unused_async, reason = "layers will be looked up")]
pub(crate) async fn resolve(_: &Ctx, arns: &[String]) -> Result<Vec<LayerUse>> {
    if arns.len() > MOST {
        let text = format!("Cannot reference more than {MOST} layers.");
        return Err(refusals::invalid(text).into());
    }
    match arns.first() {
        None => Ok(Vec::new()),
        Some(arn) => Err(refusals::invalid(format!("Layer version {arn} does not exist.")).into()),
    }
}

/// The archives of layers, in their order.
#[expect(clippy::unused_async, reason = "layers will be read")]
pub(crate) async fn read(_: &Ctx, layers: &[LayerUse]) -> Result<Vec<Zeroizing<Vec<u8>>>> {
    match layers.first() {
        None => Ok(Vec::new()),
        Some(_) => Err(Error::dangling("a layer")),
    }
}
