//! `sns:DeleteTopic`: deletes a topic with its subscriptions. One that is not there is no mistake.

use api::sns::DeleteTopicInput;
use platform::{Ctx, NoKeys, Result};
use wire::Empty;

use crate::access::{self, Tagging};
use crate::deduplication;
use crate::names::{SubscriptionPlace, TopicPlace};
use crate::subscription::SubscriptionRecord;
use crate::topic::TopicRecord;

pub(crate) async fn delete_topic(ctx: &Ctx, req: DeleteTopicInput) -> Result<Empty> {
    let place = match TopicPlace::asked(ctx, &req.topic_arn) {
        Ok(place) => place,
        Err(bad) => {
            access::everything(ctx, "sns:DeleteTopic").await?;
            return Err(bad.into());
        }
    };
    access::place_of(ctx, "sns:DeleteTopic", &place, Tagging::default(), &NoKeys).await?;
    for subscription in SubscriptionRecord::all(ctx, &place).await? {
        let place = SubscriptionPlace {
            topic: place.clone(),
            id: subscription.id.clone(),
        };
        subscription.delete(ctx, &place).await;
    }
    deduplication::forget(ctx, &place).await?;
    ctx.delete::<TopicRecord>(&place.key()).await;
    Ok(Empty)
}
