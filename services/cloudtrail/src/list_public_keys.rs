//! `cloudtrail:ListPublicKeys`: shows the keys that digest files of the Region are signed with.

use api::cloudtrail::{ListPublicKeysRequest, ListPublicKeysResponse, PublicKey};
use platform::{Ctx, Result};
use wire::Timestamp;

use crate::digest_key::{DigestKeys, VALID_MILLIS};
use crate::{access, refusals};

pub(crate) async fn list_public_keys(
    ctx: &Ctx,
    req: ListPublicKeysRequest,
) -> Result<ListPublicKeysResponse> {
    access::everything(ctx, "cloudtrail:ListPublicKeys").await?;
    if req.next_token.is_some() {
        return Err(refusals::unknown_token("ListPublicKeys").into());
    }
    let from = req.start_time.unwrap_or(ctx.now).millis;
    let to = req.end_time.unwrap_or(ctx.now).millis;
    if from > to {
        return Err(refusals::backward_range().into());
    }
    let found = ctx
        .get::<DigestKeys>(&DigestKeys::place(&ctx.region))
        .await?;
    let keys = found.iter().flat_map(|found| &found.keys);
    let valid = keys.filter(|key| key.made_millis <= to && key.made_millis + VALID_MILLIS >= from);
    let shown = valid.map(|key| PublicKey {
        value: Some(key.public.clone().into()),
        validity_start_time: Some(Timestamp {
            millis: key.made_millis,
        }),
        validity_end_time: Some(Timestamp {
            millis: key.made_millis + VALID_MILLIS,
        }),
        fingerprint: Some(key.fingerprint.clone()),
    });
    Ok(ListPublicKeysResponse {
        public_key_list: Some(shown.collect()),
        next_token: None,
    })
}
