//! `iam:GetContextKeysForPrincipalPolicy`: the condition keys that the policies of a user, group or
//! role refer to.

use api::iam::{GetContextKeysForPolicyResponse, GetContextKeysForPrincipalPolicyRequest};
use platform::{Ctx, Result};

use crate::simulation::entity::policies;
use crate::simulation::get_context_keys_for_custom_policy::{add, add_inputs};
use crate::simulation::subject::Subject;

pub(crate) async fn get_context_keys_for_principal_policy(
    ctx: &Ctx,
    req: GetContextKeysForPrincipalPolicyRequest,
) -> Result<GetContextKeysForPolicyResponse> {
    let subject = Subject::of_arn(ctx, &req.policy_source_arn)
        .await?
        .permit(ctx, "iam:GetContextKeysForPrincipalPolicy")
        .await?;
    let mut found = Vec::new();
    for source in policies(ctx, &subject).await?.identity {
        add(&mut found, &source.id, &source.document)?;
    }
    add_inputs(&mut found, &req.policy_input_list)?;
    Ok(GetContextKeysForPolicyResponse {
        context_key_names: Some(found),
    })
}
