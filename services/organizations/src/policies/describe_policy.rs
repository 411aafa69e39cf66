//! `organizations:DescribePolicy`: shows a policy with its document.

use api::organizations::{DescribePolicyRequest, DescribePolicyResponse};
use platform::{Ctx, Result};

use crate::access::{About, Reach, permit};

pub(crate) async fn describe_policy(
    ctx: &Ctx,
    req: DescribePolicyRequest,
) -> Result<DescribePolicyResponse> {
    let about = About::id(&req.policy_id);
    let permitted = permit(ctx, "organizations:DescribePolicy", Reach::Reader, about).await?;
    let policy = permitted.policy()?.shown(permitted.organization());
    Ok(DescribePolicyResponse {
        policy: Some(policy),
    })
}
