//! `iam:PutUserPolicy`: adds or replaces an inline policy of a user.

use api::iam::{LimitExceededException, MalformedPolicyDocumentException, PutUserPolicyRequest};
use platform::{Ctx, Result};
use policy::limits::{USER_INLINE_CHARACTERS, significant_length};
use policy::{Policy, PolicyKind};
use wire::Empty;

use crate::subject::{self, Subject};
use crate::user::{InlinePolicy, UserRecord};

pub(crate) async fn put_user_policy(ctx: &Ctx, req: PutUserPolicyRequest) -> Result<Empty> {
    let permitted = Subject::named(ctx, req.user_name)
        .await?
        .permit(ctx, "iam:PutUserPolicy")
        .await?;
    if let Err(malformed) = Policy::parse(&req.policy_document, PolicyKind::Identity) {
        return Err(MalformedPolicyDocumentException::new(malformed.to_string()).into());
    }

    let mut user = UserRecord::clone(&*subject::user(permitted)?);
    let policy = InlinePolicy {
        name: req.policy_name,
        document: req.policy_document,
    };
    let index = user.policy_index(&policy.name);
    match index.and_then(|index| user.policies.get_mut(index)) {
        // A policy keeps the case of the name under which it was made.
        Some(replaced) => replaced.document = policy.document,
        None => user.policies.push(policy),
    }
    check_size(&user)?;
    user.put(ctx).await;
    Ok(Empty)
}

/// All inline policies of a user share one limit, which does not count white space ("IAM and AWS
/// STS quotas").
fn check_size(user: &UserRecord) -> Result<()> {
    let sizes = user
        .policies
        .iter()
        .map(|policy| significant_length(&policy.document));
    if sizes.sum::<usize>() <= USER_INLINE_CHARACTERS {
        return Ok(());
    }
    let name = &user.name;
    let message =
        format!("Maximum policy size of {USER_INLINE_CHARACTERS} bytes exceeded for user {name}");
    Err(LimitExceededException::new(message).into())
}
