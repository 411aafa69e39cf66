//! `iam:TagUser`: gives a user tags.

use api::iam::TagUserRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::tags::{self, Case};
use crate::target::Asked;
use crate::users::record::UserRecord;
use crate::users::subject::{self, Subject};

pub(crate) async fn tag_user(ctx: &Ctx, req: TagUserRequest) -> Result<Empty> {
    let tags = tags::pairs(req.tags);
    let asked = Asked {
        tags: &tags,
        ..Asked::default()
    };
    let permitted = Subject::named(ctx, req.user_name)
        .await?
        .permit_with(ctx, "iam:TagUser", &asked)
        .await?;
    let mut user = UserRecord::clone(&*subject::user(permitted)?);
    tags::add(Case::Ignored, &mut user.tags, tags)?;
    user.put(ctx).await;
    Ok(Empty)
}
