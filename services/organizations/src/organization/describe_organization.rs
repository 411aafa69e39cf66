//! `organizations:DescribeOrganization`: shows the organization of the caller's account.

use api::organizations::{
    DescribeOrganizationResponse, Organization, OrganizationFeatureSet, PolicyType,
    PolicyTypeStatus, PolicyTypeSummary,
};
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{About, Reach, permit};
use crate::accounts::known;
use crate::organization::record::OrganizationRecord;

pub(crate) async fn describe_organization(
    ctx: &Ctx,
    _: Empty,
) -> Result<DescribeOrganizationResponse> {
    let action = "organizations:DescribeOrganization";
    let permitted = permit(ctx, action, Reach::Member, About::everything()).await?;
    let organization = shown(ctx, permitted.organization()).await?;
    Ok(DescribeOrganizationResponse {
        organization: Some(organization),
    })
}

/// The organization as AWS shows it.
pub(crate) async fn shown(ctx: &Ctx, organization: &OrganizationRecord) -> Result<Organization> {
    let management = &organization.management_account;
    let account = known::of(ctx, management).await?;
    let (features, available) = if organization.all_features {
        // AWS calls this member incomplete and names no other type in it.
        let summary = PolicyTypeSummary {
            r#type: Some(PolicyType::ServiceControlPolicy),
            status: Some(PolicyTypeStatus::Enabled),
        };
        (OrganizationFeatureSet::All, vec![summary])
    } else {
        (OrganizationFeatureSet::ConsolidatedBilling, Vec::new())
    };
    Ok(Organization {
        id: Some(organization.id.clone()),
        arn: Some(organization.own_arn()),
        feature_set: Some(features),
        master_account_arn: Some(organization.arn(management)),
        master_account_id: Some(management.clone()),
        master_account_email: known::text(account.email).map(Into::into),
        available_policy_types: Some(available),
    })
}
