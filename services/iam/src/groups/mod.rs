//! Groups of users: their records, and the operations on them, their users and policies.

mod add_user_to_group;
mod attach_group_policy;
mod create_group;
mod delete_group;
mod delete_group_policy;
mod detach_group_policy;
mod get_group;
mod get_group_policy;
mod list_attached_group_policies;
mod list_group_policies;
mod list_groups;
pub(crate) mod members;
mod put_group_policy;
pub(crate) mod record;
mod remove_user_from_group;
mod update_group;

use platform::Service;

pub(crate) use record::GroupRecord;

/// Adds the operations on groups.
pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<api::iam::AddUserToGroup>(add_user_to_group::add_user_to_group)
        .op::<api::iam::AttachGroupPolicy>(attach_group_policy::attach_group_policy)
        .op::<api::iam::CreateGroup>(create_group::create_group)
        .op::<api::iam::DeleteGroup>(delete_group::delete_group)
        .op::<api::iam::DeleteGroupPolicy>(delete_group_policy::delete_group_policy)
        .op::<api::iam::DetachGroupPolicy>(detach_group_policy::detach_group_policy)
        .op::<api::iam::GetGroup>(get_group::get_group)
        .op::<api::iam::GetGroupPolicy>(get_group_policy::get_group_policy)
        .op::<api::iam::ListAttachedGroupPolicies>(
            list_attached_group_policies::list_attached_group_policies,
        )
        .op::<api::iam::ListGroupPolicies>(list_group_policies::list_group_policies)
        .op::<api::iam::ListGroups>(list_groups::list_groups)
        .op::<api::iam::PutGroupPolicy>(put_group_policy::put_group_policy)
        .op::<api::iam::RemoveUserFromGroup>(remove_user_from_group::remove_user_from_group)
        .op::<api::iam::UpdateGroup>(update_group::update_group)
}
