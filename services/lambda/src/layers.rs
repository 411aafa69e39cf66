//! Layers that versions lie over.

use platform::{Ctx, Result};

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
