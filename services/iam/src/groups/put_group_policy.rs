//! `iam:PutGroupPolicy`: adds or replaces an inline policy of a group.

use api::iam::PutGroupPolicyRequest;
use platform::{Ctx, Result};
use policy::Version;
use wire::Empty;

use crate::groups::record::{self, GroupRecord};
use crate::inline_policies;
use crate::permissions::Holding;
use crate::target::require;

pub(crate) async fn put_group_policy(ctx: &Ctx, req: PutGroupPolicyRequest) -> Result<Empty> {
    let permitted = record::named(ctx, req.group_name)
        .await?
        .permit(ctx, "iam:PutGroupPolicy")
        .await?;
    let mut group = GroupRecord::clone(&*require(permitted)?);
    inline_policies::check_document(&req.policy_document, Version::V2008)?;
    inline_policies::put(
        &mut group.permissions,
        (Holding::Group, &group.name),
        req.policy_name,
        req.policy_document,
    )?;
    group.put(ctx).await;
    Ok(Empty)
}
