//! Code that no version of a function has any more.

use platform::{Ctx, Result};

use crate::code;
use crate::function::{CodeUse, VersionRecord};
use crate::names::FunctionPlace;

/// Forgets this code, unless a version still has it.
pub(crate) async fn forget(ctx: &Ctx, place: &FunctionPlace, code: &CodeUse) -> Result<()> {
    let versions = VersionRecord::all(ctx, place).await?;
    if versions.iter().any(|version| version.code.id == code.id) {
        return Ok(());
    }
    code::forget(ctx, place, code).await
}
