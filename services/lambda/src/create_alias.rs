//! `lambda:CreateAlias`: names a version of a function, or two with a share of calls for the second.

use api::lambda::{AliasConfiguration, CreateAliasRequest, ResourceConflictException};
use platform::{Ctx, Result};

use crate::function::AliasRecord;
use crate::{access, alias};

pub(crate) async fn create_alias(ctx: &Ctx, req: CreateAliasRequest) -> Result<AliasConfiguration> {
    let function = access::function(ctx, "lambda:CreateAlias", &req.function_name, None).await?;
    alias::check_name(&req.name)?;
    let place = &function.place;
    let record = AliasRecord {
        name: req.name,
        version: req.function_version,
        description: req.description.unwrap_or_default(),
        additional: alias::additional(req.routing_config)?,
        revision_id: ctx.new_uuid()?,
    };
    alias::check(ctx, place, &record).await?;
    if AliasRecord::get(ctx, place, &record.name).await?.is_some() {
        let arn = place.qualified(Some(&record.name));
        let text = format!("Alias already exists: {arn}");
        return Err(ResourceConflictException::new(text).into());
    }
    let shown = record.shown(place);
    ctx.put(AliasRecord::key(place, &record.name), record).await;
    Ok(shown)
}
