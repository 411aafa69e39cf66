//! `kms:GetKeyPolicy`: a key's policy as it was put, with the present ARNs of its principals.

use api::kms::{GetKeyPolicyRequest, GetKeyPolicyResponse};
use platform::{Ctx, Result};

use crate::condition_keys::RequestKeys;
use crate::lookup::Found;
use crate::{access, key_policy};

pub(crate) async fn get_key_policy(
    ctx: &Ctx,
    req: GetKeyPolicyRequest,
) -> Result<GetKeyPolicyResponse> {
    let found = Found::own(ctx, &req.key_id).await?;
    let key = access::authorize(ctx, "kms:GetKeyPolicy", found, &RequestKeys::default()).await?;
    key_policy::check_name(req.policy_name.as_deref())?;
    Ok(GetKeyPolicyResponse {
        policy: Some(ctx.show_principals(&key.record.policy).await?),
        policy_name: Some(key_policy::NAME.to_owned()),
    })
}
