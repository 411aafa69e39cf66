//! `iam:EnableOrganizationsRootCredentialsManagement`: enables the management of members' root
//! credentials.

use api::iam::{
    EnableOrganizationsRootCredentialsManagementRequest,
    EnableOrganizationsRootCredentialsManagementResponse,
};
use platform::{Ctx, Result};

use crate::account::root_access::{Managed, Manager};
use crate::account::whole_account;

pub(crate) async fn enable_organizations_root_credentials_management(
    ctx: &Ctx,
    _: EnableOrganizationsRootCredentialsManagementRequest,
) -> Result<EnableOrganizationsRootCredentialsManagementResponse> {
    whole_account(ctx, "iam:EnableOrganizationsRootCredentialsManagement").await?;
    let managed = Managed::by_caller(ctx, Manager::Management).await?;
    let changed = managed.change(ctx, |features| features.credentials_management = true);
    let (organization_id, enabled_features) = changed.await;
    Ok(EnableOrganizationsRootCredentialsManagementResponse {
        organization_id,
        enabled_features,
    })
}
