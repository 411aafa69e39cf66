//! `lambda:GetPolicy`: shows the policy of a function, a version or an alias.

use api::lambda::{GetPolicyRequest, GetPolicyResponse};
use platform::{Ctx, Result};

use crate::function::PolicyRecord;
use crate::policy_subject::PolicySubject;
use crate::{access, refusals};

pub(crate) async fn get_policy(ctx: &Ctx, req: GetPolicyRequest) -> Result<GetPolicyResponse> {
    let (name, qualifier) = (req.function_name.as_str(), req.qualifier.as_deref());
    let function = access::function(ctx, "lambda:GetPolicy", name, qualifier).await?;
    let policy = PolicyRecord::get(ctx, &function.place, function.qualifier.as_deref()).await?;
    let policy = policy.ok_or_else(refusals::nothing)?;
    let subject = PolicySubject::of(ctx, &function).await?;
    Ok(GetPolicyResponse {
        policy: Some(ctx.show_principals(&policy.document()).await?),
        revision_id: Some(subject.revision_id().to_owned()),
    })
}
