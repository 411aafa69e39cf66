//! `iam:PutUserPolicy`: adds or replaces an inline policy of a user.

use api::iam::{LimitExceededException, MalformedPolicyDocumentException, PutUserPolicyRequest};
use platform::{Ctx, Result};
use policy::limits::USER_INLINE_CHARACTERS;
use policy::{Policy, PolicyKind};
use wire::Empty;

use crate::users::record::UserRecord;
use crate::users::subject::{self, Subject};

pub(crate) async fn put_user_policy(ctx: &Ctx, req: PutUserPolicyRequest) -> Result<Empty> {
    let permitted = Subject::named(ctx, req.user_name)
        .await?
        .permit(ctx, "iam:PutUserPolicy")
        .await?;
    if let Err(malformed) = Policy::parse(&req.policy_document, PolicyKind::Identity) {
        return Err(MalformedPolicyDocumentException::new(malformed.to_string()).into());
    }

    let mut user = UserRecord::clone(&*subject::user(permitted)?);
    user.permissions
        .put_inline(req.policy_name, req.policy_document);
    check_size(&user)?;
    user.put(ctx).await;
    Ok(Empty)
}

/// All inline policies of a user share one limit, which does not count white space ("IAM and AWS
/// STS quotas").
fn check_size(user: &UserRecord) -> Result<()> {
    if user.permissions.inline_characters() <= USER_INLINE_CHARACTERS {
        return Ok(());
    }
    let name = &user.name;
    let message =
        format!("Maximum policy size of {USER_INLINE_CHARACTERS} bytes exceeded for user {name}");
    Err(LimitExceededException::new(message).into())
}
