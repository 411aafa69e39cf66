//! Accounts of an organization: how they begin, move, leave and end.

mod close_account;
mod create_account;
mod create_gov_cloud_account;
mod describe_account;
mod describe_create_account_status;
pub(crate) mod known;
mod leave_organization;
mod list_accounts;
mod list_accounts_for_parent;
mod list_create_account_status;
mod move_account;
mod remove_account_from_organization;
mod status;

use api::organizations::{
    CloseAccount, CreateAccount, CreateGovCloudAccount, DescribeAccount,
    DescribeCreateAccountStatus, LeaveOrganization, ListAccounts, ListAccountsForParent,
    ListCreateAccountStatus, MoveAccount, RemoveAccountFromOrganization,
};
use platform::Service;

pub(crate) use create_account::join;
pub(crate) use leave_organization::check_may_leave;

pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<CloseAccount>(close_account::close_account)
        .op::<CreateAccount>(create_account::create_account)
        .op::<CreateGovCloudAccount>(create_gov_cloud_account::create_gov_cloud_account)
        .op::<DescribeAccount>(describe_account::describe_account)
        .op::<DescribeCreateAccountStatus>(
            describe_create_account_status::describe_create_account_status,
        )
        .op::<LeaveOrganization>(leave_organization::leave_organization)
        .op::<ListAccounts>(list_accounts::list_accounts)
        .op::<ListAccountsForParent>(list_accounts_for_parent::list_accounts_for_parent)
        .op::<ListCreateAccountStatus>(list_create_account_status::list_create_account_status)
        .op::<MoveAccount>(move_account::move_account)
        .op::<RemoveAccountFromOrganization>(
            remove_account_from_organization::remove_account_from_organization,
        )
}
