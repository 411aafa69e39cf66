//! Access keys of users and of the root user.

mod create_access_key;
mod delete_access_key;
mod get_access_key_last_used;
mod list_access_keys;
pub(crate) mod record;
mod update_access_key;

use platform::Service;

/// Adds the operations on access keys.
pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<api::iam::CreateAccessKey>(create_access_key::create_access_key)
        .op::<api::iam::DeleteAccessKey>(delete_access_key::delete_access_key)
        .op::<api::iam::GetAccessKeyLastUsed>(get_access_key_last_used::get_access_key_last_used)
        .op::<api::iam::ListAccessKeys>(list_access_keys::list_access_keys)
        .op::<api::iam::UpdateAccessKey>(update_access_key::update_access_key)
}
