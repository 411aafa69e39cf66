//! `iam:GetLoginProfile`: tells whether a user has a password.

use api::iam::{GetLoginProfileRequest, GetLoginProfileResponse};
use platform::{Ctx, Result};

use crate::credentials::{Holding, named_or_member_root};
use crate::login_profiles::record;

pub(crate) async fn get_login_profile(
    ctx: &Ctx,
    req: GetLoginProfileRequest,
) -> Result<GetLoginProfileResponse> {
    let subject = named_or_member_root(ctx, req.user_name).await?;
    let permitted = subject.permit(ctx, "iam:GetLoginProfile").await?;
    let holding = Holding::of(ctx, permitted).await?;
    let profile = record::require(&holding)?;
    Ok(GetLoginProfileResponse {
        login_profile: Some(profile.shown(holding.user_name())),
    })
}
