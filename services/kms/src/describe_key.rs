//! `kms:DescribeKey`: tells about a key.

use api::kms::{DescribeKeyRequest, DescribeKeyResponse};
use platform::{Ctx, Result};

use crate::condition_keys::RequestKeys;
use crate::lookup::Found;
use crate::metadata::metadata;
use crate::{access, grant_tokens, managed_key};

pub(crate) async fn describe_key(
    ctx: &Ctx,
    req: DescribeKeyRequest,
) -> Result<DescribeKeyResponse> {
    grant_tokens::check(ctx, &req.grant_tokens)?;
    managed_key::at_description(ctx, &req.key_id).await?;
    let found = Found::any(ctx, &req.key_id).await?;
    let key = access::authorize(ctx, "kms:DescribeKey", found, &RequestKeys::default()).await?;
    Ok(DescribeKeyResponse {
        key_metadata: Some(metadata(&key.record)),
    })
}
