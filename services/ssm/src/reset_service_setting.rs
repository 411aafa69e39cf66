//! `ssm:ResetServiceSetting`: gives a setting of the account AWS's value again.

use api::ssm::{ResetServiceSettingRequest, ResetServiceSettingResult};
use platform::{Ctx, Result};

use crate::setting;

pub(crate) async fn reset_service_setting(
    ctx: &Ctx,
    req: ResetServiceSettingRequest,
) -> Result<ResetServiceSettingResult> {
    let known = setting::authorized(ctx, "ssm:ResetServiceSetting", &req.setting_id).await?;
    known.reset(ctx).await?;
    Ok(ResetServiceSettingResult {
        service_setting: Some(known.shown(ctx).await?),
    })
}
