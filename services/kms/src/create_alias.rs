//! `kms:CreateAlias`: gives a key a name.

use api::kms::{AlreadyExistsException, CreateAliasRequest};
use platform::{Ctx, Result, validation};
use wire::Empty;

use crate::access;
use crate::alias::{Alias, AliasRecord, AliasResource, attach, check_name};
use crate::condition_keys::{KeyConditions, RequestKeys};
use crate::lookup::Found;

const ACTION: &str = "kms:CreateAlias";

pub(crate) async fn create_alias(ctx: &Ctx, req: CreateAliasRequest) -> Result<Empty> {
    let CreateAliasRequest {
        alias_name: name,
        target_key_id,
    } = req;
    check_name(&name)?;
    check_target(&target_key_id)?;
    let found = Found::own(ctx, &target_key_id).await?;

    let alias = AliasResource::own(ctx, &name);
    let conditions = KeyConditions::without_key(ctx);
    let alias = ctx
        .authorize(ACTION, alias)
        .keys(&conditions)
        .decide()
        .await?;
    let key = access::authorize(ctx, ACTION, found, &RequestKeys::default()).await?;

    key.check_not_pending_deletion()?;
    if Alias::find(ctx, ctx.account(), &name).await?.is_some() {
        let text = format!("An alias with the name {} already exists", alias.arn);
        return Err(AlreadyExistsException::new(text).into());
    }
    attach(ctx, &key, &name).await?;
    let now = ctx.now.millis;
    let key_id = key.record.id.clone();
    let place = AliasRecord::place(ctx.account(), &ctx.region, &name);
    let record = AliasRecord {
        name,
        key_id,
        created_millis: now,
        updated_millis: now,
    };
    ctx.put(place, record).await;
    Ok(Empty)
}

/// An alias points to a key, never to another alias.
pub(crate) fn check_target(key_id: &str) -> Result<()> {
    if key_id.starts_with("alias/") {
        return Err(validation("Aliases must refer to keys. Not aliases"));
    }
    Ok(())
}
