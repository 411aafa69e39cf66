//! `logs:DisassociateKmsKey`: encrypts what a log group takes in from now on as for all groups
//! without a KMS key. What it has is still encrypted under the key.

use api::logs::DisassociateKmsKeyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access;
use crate::associate_kms_key::target;

pub(crate) async fn disassociate_kms_key(
    ctx: &Ctx,
    req: DisassociateKmsKeyRequest,
) -> Result<Empty> {
    let name = req.log_group_name.as_deref();
    let target = target(ctx, name, req.resource_identifier.as_deref())?;
    let group = access::group(ctx, "logs:DisassociateKmsKey", &target).await?;
    let mut record = group.record();
    record.is_encrypted = false;
    record.put(ctx).await;
    Ok(Empty)
}
