//! `iam:DeleteLoginProfile`: takes a user's password away.

use api::iam::DeleteLoginProfileRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::credentials::{Holding, named_or_member_root};
use crate::login_profiles::record;

pub(crate) async fn delete_login_profile(
    ctx: &Ctx,
    req: DeleteLoginProfileRequest,
) -> Result<Empty> {
    let subject = named_or_member_root(ctx, req.user_name).await?;
    let permitted = subject.permit(ctx, "iam:DeleteLoginProfile").await?;
    let mut holding = Holding::of(ctx, permitted).await?;
    record::require(&holding)?;
    holding.record.login = None;
    holding.record.put(ctx).await;
    Ok(Empty)
}
