//! `iam:EnableOrganizationsRootSessions`: enables root sessions in member accounts.

use api::iam::{EnableOrganizationsRootSessionsRequest, EnableOrganizationsRootSessionsResponse};
use platform::{Ctx, Result};

use crate::account::root_access::{Managed, Manager};
use crate::account::whole_account;

pub(crate) async fn enable_organizations_root_sessions(
    ctx: &Ctx,
    _: EnableOrganizationsRootSessionsRequest,
) -> Result<EnableOrganizationsRootSessionsResponse> {
    whole_account(ctx, "iam:EnableOrganizationsRootSessions").await?;
    let managed = Managed::by_caller(ctx, Manager::Management).await?;
    let changed = managed.change(ctx, |features| features.sessions = true);
    let (organization_id, enabled_features) = changed.await;
    Ok(EnableOrganizationsRootSessionsResponse {
        organization_id,
        enabled_features,
    })
}
