//! `sns:Unsubscribe`: ends a subscription. One that is not there is no mistake.

use api::sns::UnsubscribeInput;
use platform::{Ctx, Result};
use wire::Empty;

use crate::one_subscription;

pub(crate) async fn unsubscribe(ctx: &Ctx, req: UnsubscribeInput) -> Result<Empty> {
    let arn = &req.subscription_arn;
    let (place, found) = one_subscription::find(ctx, "sns:Unsubscribe", arn).await?;
    if let Some(found) = found {
        found.delete(ctx, &place).await;
    }
    Ok(Empty)
}
