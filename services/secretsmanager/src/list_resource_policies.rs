//! `secretsmanager:ListResourcePolicies`: the names of a secret's policies.

use api::secretsmanager::{
    ListResourcePoliciesRequest, ListResourcePoliciesResponse, ResourcePolicySummary,
};
use platform::{Ctx, Result};

use crate::access::{self, Asked};
use crate::{policies, refusals};

/// The most policies of a page.
const MOST: usize = 100;

pub(crate) async fn list_resource_policies(
    ctx: &Ctx,
    req: ListResourcePoliciesRequest,
) -> Result<ListResourcePoliciesResponse> {
    let action = "secretsmanager:ListResourcePolicies";
    let secret = access::live(ctx, action, &req.secret_id, Asked::default()).await?;
    let most = req.max_results.and_then(|most| usize::try_from(most).ok());
    let most = most.unwrap_or(MOST).min(MOST);
    let names = policies::names(ctx, &secret).await?;
    let mut rest = names.iter();
    if let Some(token) = &req.next_token {
        rest.find(|name| *name == token)
            .ok_or_else(refusals::bad_token)?;
    }
    let page: Vec<&&str> = rest.by_ref().take(most).collect();
    let last = page.last().filter(|_| rest.len() > 0);
    Ok(ListResourcePoliciesResponse {
        next_token: last.map(|last| (**last).to_owned()),
        resource_policies: Some(page.into_iter().map(|name| summary(name)).collect()),
    })
}

fn summary(name: &str) -> ResourcePolicySummary {
    ResourcePolicySummary {
        policy_name: Some(name.to_owned()),
    }
}
