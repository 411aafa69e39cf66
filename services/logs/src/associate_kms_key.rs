//! `logs:AssociateKmsKey`: encrypts what a log group takes in from now on under a KMS key.

use api::logs::AssociateKmsKeyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{self, Target};
use crate::{encryption, refusals};

pub(crate) async fn associate_kms_key(ctx: &Ctx, req: AssociateKmsKeyRequest) -> Result<Empty> {
    let name = req.log_group_name.as_deref();
    let target = target(ctx, name, req.resource_identifier.as_deref())?;
    let group = access::group(ctx, "logs:AssociateKmsKey", &target).await?;
    let data_key = encryption::generate(ctx, &group.arn, &req.kms_key_id).await?;
    let mut record = group.record();
    record.data_keys.push(data_key);
    record.is_encrypted = true;
    record.put(ctx).await;
    Ok(Empty)
}

/// The group that the request names in one of two ways.
pub(crate) fn target(ctx: &Ctx, name: Option<&str>, identifier: Option<&str>) -> Result<Target> {
    match (name, identifier) {
        (Some(name), None) => Ok(Target::named(ctx, name)),
        (None, Some(arn)) => {
            let found = Target::of_arn(ctx, arn);
            let unknown = || {
                refusals::invalid(
                    "resourceIdentifier must be the ARN of a log group in this Region.",
                )
            };
            Ok(found.ok_or_else(unknown)?)
        }
        _ => Err(refusals::invalid(
            "Exactly one of logGroupName and resourceIdentifier must be specified.",
        )
        .into()),
    }
}
