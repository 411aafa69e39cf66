//! `ssm:PutResourcePolicy`: shares an advanced parameter with other accounts.

use api::ssm::{PutResourcePolicyRequest, PutResourcePolicyResponse};
use platform::{Ctx, Derived, Result};

use crate::parameter::ParameterRecord;
use crate::sharing;

pub(crate) async fn put_resource_policy(
    ctx: &Ctx,
    req: PutResourcePolicyRequest,
) -> Result<PutResourcePolicyResponse> {
    let action = "ssm:PutResourcePolicy";
    let (place, record) = sharing::shared(ctx, action, &req.resource_arn).await?;
    let named = (req.policy_id.as_deref(), req.policy_hash.as_deref());
    let new = sharing::replaced(ctx, &record, &req.policy, named).await?;
    let answer = PutResourcePolicyResponse {
        policy_id: Some(new.id.clone()),
        policy_hash: Some(new.hash.clone()),
    };
    let record = ParameterRecord {
        sharing: Some(new),
        parsed: Derived::default(),
        ..ParameterRecord::clone(&record)
    };
    ctx.put(place.key(), record).await;
    Ok(answer)
}
