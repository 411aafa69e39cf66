//! `iam:UntagPolicy`: takes tags of a managed policy away.

use api::iam::UntagPolicyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::policies::record::ManagedPolicyRecord;
use crate::policies::target::{self, PolicyTarget};
use crate::tags::{self, Case};
use crate::target::Asked;

pub(crate) async fn untag_policy(ctx: &Ctx, req: UntagPolicyRequest) -> Result<Empty> {
    let asked = Asked {
        tag_keys: &req.tag_keys,
        ..Asked::default()
    };
    let permitted = PolicyTarget::named(ctx, req.policy_arn)
        .await?
        .permit_with(ctx, "iam:UntagPolicy", &asked)
        .await?;
    let mut policy = ManagedPolicyRecord::clone(&*target::require_taggable(permitted)?);
    tags::remove(Case::Counts, &mut policy.tags, &req.tag_keys);
    policy.put(ctx).await;
    Ok(Empty)
}
