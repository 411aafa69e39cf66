//! `organizations:CreateAccount`: makes an account in the organization's root, with a role by which
//! the management account enters it.

use api::organizations::{CreateAccountRequest, CreateAccountResponse};
use platform::{Ctx, Founding, Result};

use crate::access::{About, Reach, permit};
use crate::accounts::status::CreateAccountRecord;
use crate::ids::{self, Kind};
use crate::organization::record::{MemberAccount, MemberRecord, OrganizationRecord};
use crate::organization::tree::MAX_ACCOUNTS;
use crate::{refusals, tags};

/// The role's name unless the caller chooses one.
const DEFAULT_ROLE: &str = "OrganizationAccountAccessRole";

pub(crate) async fn create_account(
    ctx: &Ctx,
    req: CreateAccountRequest,
) -> Result<CreateAccountResponse> {
    let tags = tags::pairs(req.tags);
    let about = About {
        tags: &tags,
        ..About::everything()
    };
    let action = "organizations:CreateAccount";
    let permitted = permit(ctx, action, Reach::Management, about).await?;
    tags::permit_giving(ctx, &tags).await?;
    tags::check(&tags)?;
    let role_name = req.role_name.as_deref().unwrap_or(DEFAULT_ROLE);
    if role_name.starts_with("AWSServiceRoleFor") {
        return Err(refusals::invalid(
            "INVALID_ROLE_NAME",
            "You provided a role name that isn't valid. A role name can't begin with the reserved \
             prefix AWSServiceRoleFor.",
        ));
    }
    let mut organization = permitted.draft();
    if organization.accounts.len() >= MAX_ACCOUNTS {
        return Err(refusals::constraint(
            "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
            refusals::TOO_MANY_ACCOUNTS,
        ));
    }
    let account = found(
        ctx,
        &organization,
        (&req.account_name, &req.email),
        role_name,
    )
    .await?;
    if let Some(account) = &account {
        join(ctx, &mut organization, account, false).await;
        tags::give(&mut organization, account, tags);
    }
    let request = CreateAccountRecord {
        id: ids::new(Kind::CreateAccountRequest, ctx.random())?,
        account_name: req.account_name.to_string(),
        account,
        requested_millis: ctx.now.millis,
    };
    let shown = request.shown();
    request.put(ctx, &organization).await;
    organization.put(ctx).await;
    Ok(CreateAccountResponse {
        create_account_status: Some(shown),
    })
}

/// The number of the new account; none if another one has the e-mail address.
async fn found(
    ctx: &Ctx,
    organization: &OrganizationRecord,
    (name, email): (&str, &str),
    role_name: &str,
) -> Result<Option<String>> {
    let founding = Founding {
        name,
        email,
        role_name: Some(role_name),
        management_account: Some(&organization.management_account),
        now: ctx.now,
        random: ctx.random(),
    };
    let (directory, mut txn) = ctx.directory().await;
    Ok(directory.found(&mut txn, founding).await?.ok())
}

/// Puts an account into the root of the organization.
pub(crate) async fn join(
    ctx: &Ctx,
    organization: &mut OrganizationRecord,
    account: &str,
    invited: bool,
) {
    let member = MemberAccount {
        parent: organization.root_id.clone(),
        invited,
        joined_millis: ctx.now.millis,
        closed_millis: None,
    };
    organization.add_account(account, member);
    let record = MemberRecord {
        organization_id: organization.id.clone(),
        management_account: organization.management_account.clone(),
    };
    ctx.put(MemberRecord::key(account), record).await;
}
