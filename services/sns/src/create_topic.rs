//! `sns:CreateTopic`: makes a topic, or finds the one that there is.

use api::sns::{CreateTopicInput, CreateTopicResponse};
use platform::{Ctx, NoKeys, Result};

use crate::access::{self, Tagging};
use crate::names::{self, TopicPlace};
use crate::topic::TopicRecord;
use crate::{emptying, refusals, tags};

pub(crate) async fn create_topic(ctx: &Ctx, req: CreateTopicInput) -> Result<CreateTopicResponse> {
    let place = TopicPlace::own(ctx, &req.name);
    let new_tags: Vec<_> = req
        .tags
        .into_iter()
        .map(|tag| (tag.key, tag.value))
        .collect();
    let tagging = Tagging {
        tags: &new_tags,
        keys: &[],
    };
    let known = access::place_of(ctx, "sns:CreateTopic", &place, tagging, &NoKeys).await?;
    if !new_tags.is_empty() {
        access::place_of(ctx, "sns:TagResource", &place, tagging, &NoKeys).await?;
    }
    if req.data_protection_policy.is_some() {
        return Err(refusals::unsupported("DataProtectionPolicy").into());
    }
    let mut record = TopicRecord::new(&place);
    let mut given = req.attributes.0;
    if let Some(at) = given.iter().position(|(name, _)| name == "FifoTopic") {
        let (_, value) = given.swap_remove(at);
        match value.as_str() {
            "true" => drop(record.settings.insert("FifoTopic".to_owned(), value)),
            "false" => {}
            _ => return Err(refusals::bad("Attributes FifoTopic").into()),
        }
    }
    names::check_name(&place.name, record.is_fifo())?;
    for (name, value) in &given {
        record.set(ctx, name, value).await?;
    }
    tags::merge(&mut record.tags, new_tags)?;
    let answer = CreateTopicResponse {
        topic_arn: Some(place.arn()),
    };
    let Some(known) = known else {
        if emptying::is_under_way(ctx, &place).await? {
            // Clients try again, and find the name free.
            return Err(refusals::throttled().into());
        }
        ctx.put(place.key(), record).await;
        return Ok(answer);
    };
    let has_other = record
        .settings
        .iter()
        .any(|(name, value)| known.settings.get(name) != Some(value));
    if has_other {
        return Err(refusals::bad_because(
            "Attributes",
            "Topic already exists with different attributes",
        )
        .into());
    }
    match !record.tags.is_empty() && record.tags != known.tags {
        true => {
            Err(refusals::bad_because("Tags", "Topic already exists with different tags").into())
        }
        false => Ok(answer),
    }
}
