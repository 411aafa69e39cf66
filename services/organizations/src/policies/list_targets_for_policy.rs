//! `organizations:ListTargetsForPolicy`: shows what a policy is attached to.

use api::organizations::{
    ListTargetsForPolicyRequest, ListTargetsForPolicyResponse, PolicyTargetSummary, TargetType,
};
use platform::{Ctx, Result};

use crate::access::{About, Reach, permit};
use crate::accounts::known;
use crate::organization::record::OrganizationRecord;
use crate::page::{Wanted, page};

pub(crate) async fn list_targets_for_policy(
    ctx: &Ctx,
    req: ListTargetsForPolicyRequest,
) -> Result<ListTargetsForPolicyResponse> {
    let about = About::id(&req.policy_id);
    let action = "organizations:ListTargetsForPolicy";
    let permitted = permit(ctx, action, Reach::Reader, about).await?;
    let policy = permitted.policy()?;
    let organization = permitted.organization();
    let targets = organization.attachments.iter().filter(|(_, attached)| {
        let mut ids = attached.iter().map(|one| &one.policy_id);
        ids.any(|id| *id == policy.id)
    });
    let ids = targets.map(|(id, _)| id.clone()).collect();
    let wanted = Wanted {
        next_token: req.next_token,
        max_results: req.max_results,
    };
    let (ids, next_token) = page(ids, String::clone, &wanted)?;
    let mut targets = Vec::with_capacity(ids.len());
    for id in ids {
        targets.push(shown(ctx, organization, id).await?);
    }
    Ok(ListTargetsForPolicyResponse {
        targets: Some(targets),
        next_token,
    })
}

async fn shown(
    ctx: &Ctx,
    organization: &OrganizationRecord,
    id: String,
) -> Result<PolicyTargetSummary> {
    let (name, kind) = match organization.units.get(&id) {
        Some(unit) => (Some(unit.name.clone()), TargetType::OrganizationalUnit),
        None if id == organization.root_id => (Some("Root".to_owned()), TargetType::Root),
        None => {
            let account = known::of(ctx, &id).await?;
            (known::text(account.name), TargetType::Account)
        }
    };
    Ok(PolicyTargetSummary {
        arn: Some(organization.arn(&id)),
        target_id: Some(id),
        name,
        r#type: Some(kind),
    })
}
