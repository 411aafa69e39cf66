//! `ssm:GetServiceSetting`: a setting of the account.

use api::ssm::{GetServiceSettingRequest, GetServiceSettingResult};
use platform::{Ctx, Result};

use crate::setting;

pub(crate) async fn get_service_setting(
    ctx: &Ctx,
    req: GetServiceSettingRequest,
) -> Result<GetServiceSettingResult> {
    let known = setting::authorized(ctx, "ssm:GetServiceSetting", &req.setting_id).await?;
    Ok(GetServiceSettingResult {
        service_setting: Some(known.shown(ctx).await?),
    })
}
