//! `iam:PutUserPolicy`: adds or replaces an inline policy of a user.

use api::iam::PutUserPolicyRequest;
use platform::{Ctx, Result};
use policy::Version;
use wire::Empty;

use crate::inline_policies;
use crate::permissions::Holding;
use crate::users::record::UserRecord;
use crate::users::subject::{self, Subject};

pub(crate) async fn put_user_policy(ctx: &Ctx, req: PutUserPolicyRequest) -> Result<Empty> {
    let permitted = Subject::named(ctx, req.user_name)
        .await?
        .permit(ctx, "iam:PutUserPolicy")
        .await?;
    let mut user = UserRecord::clone(&*subject::user(permitted)?);
    inline_policies::check_document(&req.policy_document, Version::V2008)?;
    inline_policies::put(
        &mut user.permissions,
        (Holding::User, &user.name),
        req.policy_name,
        req.policy_document,
    )?;
    user.put(ctx).await;
    Ok(Empty)
}
