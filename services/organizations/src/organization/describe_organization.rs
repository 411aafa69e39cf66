//! `organizations:DescribeOrganization`: shows the organization of the caller's account.

use std::borrow::Cow;

use api::organizations::{
    DescribeOrganizationResponse, Organization, OrganizationFeatureSet, PolicyType,
    PolicyTypeStatus, PolicyTypeSummary,
};
use platform::{Ctx, Resource, Result};
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
    let described = permitted.organization();
    // Seen on record in the management account alone.
    if described.management_account == ctx.account() {
        ctx.involve(&Described(described));
    }
    let organization = shown(ctx, described).await?;
    Ok(DescribeOrganizationResponse {
        organization: Some(organization),
    })
}

/// An organization, as the call's event lists it.
struct Described<'a>(&'a OrganizationRecord);

impl Resource for Described<'_> {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Owned(self.0.own_arn())
    }

    fn account(&self) -> &str {
        &self.0.management_account
    }

    fn audit_type(&self) -> Option<&'static str> {
        Some("AWS::Organizations::Organization")
    }
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
