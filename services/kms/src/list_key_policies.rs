//! `kms:ListKeyPolicies`: the names of a key's policies, which is always the one.

use api::kms::{InvalidMarkerException, ListKeyPoliciesRequest, ListKeyPoliciesResponse};
use platform::{Ctx, Result};

use crate::condition_keys::RequestKeys;
use crate::lookup::Found;
use crate::{access, key_policy};

pub(crate) async fn list_key_policies(
    ctx: &Ctx,
    req: ListKeyPoliciesRequest,
) -> Result<ListKeyPoliciesResponse> {
    let found = Found::own(ctx, &req.key_id).await?;
    access::authorize(ctx, "kms:ListKeyPolicies", found, &RequestKeys::default()).await?;
    // The list never needs a second page, so that no marker was ever given out.
    if req.marker.is_some() {
        return Err(InvalidMarkerException::bare().into());
    }
    Ok(ListKeyPoliciesResponse {
        policy_names: Some(vec![key_policy::NAME.to_owned()]),
        next_marker: None,
        truncated: Some(false),
    })
}
