//! The password policy of an account.

mod delete_account_password_policy;
mod get_account_password_policy;
pub(crate) mod record;
mod update_account_password_policy;

use platform::Service;

/// Adds the operations.
pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<api::iam::DeleteAccountPasswordPolicy>(
            delete_account_password_policy::delete_account_password_policy,
        )
        .op::<api::iam::GetAccountPasswordPolicy>(
            get_account_password_policy::get_account_password_policy,
        )
        .op::<api::iam::UpdateAccountPasswordPolicy>(
            update_account_password_policy::update_account_password_policy,
        )
}
