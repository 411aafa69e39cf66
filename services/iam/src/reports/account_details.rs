//! What `GetAccountAuthorizationDetails` shows of each kind of thing.

use api::iam::{
    AttachedPolicy, GroupDetail, ManagedPolicyDetail, PolicyDetail, PolicyVersion, RoleDetail,
    RoleLastUsed, UserDetail,
};
use platform::{Ctx, LastCall, Result};
use wire::Timestamp;

use crate::attachments::{name_of, shown_boundary};
use crate::groups::GroupRecord;
use crate::instance_profiles::InstanceProfileRecord;
use crate::percent::percent_encoded;
use crate::permissions::Permissions;
use crate::policies::Managed;
use crate::policies::versions::Version;
use crate::roles::RoleRecord;
use crate::tags;
use crate::users::UserRecord;

/// A user with its policies and the names of its groups.
pub(crate) fn user(user: &UserRecord, groups: &[String]) -> Result<UserDetail> {
    Ok(UserDetail {
        path: Some(user.path.clone()),
        user_name: Some(user.name.clone()),
        user_id: Some(user.user_id.clone()),
        arn: Some(user.arn()),
        create_date: Some(time(user.created_millis)),
        user_policy_list: some(inline(&user.permissions)?),
        group_list: Some(groups.to_vec()),
        attached_managed_policies: Some(attached(&user.permissions)),
        permissions_boundary: shown_boundary(&user.permissions),
        tags: Some(tags::shown(&user.tags)),
    })
}

/// A group with its policies.
pub(crate) fn group(group: &GroupRecord) -> Result<GroupDetail> {
    Ok(GroupDetail {
        path: Some(group.path.clone()),
        group_name: Some(group.name.clone()),
        group_id: Some(group.group_id.clone()),
        arn: Some(group.arn()),
        create_date: Some(time(group.created_millis)),
        group_policy_list: Some(inline(&group.permissions)?),
        attached_managed_policies: Some(attached(&group.permissions)),
    })
}

/// A role with its policies and instance profiles, and its last call if it made one.
pub(crate) async fn role(
    ctx: &Ctx,
    role: &RoleRecord,
    last: Option<&LastCall>,
) -> Result<RoleDetail> {
    let mut profiles = Vec::new();
    for profile in InstanceProfileRecord::of_role(ctx, &role.name).await? {
        profiles.push(profile.listed(ctx).await?);
    }
    Ok(RoleDetail {
        path: Some(role.path.clone()),
        role_name: Some(role.name.clone()),
        role_id: Some(role.role_id.clone()),
        arn: Some(role.arn()),
        create_date: Some(time(role.created_millis)),
        assume_role_policy_document: role.outlined(ctx).await?.assume_role_policy_document,
        instance_profile_list: Some(profiles),
        role_policy_list: Some(inline(&role.permissions)?),
        attached_managed_policies: Some(attached(&role.permissions)),
        permissions_boundary: shown_boundary(&role.permissions),
        tags: Some(tags::shown(&role.tags)),
        role_last_used: Some(RoleLastUsed {
            last_used_date: last.map(|call| call.at),
            region: last.map(|call| call.region.clone()),
        }),
    })
}

/// A managed policy with all its versions.
pub(crate) async fn policy(ctx: &Ctx, policy: &Managed) -> Result<ManagedPolicyDetail> {
    let shown = policy.described(ctx).await?;
    let versions: Result<Vec<PolicyVersion>> = policy
        .versions()
        .iter()
        .rev()
        .map(Version::described)
        .collect();
    Ok(ManagedPolicyDetail {
        policy_name: shown.policy_name,
        policy_id: shown.policy_id,
        arn: shown.arn,
        path: shown.path,
        default_version_id: shown.default_version_id,
        attachment_count: shown.attachment_count,
        permissions_boundary_usage_count: shown.permissions_boundary_usage_count,
        is_attachable: shown.is_attachable,
        description: shown.description,
        create_date: shown.create_date,
        update_date: shown.update_date,
        policy_version_list: Some(versions?),
    })
}

fn inline(permissions: &Permissions) -> Result<Vec<PolicyDetail>> {
    let detail = |policy: &crate::permissions::InlinePolicy| {
        Ok(PolicyDetail {
            policy_name: Some(policy.name.clone()),
            policy_document: Some(percent_encoded(&policy.document)?),
        })
    };
    permissions.inline.iter().map(detail).collect()
}

/// AWS leaves the list of a user's inline policies out where there are none.
fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    Some(list).filter(|list| !list.is_empty())
}

fn attached(permissions: &Permissions) -> Vec<AttachedPolicy> {
    let policy = |arn: &String| AttachedPolicy {
        policy_name: Some(name_of(arn).to_owned()),
        policy_arn: Some(arn.clone()),
    };
    permissions.attached.iter().map(policy).collect()
}

fn time(millis: i64) -> Timestamp {
    Timestamp { millis }
}
