//! `iam:ListOrganizationsFeatures`: shows the centralized root access of the organization.

use api::iam::{ListOrganizationsFeaturesRequest, ListOrganizationsFeaturesResponse};
use platform::{Ctx, Result};

use crate::account::root_access::{Managed, Manager};
use crate::account::whole_account;

pub(crate) async fn list_organizations_features(
    ctx: &Ctx,
    _: ListOrganizationsFeaturesRequest,
) -> Result<ListOrganizationsFeaturesResponse> {
    whole_account(ctx, "iam:ListOrganizationsFeatures").await?;
    let managed = Managed::by_caller(ctx, Manager::Delegated).await?;
    let (organization_id, enabled_features) = managed.described();
    Ok(ListOrganizationsFeaturesResponse {
        organization_id,
        enabled_features,
    })
}
