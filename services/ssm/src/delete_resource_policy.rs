//! `ssm:DeleteResourcePolicy`: ends the sharing of a parameter.

use api::ssm::{DeleteResourcePolicyRequest, DeleteResourcePolicyResponse};
use platform::{Ctx, Derived, Result};

use crate::parameter::ParameterRecord;
use crate::sharing;

pub(crate) async fn delete_resource_policy(
    ctx: &Ctx,
    req: DeleteResourcePolicyRequest,
) -> Result<DeleteResourcePolicyResponse> {
    let action = "ssm:DeleteResourcePolicy";
    let (place, record) = sharing::shared(ctx, action, &req.resource_arn).await?;
    sharing::named(&record, &req.policy_id, &req.policy_hash)?;
    let record = ParameterRecord {
        sharing: None,
        parsed: Derived::default(),
        ..ParameterRecord::clone(&record)
    };
    ctx.put(place.key(), record).await;
    Ok(DeleteResourcePolicyResponse {})
}
