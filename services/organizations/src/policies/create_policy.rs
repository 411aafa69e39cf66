//! `organizations:CreatePolicy`: keeps a policy that can be attached then.

use api::organizations::{
    CreatePolicyRequest, CreatePolicyResponse, DuplicatePolicyException,
    PolicyTypeNotAvailableForOrganizationException,
};
use platform::{Ctx, Error, Result};

use crate::access::{About, Reach, permit};
use crate::ids::{self, Kind};
use crate::organization::record::OrganizationRecord;
use crate::policies::record::PolicyRecord;
use crate::policies::{content, limits};
use crate::{refusals, tags};

pub(crate) async fn create_policy(
    ctx: &Ctx,
    req: CreatePolicyRequest,
) -> Result<CreatePolicyResponse> {
    let tags = tags::pairs(req.tags);
    let kind = req.r#type.as_str();
    let about = About {
        new_policy: true,
        policy_type: Some(kind),
        tags: &tags,
        ..About::everything()
    };
    let permitted = permit(ctx, "organizations:CreatePolicy", Reach::Delegated, about).await?;
    tags::permit_giving(ctx, &tags).await?;
    tags::check(&tags)?;
    let mut organization = permitted.draft();
    if !organization.all_features {
        return Err(unavailable());
    }
    content::check(kind, &req.content)?;
    check_name(ctx, &organization, (kind, &req.name), None).await?;
    let policy = PolicyRecord {
        id: ids::new(Kind::Policy, ctx.random())?,
        kind: kind.to_owned(),
        name: req.name,
        description: req.description,
        content: req.content,
        updated_millis: ctx.now.millis,
    };
    let shown = policy.shown(&organization);
    if !tags.is_empty() {
        tags::give(&mut organization, &policy.id, tags);
        organization.clone().put(ctx).await;
    }
    policy.put(ctx, &organization).await;
    Ok(CreatePolicyResponse {
        policy: Some(shown),
    })
}

/// Refuses the name of another policy of the type, and one policy too many.
pub(super) async fn check_name(
    ctx: &Ctx,
    organization: &OrganizationRecord,
    (kind, name): (&str, &str),
    renamed: Option<&str>,
) -> Result<()> {
    let all = PolicyRecord::all(ctx, organization).await?;
    let of_kind: Vec<_> = all.iter().filter(|policy| policy.kind == kind).collect();
    let managed = super::managed::of_kind(kind).map(|managed| managed.name);
    let mut others = of_kind
        .iter()
        .filter(|policy| Some(policy.id.as_str()) != renamed);
    if managed == Some(name) || others.any(|policy| policy.name == name) {
        let message = "A policy with the specified name and type already exists.";
        return Err(DuplicatePolicyException::new(message).into());
    }
    if renamed.is_none() && of_kind.len() >= limits::per_organization(kind) {
        return Err(refusals::constraint(
            "POLICY_NUMBER_LIMIT_EXCEEDED",
            "You have exceeded the allowed number of policies of the specified type.",
        ));
    }
    Ok(())
}

/// Consolidated billing has no policies.
pub(super) fn unavailable() -> Error {
    let message = "The specified policy type is not available for the feature set of the \
                   organization.";
    PolicyTypeNotAvailableForOrganizationException::new(message).into()
}
