//! `sns:ListTopics`: lists the topics of the account.

use api::sns::{ListTopicsInput, ListTopicsResponse, Topic};
use platform::{Ctx, Result};
use store::Key;

use crate::names::TopicPlace;
use crate::topic::TopicRecord;
use crate::{access, page};

pub(crate) async fn list_topics(ctx: &Ctx, req: ListTopicsInput) -> Result<ListTopicsResponse> {
    access::everything(ctx, "sns:ListTopics").await?;
    let own = Key::new(ctx.account(), &ctx.region, [""; 0]);
    let rows = ctx.scan_all::<TopicRecord>(&own).await?;
    let arns = rows
        .iter()
        .map(|(_, topic)| TopicPlace::own(ctx, &topic.name).arn());
    let mut arns: Vec<String> = arns.collect();
    arns.sort();
    let (arns, next_token) = page::page(arns, req.next_token.as_deref())?;
    let topics = arns.into_iter().map(|arn| Topic {
        topic_arn: Some(arn),
    });
    Ok(ListTopicsResponse {
        topics: Some(topics.collect()),
        next_token,
    })
}
