//! `iam:ChangePassword`: a user changes its own password, knowing the one before.

use api::iam::{ChangePasswordRequest, InvalidUserTypeException};
use platform::{CallerKind, Ctx, Error, Result};
use wire::{Common, Empty, Fault};

use crate::credentials::Holding;
use crate::login_profiles::record;
use crate::password_policy::record::PasswordPolicyRecord;
use crate::users::subject::Subject;

pub(crate) async fn change_password(ctx: &Ctx, req: ChangePasswordRequest) -> Result<Empty> {
    let CallerKind::User { name } = &ctx.caller.kind else {
        let message = "Only IAM Users can change their own password";
        return Err(InvalidUserTypeException::new(message).into());
    };
    let subject = Subject::named(ctx, name.clone()).await?;
    let given = PasswordPolicyRecord::for_users(ctx).await?;
    let permitted = subject.permit_given(ctx, "iam:ChangePassword", given);
    let permitted = permitted.await?;
    let mut holding = Holding::of(ctx, permitted).await?;
    let mut profile = record::require(&holding)?;
    if !profile.is_password(ctx, req.old_password).await? {
        let message = "The old password was incorrect.";
        return Err(Error::Fault(Fault::common(Common::AccessDenied, message)));
    }
    profile.set_password(ctx, req.new_password).await?;
    profile.reset_required = false;
    holding.record.login = Some(profile);
    holding.record.put(ctx).await;
    Ok(Empty)
}
