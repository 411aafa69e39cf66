//! `iam:UpdateLoginProfile`: gives a user another password, or asks it to choose one.

use api::iam::UpdateLoginProfileRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::credentials::Holding;
use crate::login_profiles::record;
use crate::users::subject::Subject;

pub(crate) async fn update_login_profile(
    ctx: &Ctx,
    req: UpdateLoginProfileRequest,
) -> Result<Empty> {
    let subject = Subject::named(ctx, req.user_name).await?;
    let permitted = subject.permit(ctx, "iam:UpdateLoginProfile").await?;
    let mut holding = Holding::of(ctx, permitted).await?;
    let mut profile = record::require(&holding)?;
    profile.reset_required = req.password_reset_required;
    if let Some(password) = req.password {
        profile.set_password(ctx, password).await?;
    }
    holding.record.login = Some(profile);
    holding.record.put(ctx).await;
    Ok(Empty)
}
