//! `logs:PutResourcePolicy`: makes or replaces a policy that lets services write logs.

use api::logs::{PolicyScope, PutResourcePolicyRequest, PutResourcePolicyResponse};
use platform::{Ctx, Result};
use policy::{Policy, PolicyKind};

use crate::access::{self, Target};
use crate::refusals;
use crate::resource_policy::{Place, ResourcePolicyRecord, Revision};

/// The most policies of an account (PutResourcePolicy).
const MOST: usize = 10;
/// The most bytes of a policy of the account (PutResourcePolicy, `policyDocument`).
const MOST_BYTES: usize = 5120;

pub(crate) async fn put_resource_policy(
    ctx: &Ctx,
    req: PutResourcePolicyRequest,
) -> Result<PutResourcePolicyResponse> {
    access::everything(ctx, "logs:PutResourcePolicy").await?;
    let required = |what: &str| refusals::invalid(format!("{what} is required."));
    let document = req
        .policy_document
        .ok_or_else(|| required("policyDocument"))?;
    if Policy::parse(&document, PolicyKind::Resource).is_err() {
        return Err(refusals::invalid("Invalid policy document.").into());
    }
    let name = req.policy_name.filter(|name| !name.is_empty());
    let record = match req.resource_arn {
        None => {
            let name = name.ok_or_else(|| required("policyName"))?;
            check_room(ctx, &name, &document).await?;
            ResourcePolicyRecord {
                name,
                document,
                updated_millis: ctx.now.millis,
                group: None,
            }
        }
        Some(arn) => {
            let revision = next_revision(ctx, &arn, req.expected_revision_id).await?;
            ResourcePolicyRecord {
                name: name.unwrap_or_default(),
                document,
                updated_millis: ctx.now.millis,
                group: Some(revision),
            }
        }
    };
    let revision_id = record.group.as_ref().map(|revision| revision.id.clone());
    let resource_policy = Some(record.shown());
    record.put(ctx).await;
    Ok(PutResourcePolicyResponse {
        resource_policy,
        revision_id,
    })
}

async fn check_room(ctx: &Ctx, name: &str, document: &str) -> Result<()> {
    if document.len() > MOST_BYTES {
        return Err(refusals::limit_exceeded().into());
    }
    let known = ResourcePolicyRecord::list(ctx, PolicyScope::Account).await?;
    if known.len() >= MOST && known.iter().all(|known| known.name != name) {
        return Err(refusals::limit_exceeded().into());
    }
    Ok(())
}

/// The revision that follows the one that the caller expects.
async fn next_revision(ctx: &Ctx, arn: &str, expected: Option<String>) -> Result<Revision> {
    let target = own_group(ctx, arn)?;
    let group_arn = target.existing_arn(ctx).await?;
    let known = ResourcePolicyRecord::find(ctx, Place::Group(&group_arn)).await?;
    let current = known.as_ref().and_then(|known| known.group.as_ref());
    if current.map(|revision| &revision.id) != expected.as_ref() {
        return Err(refusals::other_revision().into());
    }
    Ok(Revision {
        group_arn,
        id: ctx.new_uuid()?,
    })
}

/// The group of this ARN, of the caller's account.
pub(crate) fn own_group(ctx: &Ctx, arn: &str) -> Result<Target> {
    let found = Target::of_arn(ctx, arn).filter(|target| target.account == ctx.account());
    Ok(found.ok_or_else(|| refusals::invalid("resourceArn must be the ARN of a log group."))?)
}
