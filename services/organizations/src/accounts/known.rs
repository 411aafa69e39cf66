//! What whoever keeps accounts says of them, and how AWS shows it.

use api::organizations::{Account, AccountJoinedMethod, AccountState, AccountStatus};
use platform::{Ctx, Result};
use wire::Timestamp;

use crate::organization::record::{MemberAccount, OrganizationRecord};
use crate::refusals;

/// The account of this number. Nothing is known of the name and address of an account that was
/// not made with any.
pub(crate) async fn of(ctx: &Ctx, account: &str) -> Result<platform::Account> {
    let (directory, mut txn) = ctx.directory().await;
    let found = directory.account(&mut txn, account).await?;
    Ok(found.unwrap_or_else(|| platform::Account {
        id: account.to_owned(),
        name: String::new(),
        email: String::new(),
        created_millis: 0,
        closed: false,
    }))
}

/// A member as AWS shows it.
pub(crate) async fn shown(
    ctx: &Ctx,
    organization: &OrganizationRecord,
    number: &str,
) -> Result<Account> {
    let member = organization.accounts.get(number);
    let member = member.ok_or_else(refusals::no_account)?;
    let known = of(ctx, number).await?;
    let (status, state) = status(member);
    Ok(Account {
        id: Some(number.to_owned()),
        arn: Some(organization.arn(number)),
        email: text(known.email).map(Into::into),
        name: text(known.name).map(Into::into),
        status: Some(status),
        state: Some(state),
        paths: Some(vec![organization.path(number)]),
        joined_method: Some(joined(member)),
        joined_timestamp: Some(Timestamp {
            millis: member.joined_millis,
        }),
    })
}

/// Accounts close at once here, so that no account is on its way.
pub(crate) fn status(member: &MemberAccount) -> (AccountStatus, AccountState) {
    match member.closed_millis {
        None => (AccountStatus::Active, AccountState::Active),
        Some(_) => (AccountStatus::Suspended, AccountState::Closed),
    }
}

/// How the account came in.
pub(crate) fn joined(member: &MemberAccount) -> AccountJoinedMethod {
    if member.invited {
        AccountJoinedMethod::Invited
    } else {
        AccountJoinedMethod::Created
    }
}

/// The text, unless it is empty.
pub(crate) fn text(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}
