//! `organizations:CreateGovCloudAccount`: refused, as AWS does where the management account has no
//! associated account in AWS GovCloud (US).

use api::organizations::{CreateGovCloudAccountRequest, CreateGovCloudAccountResponse};
use platform::{Ctx, Result};

use crate::access::{About, Reach, permit};
use crate::{refusals, tags};

pub(crate) async fn create_gov_cloud_account(
    ctx: &Ctx,
    req: CreateGovCloudAccountRequest,
) -> Result<CreateGovCloudAccountResponse> {
    let tags = tags::pairs(req.tags);
    let about = About {
        tags: &tags,
        ..About::everything()
    };
    let action = "organizations:CreateGovCloudAccount";
    permit(ctx, action, Reach::Management, about).await?;
    Err(refusals::constraint(
        "MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED",
        "To complete this operation, the management account must have an associated account in \
         the AWS GovCloud (US-West) Region.",
    ))
}
