//! `organizations:PutResourcePolicy`: sets the delegation policy.

use api::organizations::{PutResourcePolicyRequest, PutResourcePolicyResponse};
use platform::{Ctx, Derived, Error, Result, UnknownPrincipal};
use policy::{NamedPrincipal, Policy, PolicyKind};
use serde_json::Value;

use crate::access::{About, Reach, permit};
use crate::delegation::record::ResourcePolicyRecord;
use crate::ids::{self, Kind};
use crate::{refusals, tags};

/// What can be delegated ("Delegated administrator for AWS Organizations", Organizations user guide).
const DELEGABLE: [&str; 27] = [
    "AttachPolicy",
    "CreatePolicy",
    "DeletePolicy",
    "DescribeAccount",
    "DescribeCreateAccountStatus",
    "DescribeEffectivePolicy",
    "DescribeOrganization",
    "DescribeOrganizationalUnit",
    "DescribePolicy",
    "DescribeResourcePolicy",
    "DetachPolicy",
    "DisablePolicyType",
    "EnablePolicyType",
    "ListAWSServiceAccessForOrganization",
    "ListAccounts",
    "ListAccountsForParent",
    "ListChildren",
    "ListOrganizationalUnitsForParent",
    "ListParents",
    "ListPolicies",
    "ListPoliciesForTarget",
    "ListRoots",
    "ListTagsForResource",
    "ListTargetsForPolicy",
    "TagResource",
    "UntagResource",
    "UpdatePolicy",
];

pub(crate) async fn put_resource_policy(
    ctx: &Ctx,
    req: PutResourcePolicyRequest,
) -> Result<PutResourcePolicyResponse> {
    let tags = tags::pairs(req.tags);
    let about = About {
        tags: &tags,
        ..About::id("rp-*")
    };
    let action = "organizations:PutResourcePolicy";
    let permitted = permit(ctx, action, Reach::Management, about).await?;
    tags::permit_giving(ctx, &tags).await?;
    tags::check(&tags)?;
    let mut organization = permitted.draft();
    if !organization.all_features {
        return Err(refusals::not_all_features());
    }
    let content = bound(ctx, &req.content).await?;
    let known = ResourcePolicyRecord::get(ctx, &organization).await?;
    let id = match known {
        Some(known) => known.id.clone(),
        None => ids::new(Kind::ResourcePolicy, ctx.random())?,
    };
    organization.resource_policy = Some(id.clone());
    tags::give(&mut organization, &id, tags);
    let record = ResourcePolicyRecord {
        id,
        content,
        parsed: Derived::default(),
    };
    let shown = record.shown(ctx, &organization).await?;
    ctx.put(ResourcePolicyRecord::key(&organization), record)
        .await;
    organization.put(ctx).await;
    Ok(PutResourcePolicyResponse {
        resource_policy: Some(shown),
    })
}

/// The text of a delegation policy as it is kept: users and roles stand in it by unique id, so that
/// a name that somebody takes later is delegated nothing.
async fn bound(ctx: &Ctx, content: &str) -> Result<String> {
    let policy = check(content)?;
    let bound = ctx.bind_principals(content, &policy).await?;
    bound.map_err(|UnknownPrincipal(_)| bad_principal())
}

fn bad_principal() -> Error {
    refusals::invalid(
        "INVALID_PRINCIPAL",
        "You specified an invalid principal element in the policy.",
    )
}

/// Refuses what is no delegation policy.
fn check(content: &str) -> Result<Policy> {
    let policy = Policy::parse(content, PolicyKind::Resource).map_err(|_| {
        let message = "You provided a resource policy that isn't valid JSON.";
        refusals::invalid("INVALID_RESOURCE_POLICY_JSON", message)
    })?;
    let names_accounts = |principal: &NamedPrincipal| {
        matches!(
            principal,
            NamedPrincipal::Account(_) | NamedPrincipal::Arn(_)
        )
    };
    if !policy.principals().all(names_accounts) {
        return Err(bad_principal());
    }
    if !actions(content).iter().all(|action| is_delegable(action)) {
        return Err(refusals::invalid(
            "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY",
            "You specified an action that isn't supported in a resource policy.",
        ));
    }
    Ok(policy)
}

/// The texts of all `Action` elements; one that is left to guess, `NotAction`, is never delegable.
fn actions(content: &str) -> Vec<String> {
    let document: Value = serde_json::from_str(content).unwrap_or_default();
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(single) => vec![single.clone()],
        None => Vec::new(),
    };
    let mut found = Vec::new();
    for statement in &statements {
        match statement.get("Action") {
            Some(Value::String(action)) => found.push(action.clone()),
            Some(Value::Array(actions)) => {
                let texts = actions.iter().filter_map(Value::as_str);
                found.extend(texts.map(str::to_owned));
            }
            _ => found.push("*".to_owned()),
        }
    }
    found
}

fn is_delegable(action: &str) -> bool {
    let Some((service, name)) = action.split_once(':') else {
        return false;
    };
    let mut known = DELEGABLE.iter();
    service.eq_ignore_ascii_case("organizations")
        && match name.strip_suffix('*') {
            Some(start) => known.any(|known| starts(known, start)),
            None => known.any(|known| known.eq_ignore_ascii_case(name)),
        }
}

fn starts(known: &str, start: &str) -> bool {
    let head = known.get(..start.len());
    !start.is_empty() && head.is_some_and(|head| head.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_management_of_policies_can_be_delegated() {
        for action in [
            "organizations:CreatePolicy",
            "organizations:updatepolicy",
            "organizations:List*",
        ] {
            assert!(is_delegable(action), "{action}");
        }
        for action in [
            "*",
            "organizations:*",
            "organizations:CloseAccount",
            "organizations:MoveAccount",
            "iam:List*",
            "organizations:PutResourcePolicy",
        ] {
            assert!(!is_delegable(action), "{action}");
        }
    }
}
