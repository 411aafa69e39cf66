//! `organizations:DescribeEffectivePolicy`: shows what the management policies of a type come to for
//! an account.

use api::organizations::{
    DescribeEffectivePolicyRequest, DescribeEffectivePolicyResponse, EffectivePolicy,
    EffectivePolicyNotFoundException,
};
use platform::{Ctx, Error, Result};
use wire::Timestamp;

use crate::access::{About, Permitted, Reach, permit};
use crate::policies::effective::Merged;
use crate::policies::record::PolicyRecord;
use crate::refusals;

pub(crate) async fn describe_effective_policy(
    ctx: &Ctx,
    req: DescribeEffectivePolicyRequest,
) -> Result<DescribeEffectivePolicyResponse> {
    let kind = req.policy_type.as_str();
    let target = req.target_id.unwrap_or_else(|| ctx.account().to_owned());
    let about = About {
        policy_type: Some(kind),
        ..About::id(&target)
    };
    // Every account may ask about itself.
    let reach = if target == ctx.account() {
        Reach::Member
    } else {
        Reach::Reader
    };
    let permitted = permit(ctx, "organizations:DescribeEffectivePolicy", reach, about).await?;
    let organization = permitted.organization();
    if organization.is_parent(&target) {
        return Err(refusals::invalid(
            "TARGET_NOT_SUPPORTED",
            "You can't perform the specified operation on that target entity.",
        ));
    }
    if !organization.accounts.contains_key(&target) {
        return Err(refusals::no_target());
    }
    let (policy_content, updated_millis) = merged(ctx, &permitted, &target, kind)
        .await?
        .ok_or_else(|| {
            let message = "No effective policy of the specified type exists for the account.";
            EffectivePolicyNotFoundException::new(message)
        })?;
    Ok(DescribeEffectivePolicyResponse {
        effective_policy: Some(EffectivePolicy {
            policy_content: Some(policy_content),
            last_updated_timestamp: Some(Timestamp {
                millis: updated_millis,
            }),
            target_id: Some(target),
            policy_type: Some(req.policy_type),
        }),
    })
}

/// What all levels come to, and when a policy among them last changed; none without any policy.
async fn merged(
    ctx: &Ctx,
    permitted: &Permitted,
    account: &str,
    kind: &str,
) -> Result<Option<(String, i64)>> {
    let organization = permitted.organization();
    let mut merged = Merged::default();
    let mut updated = None;
    for level in organization.line(account) {
        let attached = organization.attachments.get(&level).into_iter().flatten();
        let mut documents = Vec::new();
        for one in attached.filter(|one| one.kind == kind) {
            let policy = PolicyRecord::find(ctx, organization, &one.policy_id).await?;
            let policy = policy.ok_or_else(|| Error::dangling("a policy"))?;
            updated = updated.max(Some(policy.updated_millis));
            documents.push(policy.content.clone());
        }
        merged.add_level(&documents);
    }
    Ok(updated.map(|updated| (merged.text(), updated)))
}
