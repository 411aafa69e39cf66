//! Passwords of users.

mod change_password;
mod create_login_profile;
mod delete_login_profile;
mod get_login_profile;
pub(crate) mod record;
mod update_login_profile;

use platform::Service;

/// Adds the operations.
pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<api::iam::ChangePassword>(change_password::change_password)
        .op::<api::iam::CreateLoginProfile>(create_login_profile::create_login_profile)
        .op::<api::iam::DeleteLoginProfile>(delete_login_profile::delete_login_profile)
        .op::<api::iam::GetLoginProfile>(get_login_profile::get_login_profile)
        .op::<api::iam::UpdateLoginProfile>(update_login_profile::update_login_profile)
}
