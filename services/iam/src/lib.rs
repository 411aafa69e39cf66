//! AWS Identity and Access Management: the account, its users, their access keys and inline
//! policies.
//!
//! One operation is one file. [`Identities`] answers the two questions that the request pipeline
//! asks about callers (whose access key is this, and which policies does its owner have), and
//! [`bootstrap`] makes the account and its root access key when a store is new.
//!
//! What it never does: show the secret of an access key a second time, keep a secret in clear
//! (each is sealed once more inside its sealed record), tell a caller without permission whether a
//! user exists, or remember anything outside the store: what is derived from a record lives and
//! dies with the record, so that a change counts from the moment it is committed.

mod access_key;
mod account;
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        reason = "no operation lists or attaches managed policies yet"
    )
)]
mod aws_managed;
mod bootstrap;
mod create_access_key;
mod create_user;
mod delete_access_key;
mod delete_user;
mod delete_user_policy;
mod get_user;
mod get_user_policy;
mod identities;
mod ids;
mod list_access_keys;
mod list_user_policies;
mod list_users;
mod page;
mod put_user_policy;
mod subject;
mod update_access_key;
mod user;

pub use bootstrap::{BootstrapError, Bootstrapped, bootstrap};
pub use identities::Identities;

use platform::Service;

/// The service with all its operations.
pub fn service() -> Service {
    Service::new(&api::iam::SERVICE)
        .op::<api::iam::CreateAccessKey>(create_access_key::create_access_key)
        .op::<api::iam::CreateUser>(create_user::create_user)
        .op::<api::iam::DeleteAccessKey>(delete_access_key::delete_access_key)
        .op::<api::iam::DeleteUser>(delete_user::delete_user)
        .op::<api::iam::DeleteUserPolicy>(delete_user_policy::delete_user_policy)
        .op::<api::iam::GetUser>(get_user::get_user)
        .op::<api::iam::GetUserPolicy>(get_user_policy::get_user_policy)
        .op::<api::iam::ListAccessKeys>(list_access_keys::list_access_keys)
        .op::<api::iam::ListUserPolicies>(list_user_policies::list_user_policies)
        .op::<api::iam::ListUsers>(list_users::list_users)
        .op::<api::iam::PutUserPolicy>(put_user_policy::put_user_policy)
        .op::<api::iam::UpdateAccessKey>(update_access_key::update_access_key)
}
