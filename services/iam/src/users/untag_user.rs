//! `iam:UntagUser`: takes tags of a user away.

use api::iam::UntagUserRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::tags::{self, Case};
use crate::target::Asked;
use crate::users::record::UserRecord;
use crate::users::subject::{self, Subject};

pub(crate) async fn untag_user(ctx: &Ctx, req: UntagUserRequest) -> Result<Empty> {
    let asked = Asked {
        tag_keys: &req.tag_keys,
        ..Asked::default()
    };
    let permitted = Subject::named(ctx, req.user_name)
        .await?
        .permit_with(ctx, "iam:UntagUser", &asked)
        .await?;
    let mut user = UserRecord::clone(&*subject::user(permitted)?);
    tags::remove(Case::Ignored, &mut user.tags, &req.tag_keys);
    user.put(ctx).await;
    Ok(Empty)
}
