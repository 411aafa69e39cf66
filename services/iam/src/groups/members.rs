//! Who is in a group. That stands in the records of the users, where every decision needs it.

use std::sync::Arc;

use platform::{Ctx, Result};

use crate::groups::record::GroupRecord;
use crate::users::UserRecord;

/// Whether a user is in a group.
pub(crate) fn is_in(user: &UserRecord, group: &GroupRecord) -> bool {
    let mut groups = user.groups.iter();
    groups.any(|name| name.eq_ignore_ascii_case(&group.name))
}

/// The users in a group.
pub(crate) async fn of(ctx: &Ctx, group: &GroupRecord) -> Result<Vec<Arc<UserRecord>>> {
    let users = UserRecord::prefix(&group.account);
    let users = ctx.scan_all::<UserRecord>(&users).await?.into_iter();
    let users = users.map(|(_, user)| user);
    Ok(users.filter(|user| is_in(user, group)).collect())
}

/// Tells the users of a group what it is called now.
pub(crate) async fn rename_group(ctx: &Ctx, group: &GroupRecord, name: &str) -> Result<()> {
    let (old, new) = (group.name.to_ascii_lowercase(), name.to_ascii_lowercase());
    for user in of(ctx, group).await? {
        let mut user = UserRecord::clone(&user);
        for known in user.groups.iter_mut().filter(|known| **known == old) {
            known.clone_from(&new);
        }
        user.put(ctx).await;
    }
    Ok(())
}
