//! Users: their records, and the operations on them and their inline policies.

mod create_user;
mod delete_user;
mod delete_user_policy;
mod get_user;
mod get_user_policy;
mod list_user_policies;
mod list_users;
mod put_user_policy;
pub(crate) mod record;
pub(crate) mod subject;

use platform::Service;

pub(crate) use record::UserRecord;

/// Adds the operations on users.
pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<api::iam::CreateUser>(create_user::create_user)
        .op::<api::iam::DeleteUser>(delete_user::delete_user)
        .op::<api::iam::DeleteUserPolicy>(delete_user_policy::delete_user_policy)
        .op::<api::iam::GetUser>(get_user::get_user)
        .op::<api::iam::GetUserPolicy>(get_user_policy::get_user_policy)
        .op::<api::iam::ListUserPolicies>(list_user_policies::list_user_policies)
        .op::<api::iam::ListUsers>(list_users::list_users)
        .op::<api::iam::PutUserPolicy>(put_user_policy::put_user_policy)
}
