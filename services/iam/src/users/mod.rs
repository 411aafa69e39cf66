//! Users: their records, and the operations on them, their policies, boundaries and tags.

mod attach_user_policy;
mod create_user;
mod delete_user;
mod delete_user_permissions_boundary;
mod delete_user_policy;
mod detach_user_policy;
mod get_user;
mod get_user_policy;
mod list_attached_user_policies;
mod list_groups_for_user;
mod list_user_policies;
mod list_user_tags;
mod list_users;
mod put_user_permissions_boundary;
mod put_user_policy;
pub(crate) mod record;
pub(crate) mod subject;
mod tag_user;
mod untag_user;
mod update_user;

use platform::Service;

pub(crate) use record::UserRecord;

/// Adds the operations on users.
pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<api::iam::AttachUserPolicy>(attach_user_policy::attach_user_policy)
        .op::<api::iam::CreateUser>(create_user::create_user)
        .op::<api::iam::DeleteUser>(delete_user::delete_user)
        .op::<api::iam::DeleteUserPermissionsBoundary>(
            delete_user_permissions_boundary::delete_user_permissions_boundary,
        )
        .op::<api::iam::DeleteUserPolicy>(delete_user_policy::delete_user_policy)
        .op::<api::iam::DetachUserPolicy>(detach_user_policy::detach_user_policy)
        .op::<api::iam::GetUser>(get_user::get_user)
        .op::<api::iam::GetUserPolicy>(get_user_policy::get_user_policy)
        .op::<api::iam::ListAttachedUserPolicies>(
            list_attached_user_policies::list_attached_user_policies,
        )
        .op::<api::iam::ListGroupsForUser>(list_groups_for_user::list_groups_for_user)
        .op::<api::iam::ListUserPolicies>(list_user_policies::list_user_policies)
        .op::<api::iam::ListUserTags>(list_user_tags::list_user_tags)
        .op::<api::iam::ListUsers>(list_users::list_users)
        .op::<api::iam::PutUserPermissionsBoundary>(
            put_user_permissions_boundary::put_user_permissions_boundary,
        )
        .op::<api::iam::PutUserPolicy>(put_user_policy::put_user_policy)
        .op::<api::iam::TagUser>(tag_user::tag_user)
        .op::<api::iam::UntagUser>(untag_user::untag_user)
        .op::<api::iam::UpdateUser>(update_user::update_user)
}
