//! Deleting parameters, by whichever operation.

use platform::{Ctx, Result};

use crate::access::{self, Asked};
use crate::events::{self, Change};
use crate::{names, schedule};

/// Deletes the caller's parameter of this name, with all of its versions, if the caller may do
/// `action` to it. False where there is none.
pub(crate) async fn delete(ctx: &Ctx, action: &'static str, name: &str) -> Result<bool> {
    let place = names::own(ctx, name)?;
    let found = access::parameter(ctx, action, &place, Asked::default()).await?;
    let found = found.filter(|it| it.name == place.name && !it.has_expired(ctx.now.millis));
    let Some(record) = found else {
        return Ok(false);
    };
    let event = events::changed(&record, &place.arn(), Change::Delete, ctx.now);
    ctx.emit(event).await?;
    schedule::delete(ctx, &place, &record).await;
    Ok(true)
}
