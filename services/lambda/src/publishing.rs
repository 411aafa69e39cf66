//! Making a version of what `$LATEST` is now.

use platform::{Ctx, Result};

use crate::function::{FunctionRecord, VersionRecord};
use crate::layer_uses;
use crate::names::FunctionPlace;

/// Publishes `latest`, unless the version that was published last runs the same: that is the answer
/// then (PublishVersion).
pub(crate) async fn publish(
    ctx: &Ctx,
    place: &FunctionPlace,
    (mut function, latest): (FunctionRecord, &VersionRecord),
    description: Option<String>,
) -> Result<VersionRecord> {
    if function.published > 0 {
        let last = function.published.to_string();
        let last = VersionRecord::get(ctx, place, &last).await?;
        if let Some(last) = last.filter(|last| last.runs_like(latest)) {
            return Ok(VersionRecord::clone(&last));
        }
    }
    function.published += 1;
    let mut made = VersionRecord {
        version: function.published.to_string(),
        description: description.unwrap_or_else(|| latest.description.clone()),
        ..latest.clone()
    };
    made.touch(ctx)?;
    ctx.put(VersionRecord::key(place, &made.version), made.clone())
        .await;
    layer_uses::change(ctx, (place, &made.version), (&[], &made.layers)).await?;
    ctx.put(place.key(), function).await;
    Ok(made)
}
