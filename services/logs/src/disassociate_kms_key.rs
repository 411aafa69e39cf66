//! `logs:DisassociateKmsKey`: encrypts what a log group takes in from now on, or what the account's
//! queries find, as without a KMS key. What there is already is still encrypted under the key.

use api::logs::DisassociateKmsKeyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::associate_kms_key::{Subject, subject};
use crate::{access, query_key};

pub(crate) async fn disassociate_kms_key(
    ctx: &Ctx,
    req: DisassociateKmsKeyRequest,
) -> Result<Empty> {
    let name = req.log_group_name.as_deref();
    let target = match subject(ctx, name, req.resource_identifier.as_deref())? {
        Subject::Group(target) => target,
        Subject::QueryResults => {
            access::groups(ctx, "logs:DisassociateKmsKey").await?;
            query_key::disassociate(ctx).await;
            return Ok(Empty);
        }
    };
    let group = access::group(ctx, "logs:DisassociateKmsKey", &target).await?;
    let mut record = group.record();
    record.is_encrypted = false;
    record.put(ctx).await;
    Ok(Empty)
}
