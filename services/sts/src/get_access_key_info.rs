//! `sts:GetAccessKeyInfo`: the account that an access key belongs to.

use api::sts::{GetAccessKeyInfoRequest, GetAccessKeyInfoResponse};
use platform::{Ctx, Everything, Result, validation};

pub(crate) async fn get_access_key_info(
    ctx: &Ctx,
    request: GetAccessKeyInfoRequest,
) -> Result<GetAccessKeyInfoResponse> {
    let account = ctx.account().to_owned();
    let everything = Everything { account };
    let access = ctx.authorize("sts:GetAccessKeyInfo", everything);
    access.decide().await?;
    let found = ctx.account_of_key(&request.access_key_id).await?;
    let absent = || validation("The specified value for AccessKeyId is invalid.");
    Ok(GetAccessKeyInfoResponse {
        account: Some(found.ok_or_else(absent)?),
    })
}
