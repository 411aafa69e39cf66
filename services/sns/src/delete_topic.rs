//! `sns:DeleteTopic`: deletes a topic with its subscriptions. One that is not there is no mistake.

use api::sns::DeleteTopicInput;
use platform::{Ctx, NoKeys, Result};
use wire::Empty;

use crate::access::{self, Tagging};
use crate::emptying;
use crate::names::TopicPlace;
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
    // Whoever deletes again what is being emptied is not to set off the same work again.
    if !emptying::is_under_way(ctx, &place).await? {
        emptying::begin(ctx, &place).await?;
    }
    ctx.delete::<TopicRecord>(&place.key()).await;
    Ok(Empty)
}
