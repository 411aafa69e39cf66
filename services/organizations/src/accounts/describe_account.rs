//! `organizations:DescribeAccount`: shows an account of the organization.

use api::organizations::{DescribeAccountRequest, DescribeAccountResponse};
use platform::{Ctx, Result};

use crate::access::{About, Reach, permit};
use crate::accounts::known;

pub(crate) async fn describe_account(
    ctx: &Ctx,
    req: DescribeAccountRequest,
) -> Result<DescribeAccountResponse> {
    let about = About::id(&req.account_id);
    let permitted = permit(ctx, "organizations:DescribeAccount", Reach::Reader, about).await?;
    let account = known::shown(ctx, permitted.organization(), &req.account_id).await?;
    Ok(DescribeAccountResponse {
        account: Some(account),
    })
}
