//! `iam:GetAccountAuthorizationDetails`: shows all users, groups, roles and managed policies of the
//! account, and how they belong together.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::iam::{
    EntityType, GetAccountAuthorizationDetailsRequest, GetAccountAuthorizationDetailsResponse,
};
use platform::{Ctx, Result};

use crate::aws_managed;
use crate::groups::GroupRecord;
use crate::page::{Wanted, page};
use crate::policies::Managed;
use crate::policies::{ManagedPolicyRecord, PolicyUse};
use crate::reports::{account_details, last_access, permit};
use crate::roles::RoleRecord;
use crate::users::UserRecord;

/// A thing with the key that orders all kinds together.
type Entry = (String, Thing);

enum Thing {
    User(Arc<UserRecord>),
    Group(Arc<GroupRecord>),
    Role(Arc<RoleRecord>),
    Policy(Managed),
}

pub(crate) async fn get_account_authorization_details(
    ctx: &Ctx,
    req: GetAccountAuthorizationDetailsRequest,
) -> Result<GetAccountAuthorizationDetailsResponse> {
    permit(ctx, "iam:GetAccountAuthorizationDetails").await?;

    let groups: Vec<Arc<GroupRecord>> = all(ctx, &GroupRecord::prefix(ctx.account())).await?;
    let entries = entries(ctx, &req.filter, &groups).await?;
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = page(entries, |(key, _)| key, &wanted);
    let mut shown = GetAccountAuthorizationDetailsResponse {
        user_detail_list: Some(Vec::new()),
        group_detail_list: Some(Vec::new()),
        role_detail_list: Some(Vec::new()),
        policies: Some(Vec::new()),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    };
    for (_, thing) in paged.items {
        match thing {
            Thing::User(user) => {
                let detail = account_details::user(&user, &names(&user, &groups))?;
                shown.user_detail_list.get_or_insert_default().push(detail);
            }
            Thing::Group(group) => {
                let detail = account_details::group(&group)?;
                shown.group_detail_list.get_or_insert_default().push(detail);
            }
            Thing::Role(role) => {
                let last = last_access::of_principal(ctx, &role.role_id).await?;
                let detail = account_details::role(ctx, &role, last.as_ref()).await?;
                shown.role_detail_list.get_or_insert_default().push(detail);
            }
            Thing::Policy(policy) => {
                let detail = account_details::policy(ctx, &policy).await?;
                shown.policies.get_or_insert_default().push(detail);
            }
        }
    }
    Ok(shown)
}

/// Everything that the filter takes; all of it without a filter.
async fn entries(
    ctx: &Ctx,
    filter: &[EntityType],
    groups: &[Arc<GroupRecord>],
) -> Result<Vec<Entry>> {
    let takes = |kind: EntityType| filter.is_empty() || filter.contains(&kind);
    let account = ctx.account();
    let mut entries: Vec<Entry> = Vec::new();
    if takes(EntityType::User) {
        let users = all::<UserRecord>(ctx, &UserRecord::prefix(account)).await?;
        entries.extend(
            users
                .into_iter()
                .map(|user| (format!("user/{}", user.name), Thing::User(user))),
        );
    }
    if takes(EntityType::Group) {
        let groups = groups.iter().map(Arc::clone);
        entries.extend(groups.map(|group| (format!("group/{}", group.name), Thing::Group(group))));
    }
    if takes(EntityType::Role) {
        let roles = all::<RoleRecord>(ctx, &RoleRecord::prefix(account)).await?;
        entries.extend(
            roles
                .into_iter()
                .map(|role| (format!("role/{}", role.name), Thing::Role(role))),
        );
    }
    let policy = |policy: Managed| (format!("policy/{}", policy.arn()), Thing::Policy(policy));
    if takes(EntityType::LocalManagedPolicy) {
        let prefix = ManagedPolicyRecord::prefix(account);
        let own = all::<ManagedPolicyRecord>(ctx, &prefix).await?;
        entries.extend(own.into_iter().map(|own| policy(Managed::Own(own))));
    }
    if takes(EntityType::AWSManagedPolicy) {
        for managed in aws_managed::all() {
            let used = PolicyUse::of(ctx, &managed.arn()).await?;
            if used.attachments > 0 || used.boundaries > 0 {
                entries.push(policy(Managed::Aws(managed)));
            }
        }
    }
    Ok(entries)
}

async fn all<R: store::Record>(ctx: &Ctx, prefix: &store::Key) -> Result<Vec<Arc<R>>> {
    let rows = ctx.scan_all::<R>(prefix).await?;
    Ok(rows.into_iter().map(|(_, record)| record).collect())
}

/// The names of a user's groups, in the case in which they were given.
fn names(user: &UserRecord, groups: &[Arc<GroupRecord>]) -> Vec<String> {
    let in_groups: BTreeSet<&str> = user.groups.iter().map(String::as_str).collect();
    let of_user = groups
        .iter()
        .filter(|group| in_groups.contains(group.name.to_ascii_lowercase().as_str()));
    of_user.map(|group| group.name.clone()).collect()
}
