//! `iam:CreatePolicy`: makes a managed policy with its first version.

use api::iam::{
    CreatePolicyRequest, CreatePolicyResponse, EntityAlreadyExistsException, LimitExceededException,
};
use platform::{Ctx, Result};

use crate::account::AccountRecord;
use crate::ids::{Prefix, unique_id};
use crate::policies::managed::Managed;
use crate::policies::record::{ManagedPolicyRecord, PolicyDraft};
use crate::policies::target::PolicyTarget;
use crate::policies::versions;
use crate::tags::{self, Case};
use crate::target::Asked;

/// The most customer managed policies of an account ("IAM and AWS STS quotas").
const QUOTA: u32 = 1500;

pub(crate) async fn create_policy(
    ctx: &Ctx,
    req: CreatePolicyRequest,
) -> Result<CreatePolicyResponse> {
    let path = req.path.unwrap_or_else(|| "/".to_owned());
    let tags = tags::pairs(req.tags);
    permit(ctx, &path, &req.policy_name, &tags).await?;

    tags::check(Case::Counts, &tags)?;
    versions::check_document(&req.policy_document)?;
    let key = ManagedPolicyRecord::key(ctx.account(), &req.policy_name);
    if ctx.get::<ManagedPolicyRecord>(&key).await?.is_some() {
        let name = &req.policy_name;
        let message =
            format!("A policy called {name} already exists. Duplicate names are not allowed.");
        return Err(EntityAlreadyExistsException::new(message).into());
    }
    count(ctx).await?;
    let policy = ManagedPolicyRecord::new(PolicyDraft {
        account: ctx.account().to_owned(),
        name: req.policy_name,
        path,
        policy_id: unique_id(Prefix::ManagedPolicy, ctx.random())?,
        description: req.description.unwrap_or_default(),
        tags,
        document: req.policy_document,
        now_millis: ctx.now.whole_secs().millis,
    });
    let made = Managed::Own(policy.clone().into());
    let shown = made.listed(ctx).await?;
    let tags = tags::shown_if_any(&policy.tags);
    policy.put(ctx).await;
    Ok(CreatePolicyResponse {
        policy: Some(api::iam::Policy { tags, ..shown }),
    })
}

/// Making a policy takes one permission, and giving it tags, which grant access by attribute,
/// another.
async fn permit(ctx: &Ctx, path: &str, name: &str, tags: &[(String, String)]) -> Result<()> {
    let asked = Asked {
        tags,
        ..Asked::default()
    };
    let target = PolicyTarget::new(ctx, path, name);
    target.permit_with(ctx, "iam:CreatePolicy", &asked).await?;
    if !tags.is_empty() {
        let target = PolicyTarget::new(ctx, path, name);
        target.permit_with(ctx, "iam:TagPolicy", &asked).await?;
    }
    Ok(())
}

/// Counts one more policy of the account, if there may be one more.
async fn count(ctx: &Ctx) -> Result<()> {
    let mut account = AccountRecord::clone(&*AccountRecord::of_caller(ctx).await?);
    if account.policies >= QUOTA {
        let message = format!("Cannot exceed quota for PoliciesPerAccount: {QUOTA}");
        return Err(LimitExceededException::new(message).into());
    }
    account.policies += 1;
    account.put(ctx).await;
    Ok(())
}
