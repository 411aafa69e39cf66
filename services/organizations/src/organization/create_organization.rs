//! `organizations:CreateOrganization`: makes the caller's account the management account of a new
//! organization.

use api::organizations::{
    AlreadyInOrganizationException, CreateOrganizationRequest, CreateOrganizationResponse,
    OrganizationFeatureSet,
};
use platform::{Ctx, Everything, Result};

use crate::ids::{self, Kind};
use crate::organization::describe_organization::shown;
use crate::organization::record::{MemberAccount, MemberRecord, OrganizationRecord};

pub(crate) async fn create_organization(
    ctx: &Ctx,
    req: CreateOrganizationRequest,
) -> Result<CreateOrganizationResponse> {
    let account = ctx.account().to_owned();
    let everything = Everything {
        account: account.clone(),
    };
    ctx.authorize("organizations:CreateOrganization", everything)
        .decide()
        .await?;
    if MemberRecord::of(ctx, &account).await?.is_some() {
        let message = "The AWS account is already a member of an organization.";
        return Err(AlreadyInOrganizationException::new(message).into());
    }
    let id = ids::new(Kind::Organization, ctx.random())?;
    let root_id = ids::new(Kind::Root, ctx.random())?;
    let mut organization = OrganizationRecord::new(&id, &root_id, &account);
    organization.all_features =
        req.feature_set != Some(OrganizationFeatureSet::ConsolidatedBilling);
    let management = MemberAccount {
        parent: root_id,
        invited: true,
        joined_millis: ctx.now.millis,
        closed_millis: None,
    };
    organization.add_account(&account, management);
    let member = MemberRecord {
        organization_id: id,
        management_account: account.clone(),
    };
    ctx.put(MemberRecord::key(&account), member).await;
    let shown = shown(ctx, &organization).await?;
    organization.put(ctx).await;
    Ok(CreateOrganizationResponse {
        organization: Some(shown),
    })
}
