//! `organizations:DescribeCreateAccountStatus`: shows how a request to make an account ended.

use api::organizations::{
    CreateAccountStatusNotFoundException, DescribeCreateAccountStatusRequest,
    DescribeCreateAccountStatusResponse,
};
use platform::{Ctx, Result};

use crate::access::{About, Reach, permit};
use crate::accounts::status::CreateAccountRecord;

pub(crate) async fn describe_create_account_status(
    ctx: &Ctx,
    req: DescribeCreateAccountStatusRequest,
) -> Result<DescribeCreateAccountStatusResponse> {
    let action = "organizations:DescribeCreateAccountStatus";
    let permitted = permit(ctx, action, Reach::Reader, About::everything()).await?;
    let organization = permitted.organization();
    let id = &req.create_account_request_id;
    let request = CreateAccountRecord::find(ctx, organization, id).await?;
    let request = request.ok_or_else(|| {
        let message = "You specified a create account request that doesn't exist.";
        CreateAccountStatusNotFoundException::new(message)
    })?;
    Ok(DescribeCreateAccountStatusResponse {
        create_account_status: Some(request.shown()),
    })
}
