//! `iam:UpdateUser`: gives a user another name or path.

use api::iam::UpdateUserRequest;
use platform::{Ctx, Error, Result};
use wire::Empty;

use crate::access_keys::record::{AccessKeyRecord, Owner};
use crate::target::Place;
use crate::users::record::{self, UserRecord};
use crate::users::subject::{self, Subject};

pub(crate) async fn update_user(ctx: &Ctx, req: UpdateUserRequest) -> Result<Empty> {
    let subject = Subject::named(ctx, req.user_name.clone()).await?;
    // The permission covers what the user is and what it becomes; without the latter, whoever may
    // rename one user could put it in the place of another.
    let path = req.new_path.as_deref();
    let path = path.or(subject.path()).unwrap_or("/");
    let name = req.new_user_name.as_deref().unwrap_or(&req.user_name);
    let becoming = Place::new(ctx, record::arn(ctx.account(), path, name));
    let permitted = subject.permit(ctx, "iam:UpdateUser").await?;
    ctx.authorize("iam:UpdateUser", becoming).decide().await?;

    let user = subject::user(permitted)?;
    let name = req.new_user_name.unwrap_or_else(|| user.name.clone());
    if !name.eq_ignore_ascii_case(&user.name) {
        record::check_free(ctx, &name).await?;
    }
    let renamed = UserRecord {
        name,
        path: req.new_path.unwrap_or_else(|| user.path.clone()),
        ..UserRecord::clone(&user)
    };
    own_again(ctx, &renamed).await?;
    // Groups are named by their users and not the other way round, so they stay as they are.
    ctx.delete::<UserRecord>(&UserRecord::key(&user.account, &user.name))
        .await;
    renamed.put_named(ctx).await;
    Ok(Empty)
}

/// Tells everything that remembers its user by name what the user is called now.
async fn own_again(ctx: &Ctx, user: &UserRecord) -> Result<()> {
    for id in &user.access_keys {
        let key = ctx
            .get::<AccessKeyRecord>(&AccessKeyRecord::key(id))
            .await?;
        let key = key.ok_or_else(|| Error::dangling("an access key"))?;
        let mut owned = AccessKeyRecord::clone(&key);
        owned.owner = Owner::user(user);
        owned.put(ctx).await;
    }
    Ok(())
}
