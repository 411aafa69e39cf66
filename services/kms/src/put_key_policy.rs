//! `kms:PutKeyPolicy`: replaces a key's policy.

use api::kms::PutKeyPolicyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::condition_keys::RequestKeys;
use crate::key::change;
use crate::lookup::Found;
use crate::{access, key_policy};

pub(crate) async fn put_key_policy(ctx: &Ctx, req: PutKeyPolicyRequest) -> Result<Empty> {
    let found = Found::own(ctx, &req.key_id).await?;
    let bypass = req.bypass_policy_lockout_safety_check;
    let request = RequestKeys {
        bypass_lockout_check: Some(bypass),
        ..RequestKeys::default()
    };
    let key = access::authorize(ctx, "kms:PutKeyPolicy", found, &request).await?;

    key_policy::check_name(req.policy_name.as_deref())?;
    let policy = key_policy::parse(ctx, &req.policy).await?;
    let bound = key_policy::bound(ctx, &req.policy, &policy).await?;
    if !bypass {
        key_policy::check_lockout(ctx, &key, &bound).await?;
    }
    change(ctx, &key, |record| record.policy = bound).await;
    Ok(Empty)
}
