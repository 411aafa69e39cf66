//! `iam:ListEntitiesForPolicy`: shows who holds a managed policy.

use api::iam::{
    EntityType, ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse, PolicyGroup,
    PolicyRole, PolicyUsageType, PolicyUser,
};
use platform::{Ctx, Result};

use crate::groups::GroupRecord;
use crate::page::{Wanted, page};
use crate::permissions::Permissions;
use crate::policies::target::{self, PolicyTarget};
use crate::roles::RoleRecord;
use crate::users::UserRecord;

/// Who holds the policy: a key that orders all kinds together, and what is shown.
type Entry = (String, Shown);

enum Shown {
    Group(PolicyGroup),
    User(PolicyUser),
    Role(PolicyRole),
}

pub(crate) async fn list_entities_for_policy(
    ctx: &Ctx,
    req: ListEntitiesForPolicyRequest,
) -> Result<ListEntitiesForPolicyResponse> {
    let permitted = PolicyTarget::named(ctx, req.policy_arn)
        .await?
        .permit(ctx, "iam:ListEntitiesForPolicy")
        .await?;
    let asked = Filter {
        arn: target::require(permitted)?.arn(),
        path_prefix: req.path_prefix.unwrap_or_else(|| "/".to_owned()),
        usage: req.policy_usage_filter,
    };
    let is_wanted = |kind| req.entity_filter.is_none_or(|wanted| wanted == kind);
    let mut entries = Vec::new();
    if is_wanted(EntityType::Group) {
        entries.extend(groups(ctx, &asked).await?);
    }
    if is_wanted(EntityType::User) {
        entries.extend(users(ctx, &asked).await?);
    }
    if is_wanted(EntityType::Role) {
        entries.extend(roles(ctx, &asked).await?);
    }
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = page(entries, |(key, _)| key, &wanted);
    let (mut groups, mut users, mut roles) = (Vec::new(), Vec::new(), Vec::new());
    for (_, shown) in paged.items {
        match shown {
            Shown::Group(group) => groups.push(group),
            Shown::User(user) => users.push(user),
            Shown::Role(role) => roles.push(role),
        }
    }
    Ok(ListEntitiesForPolicyResponse {
        policy_groups: Some(groups),
        policy_users: Some(users),
        policy_roles: Some(roles),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}

/// Which identities are asked for.
struct Filter {
    arn: String,
    path_prefix: String,
    usage: Option<PolicyUsageType>,
}

impl Filter {
    fn takes(&self, path: &str, permissions: &Permissions) -> bool {
        let attached = permissions.attached.contains(&self.arn);
        let boundary = permissions.boundary.as_ref() == Some(&self.arn);
        let holds = match self.usage {
            Some(PolicyUsageType::PermissionsPolicy) => attached,
            Some(PolicyUsageType::PermissionsBoundary) => boundary,
            None => attached || boundary,
        };
        holds && path.starts_with(&self.path_prefix)
    }
}

async fn groups(ctx: &Ctx, asked: &Filter) -> Result<Vec<Entry>> {
    let prefix = GroupRecord::prefix(ctx.account());
    let rows = ctx.scan_all::<GroupRecord>(&prefix).await?.into_iter();
    let held = rows.filter(|(_, group)| asked.takes(&group.path, &group.permissions));
    let entries = held.map(|(_, group)| {
        let shown = PolicyGroup {
            group_name: Some(group.name.clone()),
            group_id: Some(group.group_id.clone()),
        };
        (format!("group/{}", group.name), Shown::Group(shown))
    });
    Ok(entries.collect())
}

async fn users(ctx: &Ctx, asked: &Filter) -> Result<Vec<Entry>> {
    let prefix = UserRecord::prefix(ctx.account());
    let rows = ctx.scan_all::<UserRecord>(&prefix).await?.into_iter();
    let held = rows.filter(|(_, user)| asked.takes(&user.path, &user.permissions));
    let entries = held.map(|(_, user)| {
        let shown = PolicyUser {
            user_name: Some(user.name.clone()),
            user_id: Some(user.user_id.clone()),
        };
        (format!("user/{}", user.name), Shown::User(shown))
    });
    Ok(entries.collect())
}

async fn roles(ctx: &Ctx, asked: &Filter) -> Result<Vec<Entry>> {
    let prefix = RoleRecord::prefix(ctx.account());
    let rows = ctx.scan_all::<RoleRecord>(&prefix).await?.into_iter();
    let held = rows.filter(|(_, role)| asked.takes(&role.path, &role.permissions));
    let entries = held.map(|(_, role)| {
        let shown = PolicyRole {
            role_name: Some(role.name.clone()),
            role_id: Some(role.role_id.clone()),
        };
        (format!("role/{}", role.name), Shown::Role(shown))
    });
    Ok(entries.collect())
}
