//! Who may use a key: the one way from a key that was found to a key that may be used.

use platform::{Authorized, Ctx, Error, Everything, Resource as _, Result, access_denied};
use wire::{Common, Fault};

use crate::condition_keys::{KeyConditions, RequestKeys};
use crate::granted::KeyGrants;
use crate::key::Key;
use crate::lookup::{Absent, Found, hidden};
use crate::{expiration, managed_key, rotation};

/// Why a call on another account's key is refused, whatever the reason: AWS does not tell a key
/// that refuses from one that does not exist.
pub(crate) const FOREIGN: &str = "because the resource does not exist in this Region, no resource-based \
                       policies allow access, or a resource-based policy explicitly denies access";

/// Decides whether the caller may perform `action` on the key that its request names.
pub(crate) async fn authorize(
    ctx: &Ctx,
    action: &'static str,
    found: Found,
    request: &RequestKeys<'_>,
) -> Result<Authorized<Key>> {
    match found {
        Found::Here(key) if is_refused_abroad(ctx, action, &key, request).await? => {
            Err(Box::pin(refuse(ctx, action, hidden(ctx, &key))).await)
        }
        Found::Here(key) => decide(ctx, action, key, request).await,
        Found::Absent(absent) => Err(Box::pin(refuse(ctx, action, absent)).await),
    }
}

/// Decides whether the caller may perform `action` on the key that a ciphertext names.
pub(crate) async fn authorize_origin(
    ctx: &Ctx,
    action: &'static str,
    found: Found,
    request: &RequestKeys<'_>,
) -> Result<Authorized<Key>> {
    match found {
        Found::Here(key) if !is_refused_abroad(ctx, action, &key, request).await? => {
            decide(ctx, action, key, request).await
        }
        Found::Here(_) | Found::Absent(_) => Err(unknown_origin().into()),
    }
}

/// Decides whether the caller may perform an action that no key takes part in.
pub(crate) async fn authorize_account(ctx: &Ctx, action: &'static str) -> Result<()> {
    authorize_request(ctx, action, &RequestKeys::default()).await
}

/// Decides whether the caller may perform an action that no key takes part in, with what the
/// request says.
pub(crate) async fn authorize_request(
    ctx: &Ctx,
    action: &'static str,
    request: &RequestKeys<'_>,
) -> Result<()> {
    let account = ctx.account().to_owned();
    let conditions = KeyConditions::new(ctx, None, request);
    let access = ctx.authorize(action, Everything { account });
    access.keys(&conditions).decide().await?;
    note_recipient(ctx, request);
    Ok(())
}

fn note_recipient(ctx: &Ctx, request: &RequestKeys<'_>) {
    if let Some(recipient) = request.recipient {
        recipient.note(ctx);
    }
}

/// AWS's answer to a ciphertext whose key is absent, elsewhere, or another account's secret.
pub(crate) fn unknown_origin() -> Fault {
    Fault::common(
        Common::AccessDenied,
        "The ciphertext refers to a customer master key that does not exist, does not exist in \
         this region, or you are not allowed to access.",
    )
}

async fn decide(
    ctx: &Ctx,
    action: &'static str,
    key: Key,
    request: &RequestKeys<'_>,
) -> Result<Authorized<Key>> {
    let named = key.clone();
    let conditions = KeyConditions::of(ctx, &named, request);
    let grants = KeyGrants::new(&named, action, request);
    let access = ctx.authorize(action, key).keys(&conditions);
    let access = access.grants(&grants).request_tags(request.tags);
    let access = access.tag_keys(request.tag_keys);
    let key = access.decide().await?;
    managed_key::check_action(ctx, action, &key)?;
    note_recipient(ctx, request);
    let key = rotation::up_to_date(ctx, key).await?;
    expiration::up_to_date(ctx, key).await
}

/// Whether `key` belongs to another account and refuses the call. Nothing of the key is put on the
/// call's record here: the caller may not learn even that it exists.
async fn is_refused_abroad(
    ctx: &Ctx,
    action: &'static str,
    key: &Key,
    request: &RequestKeys<'_>,
) -> Result<bool> {
    if key.account() == ctx.account() {
        return Ok(false);
    }
    // In a box: few keys are another account's, and every call would have room for it.
    Box::pin(refuses_abroad(ctx, action, key, request)).await
}

/// The same of a key that belongs to another account.
async fn refuses_abroad(
    ctx: &Ctx,
    action: &'static str,
    key: &Key,
    request: &RequestKeys<'_>,
) -> Result<bool> {
    let conditions = KeyConditions::of(ctx, key, request);
    let grants = KeyGrants::new(key, action, request);
    let access = ctx.authorize(action, key.clone()).keys(&conditions);
    let access = access.grants(&grants);
    let access = access.request_tags(request.tags).tag_keys(request.tag_keys);
    Ok(!access.would_allow().await?)
}

/// The answer to a call on a key that is absent: that it does not exist, to a caller of its account
/// who could use it; that the call is denied, to anyone else.
async fn refuse(ctx: &Ctx, action: &'static str, absent: Box<Absent>) -> Error {
    let is_foreign = absent.account != ctx.account();
    let (arn, fault) = (absent.arn.clone(), absent.fault.clone());
    let conditions = KeyConditions::without_key(ctx);
    match ctx
        .authorize(action, *absent)
        .keys(&conditions)
        .decide()
        .await
    {
        Ok(_) => fault.into(),
        Err(Error::Fault(_)) if is_foreign => access_denied(&ctx.caller.arn, action, &arn, FOREIGN),
        Err(error) => error,
    }
}
