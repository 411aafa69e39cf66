//! `iam:GetContextKeysForCustomPolicy`: the condition keys that documents refer to.

use api::iam::{GetContextKeysForCustomPolicyRequest, GetContextKeysForPolicyResponse};
use platform::{Ctx, Everything, Result};
use policy::PolicyKind;

use crate::simulation::scenario::keys;

pub(crate) async fn get_context_keys_for_custom_policy(
    ctx: &Ctx,
    req: GetContextKeysForCustomPolicyRequest,
) -> Result<GetContextKeysForPolicyResponse> {
    let account = ctx.account().to_owned();
    let everything = Everything { account };
    ctx.authorize("iam:GetContextKeysForCustomPolicy", everything)
        .decide()
        .await?;
    let mut found = Vec::new();
    add_inputs(&mut found, &req.policy_input_list)?;
    Ok(GetContextKeysForPolicyResponse {
        context_key_names: Some(found),
    })
}

/// Adds the keys of the documents of `PolicyInputList`, each once.
pub(crate) fn add_inputs(found: &mut Vec<String>, documents: &[String]) -> Result<()> {
    for (index, document) in documents.iter().enumerate() {
        let id = format!("PolicyInputList.{}", index + 1);
        add(found, &id, document)?;
    }
    Ok(())
}

/// Adds the keys of one document, each once.
pub(crate) fn add(found: &mut Vec<String>, id: &str, document: &str) -> Result<()> {
    for key in keys(id, document, PolicyKind::Identity)? {
        if !found.iter().any(|known| known.eq_ignore_ascii_case(&key)) {
            found.push(key);
        }
    }
    Ok(())
}
