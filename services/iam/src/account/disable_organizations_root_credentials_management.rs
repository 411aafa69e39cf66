//! `iam:DisableOrganizationsRootCredentialsManagement`: disables the management of members' root
//! credentials.

use api::iam::{
    DisableOrganizationsRootCredentialsManagementRequest,
    DisableOrganizationsRootCredentialsManagementResponse,
};
use platform::{Ctx, Result};

use crate::account::root_access::{Managed, Manager};
use crate::account::whole_account;

pub(crate) async fn disable_organizations_root_credentials_management(
    ctx: &Ctx,
    _: DisableOrganizationsRootCredentialsManagementRequest,
) -> Result<DisableOrganizationsRootCredentialsManagementResponse> {
    whole_account(ctx, "iam:DisableOrganizationsRootCredentialsManagement").await?;
    let managed = Managed::by_caller(ctx, Manager::Delegated).await?;
    let changed = managed.change(ctx, |features| features.credentials_management = false);
    let (organization_id, enabled_features) = changed.await;
    Ok(DisableOrganizationsRootCredentialsManagementResponse {
        organization_id,
        enabled_features,
    })
}
