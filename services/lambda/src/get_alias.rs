//! `lambda:GetAlias`: shows an alias.

use api::lambda::{AliasConfiguration, GetAliasRequest};
use platform::{Ctx, Result};

use crate::function::AliasRecord;
use crate::{access, alias, refusals};

pub(crate) async fn get_alias(ctx: &Ctx, req: GetAliasRequest) -> Result<AliasConfiguration> {
    let function = access::function(ctx, "lambda:GetAlias", &req.function_name, None).await?;
    alias::check_name(&req.name)?;
    let place = &function.place;
    let found = AliasRecord::get(ctx, place, &req.name).await?;
    let found = found.ok_or_else(|| refusals::no_alias(&place.qualified(Some(&req.name))))?;
    Ok(found.shown(place))
}
