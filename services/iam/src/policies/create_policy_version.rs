//! `iam:CreatePolicyVersion`: adds a version to a managed policy.

use api::iam::{CreatePolicyVersionRequest, CreatePolicyVersionResponse, LimitExceededException};
use platform::{Ctx, Result};

use crate::policies::managed::Managed;
use crate::policies::record::{ManagedPolicyRecord, PolicyVersionRecord};
use crate::policies::target::{self, PolicyTarget};
use crate::policies::versions;

/// The most versions of a managed policy ("IAM and AWS STS quotas").
const QUOTA: usize = 5;

pub(crate) async fn create_policy_version(
    ctx: &Ctx,
    req: CreatePolicyVersionRequest,
) -> Result<CreatePolicyVersionResponse> {
    let permitted = PolicyTarget::named(ctx, req.policy_arn)
        .await?
        .permit(ctx, "iam:CreatePolicyVersion")
        .await?;
    let mut policy = ManagedPolicyRecord::clone(&*target::require_own(permitted)?);
    versions::check_document(&req.policy_document)?;
    if policy.versions.len() >= QUOTA {
        let message = format!(
            "A managed policy can have up to {QUOTA} versions. Before you create a new version, \
             you must delete an existing version."
        );
        return Err(LimitExceededException::new(message).into());
    }
    let now_millis = ctx.now.whole_secs().millis;
    let number = policy.next_version;
    policy.versions.push(PolicyVersionRecord {
        number,
        document: req.policy_document,
        created_millis: now_millis,
    });
    policy.next_version += 1;
    policy.updated_millis = now_millis;
    if req.set_as_default {
        policy.default_version = number;
    }
    policy.clone().put(ctx).await;
    let versions = Managed::Own(policy.into()).versions();
    let made = versions.into_iter().find(|made| made.is(number));
    Ok(CreatePolicyVersionResponse {
        policy_version: made.map(|made| made.listed()),
    })
}
