//! `iam:CreateLoginProfile`: gives a user a password.

use api::iam::{
    CreateLoginProfileRequest, CreateLoginProfileResponse, EntityAlreadyExistsException,
};
use platform::{Ctx, Result, validation};

use crate::credentials::{Holding, named_or_member_root};
use crate::login_profiles::record::LoginProfileState;

pub(crate) async fn create_login_profile(
    ctx: &Ctx,
    req: CreateLoginProfileRequest,
) -> Result<CreateLoginProfileResponse> {
    let subject = named_or_member_root(ctx, req.user_name).await?;
    let permitted = subject.permit(ctx, "iam:CreateLoginProfile").await?;
    let mut holding = Holding::of(ctx, permitted).await?;
    if holding.record.login.is_some() {
        let name = holding.user_name().unwrap_or_else(|| "root".to_owned());
        let message = format!("Login Profile for user {name} already exists.");
        return Err(EntityAlreadyExistsException::new(message).into());
    }

    let mut profile = LoginProfileState::without_password(ctx);
    match (holding.user.is_some(), req.password) {
        (true, Some(password)) => {
            profile.reset_required = req.password_reset_required;
            profile.set_password(ctx, password).await?;
        }
        // The root user of a member account chooses its password itself.
        (false, None) => {}
        (true, None) => return Err(validation("A password is required.")),
        (false, Some(_)) => {
            let message = "A password cannot be given for the root user of a member account.";
            return Err(validation(message));
        }
    }
    let shown = profile.shown(holding.user_name());
    holding.record.login = Some(profile);
    holding.record.put(ctx).await;
    Ok(CreateLoginProfileResponse {
        login_profile: Some(shown),
    })
}
