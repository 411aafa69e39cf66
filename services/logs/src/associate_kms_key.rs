//! `logs:AssociateKmsKey`: encrypts what a log group takes in from now on under a KMS key, or what
//! the account's queries find.

use api::logs::AssociateKmsKeyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{self, Target};
use crate::{encryption, query_key, refusals};

pub(crate) async fn associate_kms_key(ctx: &Ctx, req: AssociateKmsKeyRequest) -> Result<Empty> {
    let name = req.log_group_name.as_deref();
    let target = match subject(ctx, name, req.resource_identifier.as_deref())? {
        Subject::Group(target) => target,
        Subject::QueryResults => {
            access::groups(ctx, "logs:AssociateKmsKey").await?;
            query_key::associate(ctx, &req.kms_key_id).await?;
            return Ok(Empty);
        }
    };
    let group = access::group(ctx, "logs:AssociateKmsKey", &target).await?;
    let data_key = encryption::generate(ctx, &group.arn, &req.kms_key_id).await?;
    let mut record = group.record();
    record.data_keys.push(data_key);
    record.is_encrypted = true;
    record.put(ctx).await;
    Ok(Empty)
}

/// What is encrypted.
pub(crate) enum Subject {
    /// What comes into a group.
    Group(Target),
    /// What the caller's queries find.
    QueryResults,
}

/// What the request names in one of two ways.
pub(crate) fn subject(ctx: &Ctx, name: Option<&str>, identifier: Option<&str>) -> Result<Subject> {
    match (name, identifier) {
        (Some(name), None) => Ok(Subject::Group(Target::named(ctx, name))),
        (None, Some(arn)) if arn == query_key::arn(ctx) => Ok(Subject::QueryResults),
        (None, Some(arn)) => {
            let found = Target::of_arn(ctx, arn);
            let unknown = || {
                refusals::invalid(
                    "resourceIdentifier must be the ARN of a log group, or of the account's query \
                     results, in this Region.",
                )
            };
            Ok(Subject::Group(found.ok_or_else(unknown)?))
        }
        _ => Err(refusals::invalid(
            "Exactly one of logGroupName and resourceIdentifier must be specified.",
        )
        .into()),
    }
}
