//! `iam:TagPolicy`: gives a managed policy tags.

use api::iam::TagPolicyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::policies::record::ManagedPolicyRecord;
use crate::policies::target::{self, PolicyTarget};
use crate::tags::{self, Case};
use crate::target::Asked;

pub(crate) async fn tag_policy(ctx: &Ctx, req: TagPolicyRequest) -> Result<Empty> {
    let tags = tags::pairs(req.tags);
    let asked = Asked {
        tags: &tags,
        ..Asked::default()
    };
    let permitted = PolicyTarget::named(ctx, req.policy_arn)
        .await?
        .permit_with(ctx, "iam:TagPolicy", &asked)
        .await?;
    let mut policy = ManagedPolicyRecord::clone(&*target::require_taggable(permitted)?);
    tags::add(Case::Counts, &mut policy.tags, tags)?;
    policy.put(ctx).await;
    Ok(Empty)
}
