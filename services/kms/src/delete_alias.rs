//! `kms:DeleteAlias`: takes a name away. The key and its ciphertexts stay as they are.

use api::kms::DeleteAliasRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access;
use crate::alias::{Alias, AliasRecord, AliasResource, check_name, detach};
use crate::condition_keys::{KeyConditions, RequestKeys};
use crate::lookup::Found;

const ACTION: &str = "kms:DeleteAlias";

pub(crate) async fn delete_alias(ctx: &Ctx, req: DeleteAliasRequest) -> Result<Empty> {
    let name = req.alias_name;
    check_name(&name)?;
    let resource = AliasResource::own(ctx, &name);
    let conditions = KeyConditions::without_key(ctx);
    ctx.authorize(ACTION, resource)
        .keys(&conditions)
        .decide()
        .await?;
    let alias = Alias::require(ctx, &name).await?;
    let key = Found::Here(alias.key);
    let key = access::authorize(ctx, ACTION, key, &RequestKeys::default()).await?;

    detach(ctx, &key, &name).await;
    let place = AliasRecord::place(ctx.account(), &ctx.region, &name);
    ctx.delete::<AliasRecord>(&place).await;
    Ok(Empty)
}
