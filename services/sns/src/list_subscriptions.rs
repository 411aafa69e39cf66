//! `sns:ListSubscriptions`: lists the subscriptions that the account owns.

use api::sns::{ListSubscriptionsInput, ListSubscriptionsResponse};
use platform::{Ctx, Result};
use store::Key;

use crate::names::SubscriptionPlace;
use crate::subscription::{OwnedRecord, SubscriptionRecord};
use crate::{access, page};

pub(crate) async fn list_subscriptions(
    ctx: &Ctx,
    req: ListSubscriptionsInput,
) -> Result<ListSubscriptionsResponse> {
    access::everything(ctx, "sns:ListSubscriptions").await?;
    let own = Key::new(ctx.account(), &ctx.region, [""; 0]);
    let rows = ctx.scan_all::<OwnedRecord>(&own).await?;
    let mut arns: Vec<String> = rows.iter().map(|(_, owned)| owned.arn.clone()).collect();
    arns.sort();
    let (arns, next_token) = page::page(arns, req.next_token.as_deref())?;
    let mut subscriptions = Vec::with_capacity(arns.len());
    for arn in arns {
        let place = SubscriptionPlace::asked(ctx, &arn)?;
        if let Some(found) = SubscriptionRecord::get(ctx, &place).await? {
            subscriptions.push(found.shown(&place));
        }
    }
    Ok(ListSubscriptionsResponse {
        subscriptions: Some(subscriptions),
        next_token,
    })
}
