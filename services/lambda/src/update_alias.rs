//! `lambda:UpdateAlias`: lets an alias name another version, or describes it otherwise.

use api::lambda::{AliasConfiguration, UpdateAliasRequest};
use platform::{Ctx, Result};

use crate::function::AliasRecord;
use crate::{access, alias, refusals};

pub(crate) async fn update_alias(ctx: &Ctx, req: UpdateAliasRequest) -> Result<AliasConfiguration> {
    let function = access::function(ctx, "lambda:UpdateAlias", &req.function_name, None).await?;
    alias::check_name(&req.name)?;
    let place = &function.place;
    let known = AliasRecord::get(ctx, place, &req.name).await?;
    let known = known.ok_or_else(|| refusals::no_alias(&place.qualified(Some(&req.name))))?;
    if req.revision_id.is_some_and(|id| id != known.revision_id) {
        return Err(refusals::other_revision().into());
    }
    let mut changed = AliasRecord::clone(&known);
    if let Some(version) = req.function_version {
        changed.version = version;
    }
    if let Some(description) = req.description {
        changed.description = description;
    }
    if req.routing_config.is_some() {
        changed.additional = alias::additional(req.routing_config)?;
    }
    alias::check(ctx, place, &changed).await?;
    changed.revision_id = ctx.new_uuid()?;
    let shown = changed.shown(place);
    ctx.put(AliasRecord::key(place, &req.name), changed).await;
    Ok(shown)
}
