//! `lambda:GetAccountSettings`: shows the limits of the account, and what of them is used.

use api::lambda::{
    AccountLimit, AccountUsage, GetAccountSettingsRequest, GetAccountSettingsResponse,
};
use functions::package::MAX_UNZIPPED;
use platform::{Ctx, Result};
use store::Key;

use crate::function::FunctionRecord;
use crate::{access, code, concurrency};

pub(crate) async fn get_account_settings(
    ctx: &Ctx,
    _: GetAccountSettingsRequest,
) -> Result<GetAccountSettingsResponse> {
    access::everything(ctx, "lambda:GetAccountSettings").await?;
    let (account, region) = (ctx.account(), ctx.region.as_str());
    let limit = concurrency::limit(ctx, account, region).await?;
    let reserved = concurrency::reserved(ctx, (account, region), "").await?;
    let stored = code::stored(ctx, account, region).await?;
    let most = code::storage_limit(ctx, account, region).await?;
    let own = Key::new(account, region, [""; 0]);
    let functions = ctx.scan_all::<FunctionRecord>(&own).await?.len();
    Ok(GetAccountSettingsResponse {
        account_limit: Some(AccountLimit {
            total_code_size: i64::try_from(most).ok(),
            code_size_unzipped: i64::try_from(MAX_UNZIPPED).ok(),
            code_size_zipped: i64::try_from(code::MOST_ZIPPED).ok(),
            concurrent_executions: i32::try_from(limit).ok(),
            unreserved_concurrent_executions: i32::try_from(limit.saturating_sub(reserved)).ok(),
        }),
        account_usage: Some(AccountUsage {
            total_code_size: i64::try_from(stored).ok(),
            function_count: i64::try_from(functions).ok(),
        }),
    })
}
