//! `ssm:UpdateServiceSetting`: changes a setting of the account.

use api::ssm::{UpdateServiceSettingRequest, UpdateServiceSettingResult};
use platform::{Ctx, Result};

use crate::setting;

pub(crate) async fn update_service_setting(
    ctx: &Ctx,
    req: UpdateServiceSettingRequest,
) -> Result<UpdateServiceSettingResult> {
    let known = setting::authorized(ctx, "ssm:UpdateServiceSetting", &req.setting_id).await?;
    known.set(ctx, &req.setting_value).await?;
    Ok(UpdateServiceSettingResult {})
}
