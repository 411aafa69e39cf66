//! `sns:ListSubscriptionsByTopic`: lists the subscriptions of a topic.

use api::sns::{ListSubscriptionsByTopicInput, ListSubscriptionsByTopicResponse};
use platform::{Ctx, Result};

use crate::names::SubscriptionPlace;
use crate::subscription::SubscriptionRecord;
use crate::{access, page};

pub(crate) async fn list_subscriptions_by_topic(
    ctx: &Ctx,
    req: ListSubscriptionsByTopicInput,
) -> Result<ListSubscriptionsByTopicResponse> {
    let topic = access::topic(ctx, "sns:ListSubscriptionsByTopic", &req.topic_arn).await?;
    let all = SubscriptionRecord::all(ctx, &topic.place).await?;
    let mut ids: Vec<String> = all.iter().map(|one| one.id.clone()).collect();
    ids.sort();
    let (ids, next_token) = page::page(ids, req.next_token.as_deref())?;
    let mut subscriptions = Vec::with_capacity(ids.len());
    for id in ids {
        let place = SubscriptionPlace {
            topic: topic.place.clone(),
            id,
        };
        if let Some(found) = SubscriptionRecord::get(ctx, &place).await? {
            subscriptions.push(found.shown(&place));
        }
    }
    Ok(ListSubscriptionsByTopicResponse {
        subscriptions: Some(subscriptions),
        next_token,
    })
}
