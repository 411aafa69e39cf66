//! `kms:UpdateAlias`: points an alias to another key.

use api::kms::UpdateAliasRequest;
use platform::{Ctx, Result, validation};
use wire::Empty;

use crate::access;
use crate::alias::{Alias, AliasRecord, AliasResource, attach, check_name, detach};
use crate::condition_keys::{KeyConditions, RequestKeys};
use crate::create_alias::check_target;
use crate::key::KeyRecord;
use crate::lookup::Found;

const ACTION: &str = "kms:UpdateAlias";

pub(crate) async fn update_alias(ctx: &Ctx, req: UpdateAliasRequest) -> Result<Empty> {
    let UpdateAliasRequest {
        alias_name: name,
        target_key_id,
    } = req;
    check_name(&name)?;
    check_target(&target_key_id)?;
    let target = Found::own(ctx, &target_key_id).await?;

    // The alias and both keys have to allow it.
    let resource = AliasResource::own(ctx, &name);
    let conditions = KeyConditions::without_key(ctx);
    ctx.authorize(ACTION, resource)
        .keys(&conditions)
        .decide()
        .await?;
    let Alias { record, key } = Alias::require(ctx, &name).await?;
    let source = Found::Here(key);
    let source = access::authorize(ctx, ACTION, source, &RequestKeys::default()).await?;
    let target = access::authorize(ctx, ACTION, target, &RequestKeys::default()).await?;

    target.check_not_pending_deletion()?;
    check_alike(&name, &source.record, &target.record)?;
    if source.record.id != target.record.id {
        detach(ctx, &source, &name).await;
        attach(ctx, &target, &name).await?;
    }
    let key_id = target.record.id.clone();
    let place = AliasRecord::place(ctx.account(), &ctx.region, &name);
    ctx.put(
        place,
        AliasRecord {
            key_id,
            updated_millis: ctx.now.millis,
            ..record
        },
    )
    .await;
    Ok(Empty)
}

/// An alias stays with one sort of keys (UpdateAlias): what encrypts, signs or makes MACs by this
/// name goes on to.
fn check_alike(name: &str, from: &KeyRecord, to: &KeyRecord) -> Result<()> {
    // HMAC keys share their usage with no other.
    if from.usage == to.usage && from.spec.is_asymmetric() == to.spec.is_asymmetric() {
        return Ok(());
    }
    let kind = |key: &KeyRecord| {
        let (usage, spec) = (key.usage.shown(), key.spec.shown());
        format!(
            "key usage {} and key spec {}",
            usage.as_str(),
            spec.as_str()
        )
    };
    Err(validation(format!(
        "Alias {name} cannot be moved from a key with {} to a key with {}.",
        kind(from),
        kind(to)
    )))
}
