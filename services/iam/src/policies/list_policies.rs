//! `iam:ListPolicies`: shows the managed policies that the account sees.

use api::iam::{ListPoliciesRequest, ListPoliciesResponse, PolicyScopeType, PolicyUsageType};
use platform::{Ctx, Result};

use crate::aws_managed;
use crate::page::{Wanted, page};
use crate::policies::managed::Managed;
use crate::policies::record::{ManagedPolicyRecord, PolicyUse};
use crate::policies::target::PolicyTarget;

pub(crate) async fn list_policies(
    ctx: &Ctx,
    req: ListPoliciesRequest,
) -> Result<ListPoliciesResponse> {
    let prefix = req.path_prefix.as_deref().unwrap_or("/");
    PolicyTarget::below(ctx, prefix)
        .permit(ctx, "iam:ListPolicies")
        .await?;

    let mut policies = Vec::new();
    for policy in in_scope(ctx, req.scope.unwrap_or(PolicyScopeType::All)).await? {
        if !policy.path().starts_with(prefix) {
            continue;
        }
        let used = PolicyUse::of(ctx, &policy.arn()).await?;
        if is_wanted(&used, req.only_attached, req.policy_usage_filter) {
            policies.push((policy.arn(), policy));
        }
    }
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    // A policy of the account may have the name of one of AWS's, so the order is that of ARNs.
    let paged = page(policies, |(arn, _)| arn, &wanted);
    let mut listed = Vec::with_capacity(paged.items.len());
    for (_, policy) in &paged.items {
        listed.push(policy.listed(ctx).await?);
    }
    Ok(ListPoliciesResponse {
        policies: Some(listed),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}

async fn in_scope(ctx: &Ctx, scope: PolicyScopeType) -> Result<Vec<Managed>> {
    let mut policies = Vec::new();
    if scope != PolicyScopeType::Local {
        policies.extend(aws_managed::all().iter().map(Managed::Aws));
    }
    if scope != PolicyScopeType::Aws {
        let prefix = ManagedPolicyRecord::prefix(ctx.account());
        let own = ctx.scan_all::<ManagedPolicyRecord>(&prefix).await?;
        policies.extend(own.into_iter().map(|(_, own)| Managed::Own(own)));
    }
    Ok(policies)
}

/// Whether a policy that is used so often is asked for.
fn is_wanted(used: &PolicyUse, only_attached: bool, usage: Option<PolicyUsageType>) -> bool {
    if !only_attached && usage.is_none() {
        return true;
    }
    match usage {
        Some(PolicyUsageType::PermissionsPolicy) => used.attachments > 0,
        Some(PolicyUsageType::PermissionsBoundary) => used.boundaries > 0,
        None => used.attachments > 0 || used.boundaries > 0,
    }
}
