//! `organizations:DeleteOrganization`: ends an organization that has no other account left.

use api::organizations::OrganizationNotEmptyException;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{About, Reach, permit};
use crate::delegation::record::ResourcePolicyRecord;
use crate::handshakes;
use crate::organization::record::{MemberRecord, OrganizationRecord};
use crate::policies::record::PolicyRecord;

pub(crate) async fn delete_organization(ctx: &Ctx, _: Empty) -> Result<Empty> {
    let action = "organizations:DeleteOrganization";
    let permitted = permit(ctx, action, Reach::Management, About::everything()).await?;
    let organization = permitted.organization();
    if organization.accounts.len() > 1 {
        let message = "To delete an organization you must first remove all member accounts \
                       (except the management account).";
        return Err(OrganizationNotEmptyException::new(message).into());
    }
    for policy in PolicyRecord::all(ctx, organization).await? {
        ctx.delete::<PolicyRecord>(&PolicyRecord::key(organization, &policy.id))
            .await;
    }
    ctx.delete::<ResourcePolicyRecord>(&ResourcePolicyRecord::key(organization))
        .await;
    handshakes::withdraw_all(ctx, organization).await?;
    let management = &organization.management_account;
    ctx.delete::<MemberRecord>(&MemberRecord::key(management))
        .await;
    ctx.delete::<OrganizationRecord>(&OrganizationRecord::key(management))
        .await;
    Ok(Empty)
}
