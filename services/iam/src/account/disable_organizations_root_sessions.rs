//! `iam:DisableOrganizationsRootSessions`: disables root sessions in member accounts.

use api::iam::{DisableOrganizationsRootSessionsRequest, DisableOrganizationsRootSessionsResponse};
use platform::{Ctx, Result};

use crate::account::root_access::{Managed, Manager};
use crate::account::whole_account;

pub(crate) async fn disable_organizations_root_sessions(
    ctx: &Ctx,
    _: DisableOrganizationsRootSessionsRequest,
) -> Result<DisableOrganizationsRootSessionsResponse> {
    whole_account(ctx, "iam:DisableOrganizationsRootSessions").await?;
    let managed = Managed::by_caller(ctx, Manager::Delegated).await?;
    let changed = managed.change(ctx, |features| features.sessions = false);
    let (organization_id, enabled_features) = changed.await;
    Ok(DisableOrganizationsRootSessionsResponse {
        organization_id,
        enabled_features,
    })
}
